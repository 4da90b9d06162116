/* Drives a fuzz target without libFuzzer: runs it once over each file named and each file below each directory named,
 * so that corpora are replayed by any compiler in every `make check`. Arguments that begin with '-' are libFuzzer's
 * and mean nothing here. The bytes lie in a block of exactly their size, so that AddressSanitizer sees a read past
 * them. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long n_run, n_unreadable;

static void unreadable(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	n_unreadable++;
}

/* The whole file in a block of its own; NULL with errno when it cannot be read. */
static uint8_t *slurp(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;

	if (!file)
		return NULL;
	bytes = malloc(size ? size : 1);
	if (bytes && fread(bytes, 1, size, file) != size) {
		free(bytes);
		bytes = NULL;
		errno = EIO;
	}
	fclose(file);
	return bytes;
}

static void replay_file(const char *path, size_t size)
{
	uint8_t *bytes = slurp(path, size);

	if (!bytes) {
		unreadable(path);
		return;
	}
	/* Said before: a crash is then the last name's. */
	fprintf(stderr, "running %s (%zu bytes)\n", path, size);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	n_run++;
}

static void replay(const char *path)
{
	struct dirent **entries;
	struct stat status;
	int count;

	if (stat(path, &status)) {
		unreadable(path);
		return;
	}
	if (!S_ISDIR(status.st_mode)) {
		replay_file(path, (size_t)status.st_size);
		return;
	}
	count = scandir(path, &entries, NULL, alphasort);
	if (count < 0) {
		unreadable(path);
		return;
	}
	for (int i = 0; i < count; i++) {
		char *inner = NULL;

		if (entries[i]->d_name[0] != '.') {
			if (asprintf(&inner, "%s/%s", path, entries[i]->d_name) < 0)
				abort();
			replay(inner);
			free(inner);
		}
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			replay(argv[i]);
	}
	fprintf(stderr, "%lu inputs replayed, %lu unreadable\n", n_run, n_unreadable);
	return n_unreadable ? 1 : 0;
}
