/* The output of -o. A slip of the fingers names the capture there, and nobody can record last night again: the file is
 * checked before anything is read, and overwritten only when the first line of the report is there. */
#include "output.h"

#include "analyze.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same(const struct stat *output, const char *path)
{
	struct stat input;

	if ((strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &input) : stat(path, &input)) < 0)
		return false;
	return input.st_dev == output->st_dev && input.st_ino == output->st_ino;
}

static int check(int fd, const struct options *options, struct fl_error *reterr)
{
	struct stat kind;

	if (fstat(fd, &kind) < 0) {
		fl_error_set(reterr, options->output, 0, "cannot be written: %s", strerror(errno));
		return -1;
	}
	for (size_t i = 0; S_ISREG(kind.st_mode) && i < options->n_args; i++) {
		if (is_same(&kind, options->args[i])) {
			fl_error_set(reterr, options->output, 0,
			             "is one of the captures: the report would overwrite it");
			return -1;
		}
	}
	return 0;
}

int output_open(struct output *output, const struct options *options, struct fl_error *reterr)
{
	int fd;

	*output = (struct output){ .path = options->output, .file = stdout };
	if (!options->output)
		return 0;
	fd = open(options->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
	output->is_new = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(options->output, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		fl_error_set(reterr, options->output, 0, "cannot be written: %s", strerror(errno));
		return -1;
	}
	if (check(fd, options, reterr)) {
		close(fd);
		return -1;
	}
	output->file = fdopen(fd, "w");
	if (output->file)
		return 0;
	fl_error_set(reterr, options->output, 0, "cannot be written: %s", strerror(errno));
	close(fd);
	return -1;
}

FILE *output_begin(struct output *output)
{
	struct stat kind;

	if (output->path && fstat(fileno(output->file), &kind) == 0 && S_ISREG(kind.st_mode) &&
	    ftruncate(fileno(output->file), 0) < 0) {
		fprintf(stderr, "flatline: %s: cannot be written: %s\n", output->path, strerror(errno));
		return NULL;
	}
	output->is_begun = true;
	return output->file;
}

int output_close(struct output *output, struct fl_error *reterr)
{
	if (!output->path)
		return 0;
	if (fclose(output->file) != 0) {
		fl_error_set(reterr, output->path, 0, "%s", strerror(errno));
		return -1;
	}
	if (output->is_new && !output->is_begun)
		unlink(output->path);
	return 0;
}

int output_write(const struct options *options, output_writer *write, void *context)
{
	struct output output;
	struct fl_error error;
	FILE *file;
	int problem;

	if (output_open(&output, options, &error)) {
		complain(&error);
		return EXIT_USAGE;
	}
	file = output_begin(&output);
	if (!file)
		return EXIT_INPUT;
	problem = write(file, context, &error);
	if (problem)
		(void)output_close(&output, NULL);
	else
		problem = output_close(&output, &error);
	if (problem)
		complain(&error);
	return problem ? EXIT_INPUT : EXIT_DONE;
}
