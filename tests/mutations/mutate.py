#!/usr/bin/env python3
"""Are the tests awake? Changes one comparison, boolean operator or constant at a time in what decides (the detectors, the
classifier and its books, the judge's rules), and runs the fast tests: the unit tests and, when all of them pass,
tests/golden/captures.sh. A change that no test notices survived; survivors.tsv says of each of those why it is none. A
survivor that is not there is a test to be written, and exit status 1; so is an entry there that explains nothing.

usage: mutate.py [--all] [--each N] [--file FILE]... [--limit N] [--seed N] [--jobs N] [--list]

Without --all, --file or --limit a few changes in each file are tried, chosen by the seed; with --file all of that file's.
The tree is copied and built aside with sanitizers, so that a step beyond an array is noticed, too; compiler and libraries
are those of the build in FLATLINE_BUILD. `make mutations MUTATIONS='--limit 20'` runs it there."""
import argparse, collections, concurrent.futures, csv, os, pathlib, queue, random, re, shutil, signal, subprocess, sys
import tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
SURVIVORS = HERE / 'survivors.tsv'
FILES = (['src/detect/*.c'] +
         [f'src/message/{name}.c' for name in ('turns', 'beats', 'session', 'pattern', 'profile')] +
         [f'src/tcp/{name}.c' for name in ('classify', 'series', 'holes', 'under_way', 'copies', 'life', 'track', 'ending')] +
         [f'src/judge/{name}.c' for name in ('fold', 'rules', 'rules_application', 'rules_path', 'rules_connect',
                                             'rules_end', 'well', 'knobs',
                                             'knobs_probes', 'outages', 'silences', 'time_wait', 'vantage')])
EACH = 2  # of the default selection, in each file; --each says otherwise
COPIED = ('src', 'include', 'tests/unit', 'tests/golden', 'tests/parity/clauses', 'captures')

# What a unit test includes that reaches the rooms of FILES; the walls between the rooms keep the others from it.
REACHES = re.compile(r'"(?:script|account|verdicts)\.h"|"(?:flatline/)?(?:tcp|message|detect|judge|report|engine|run|cli)[./]')

SWAPS = {'<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==', '&&': '||', '||': '&&'}
TOKEN = re.compile(r'''
    (?P<skip>   /\*.*?\*/ | //[^\n]* | ^[ \t]*\#(?:\\\n|[^\n])* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | \s+ )
  | (?P<number> (?:0[xX][0-9a-fA-F]+|\d+)[uUlL]* )
  | (?P<word>   [A-Za-z_]\w* )
  | (?P<other>  -> | <<=? | >>=? | [<>=!]= | && | \|\| | . )''', re.X | re.S | re.M)


class Mutation:
    """One change: of the characters [at, end) of a file to `new`."""
    def __init__(self, file, text, at, end, new, kind):
        self.file, self.at, self.end, self.new, self.kind = file, at, end, new, kind
        start, stop = text.rfind('\n', 0, at) + 1, text.find('\n', end)
        self.line = text.count('\n', 0, at) + 1
        # What it is called in survivors.tsv: its line as it stands with the change in it, so that it may move.
        self.key = (text[start:at] + '{' + text[at:end] + ' to ' + (new or 'nothing') + '}' + text[end:stop]).strip()
        self.key = re.sub(r'\s+', ' ', self.key)

    def __str__(self):
        return f'{self.file}:{self.line}: {self.key}'


def mutations_of(file):
    """All of a file's, in its order. Constants only inside braces, and neither 0 nor 1: those are no thresholds; they are
    doubled, since one more may be hidden behind any test's round numbers."""
    text, found, depth, before = (SOURCE / file).read_text(), [], 0, ''
    for match in TOKEN.finditer(text):
        token, kind = match.group(), match.lastgroup
        if kind == 'skip':
            continue
        depth += (token == '{') - (token == '}')
        if token in SWAPS:
            found.append(Mutation(file, text, *match.span(), SWAPS[token], 'boolean' if token in '&&||' else 'comparison'))
        elif token == '!' and before != '!' and text[match.end()] != '!':
            found.append(Mutation(file, text, *match.span(), '', 'boolean'))
        elif kind == 'number' and depth > 0 and before != '[':
            digits = token.rstrip('uUlL')
            value = int(digits, 16 if digits[:2] in ('0x', '0X') else 10)
            if value > 1:
                found.append(Mutation(file, text, *match.span(), f'{2 * value}{token[len(digits):]}', 'constant'))
        before = token
    return found


def files_of(options):
    if options.file:
        return [str(pathlib.Path(name)) for name in options.file]
    return [str(path.relative_to(SOURCE)) for pattern in FILES for path in sorted(SOURCE.glob(pattern))]


def chosen(options):
    """The mutations to try, by file and place."""
    found = []
    for file in files_of(options):
        all_of_it = mutations_of(file)
        if not options.all and not options.file and options.limit is None:
            some = [mutation for mutation in all_of_it if mutation.kind != 'constant'] or all_of_it
            chance = random.Random(f'{options.seed} {file}')
            some = chance.sample(some, min(options.each, len(some)))
            all_of_it = sorted(some, key=lambda mutation: mutation.at)
        found += all_of_it
    if options.limit is not None and options.limit < len(found):
        picked = random.Random(options.seed).sample(range(len(found)), options.limit)
        found = [found[index] for index in sorted(picked)]
    return found


class Failure(Exception):
    """The machinery failed, not a test."""


class Build:
    """The library as a shared one, so that a mutation compiles one file and links once, and programs that find it in the folder
    of whoever runs them."""
    def __init__(self, bench, name, flags):
        self.bench, self.flags, self.folder = bench, flags, bench.scratch / name
        self.folder.mkdir()
        self.library = self.folder / 'libmutant.so'

    def compile(self, source, to, *more):
        command = [*self.bench.compiler, *self.bench.flags, *self.flags, *more, '-c', str(source), '-o', str(to)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def link(self, to, objects, *more):
        command = [*self.bench.compiler, *self.flags, '-o', str(to), *map(str, objects), *more, *self.bench.libraries]
        return subprocess.run(command, capture_output=True).returncode == 0

    def make(self, pool, programs, helpers=()):
        """The library, and the programs with their helpers."""
        def compiled(source):
            to = self.folder / (source.relative_to(self.bench.tree).as_posix().replace('/', '-') + '.o')
            return to if self.compile(source, to) else None
        main = self.bench.tree / 'src/cli/main.c'
        sources = [source for source in sorted(self.bench.tree.glob('src/*/*.c')) if source != main]
        everything = [*sources, *programs, *helpers]
        objects = dict(zip(everything, pool.map(compiled, everything)))
        for source in everything:
            if not objects[source]:
                raise Failure(f'{source} does not compile')
        self.parts = {source: objects[source] for source in sources}
        if not self.link(self.library, self.parts.values(), *self.shared()):
            raise Failure('the library does not link')
        def linked(source):
            helping = [objects[helper] for helper in helpers]
            return self.link(self.program(source), [objects[source], *helping], str(self.library))
        for source, done in zip(programs, pool.map(linked, programs)):
            if not done:
                raise Failure(f'{source} does not link')

    def shared(self):
        return '-shared', f'-Wl,-soname,{self.library.name}'  # without a name, programs would remember its path

    def program(self, source):
        return self.folder / source.stem

    def mutate(self, source, changed, folder):
        """The library with the file `changed` in place of `source`, in `folder`; or what does not take it."""
        part = folder / 'changed.o'
        if not self.compile(changed, part, f'-I{source.parent}'):  # private headers are found beside the source
            return 'the compiler'
        objects = [part if each == source else it for each, it in self.parts.items()]
        return None if self.link(folder / self.library.name, objects, *self.shared()) else 'the linker'


class Bench:
    """A copy of the tree, built twice: with sanitizers for the unit tests, and without for the golden captures, which start
    thousands of programs."""
    def __init__(self, scratch, pool):
        self.scratch = pathlib.Path(scratch)
        self.tree = self.scratch / 'tree'
        for folder in COPIED:
            shutil.copytree(SOURCE / folder, self.tree / folder)
        build = pathlib.Path(os.environ.get('FLATLINE_BUILD', '.'))
        if not (build / 'Makefile').exists():
            raise Failure(f'no build in {build}: run `make mutations` in one, or set FLATLINE_BUILD')
        shutil.copy(build / 'config.h', self.tree)
        shutil.copy(build / 'src/profiles/profiles.c', self.tree / 'src/profiles')
        settings = dict(re.findall(r'^(\w+) = *(.*)$', (build / 'Makefile').read_text(), re.M))
        self.compiler = settings['CC'].split()
        self.flags = ['-std=c11', '-w', '-O1', '-fPIC', '-include', str(self.tree / 'config.h'), f'-I{self.tree}/include',
                      f'-I{self.tree}/src']
        self.libraries = ['-pthread']
        for package in ('PCAP', 'JSON', 'XXHASH', 'ZLIB', 'ZSTD', 'CHECK'):
            self.flags += settings.get(f'{package}_CFLAGS', '').split()
            self.libraries += settings.get(f'{package}_LIBS', '').split()
        self.environment = {**os.environ, 'FLATLINE_SOURCE': str(self.tree), 'CK_DEFAULT_TIMEOUT': '60',
                            'ASAN_OPTIONS': 'detect_leaks=0', 'PYTHONDONTWRITEBYTECODE': '1', 'TZ': 'XST-05:45'}
        self.patience = {}
        self.strict = Build(self, 'strict', ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'])
        self.plain = Build(self, 'plain', [])
        units = sorted(self.tree.glob('tests/unit/*.c'))
        self.unit = [source for source in units if source.name.startswith('test_') and REACHES.search(source.read_text())]
        self.strict.make(pool, self.unit, [source for source in units if not source.name.startswith('test_')])
        self.flatline, self.prefix = self.tree / 'src/cli/main.c', self.tree / 'tests/golden/prefix.c'
        self.plain.make(pool, [self.flatline, self.prefix])

    def run(self, name, command, folder):
        """Whether a test passes. It ends at its first complaint, and when it takes far longer than it did at first."""
        environment = {**self.environment, 'LD_LIBRARY_PATH': str(folder)}
        began = time.monotonic()
        process = subprocess.Popen(list(map(str, command)), env=environment, cwd=folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        os.set_blocking(process.stdout.fileno(), False)
        said, passed = b'', None
        while passed is None:
            ended = process.poll()
            said += process.stdout.read() or b''
            if re.search(rb'^not ok', said, re.M) or time.monotonic() - began > self.patience.get(name, 600):
                passed = False
            elif ended is not None:
                passed = ended == 0
            else:
                time.sleep(0.005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)  # check then ends the test that hangs, which is a group of its own
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        self.said = said.decode(errors='replace')
        self.patience.setdefault(name, 15 + 10 * (time.monotonic() - began))
        return passed

    def unit_killer(self, folder, order):
        for source in order:
            if not self.run(source.stem, [self.strict.program(source)], folder):
                return source.stem
        return None

    def golden_killer(self, folder):
        golden = [sys.executable, self.tree / 'tests/golden/golden.py', self.plain.program(self.flatline),
                  self.plain.program(self.prefix), self.tree / 'captures']
        return None if self.run('captures.sh', golden, folder) else 'captures.sh'

    def killer(self, mutation, folder, order):
        """Which test notices the mutation, or None."""
        source = self.tree / mutation.file
        changed = folder / source.name
        text = source.read_text()
        changed.write_text(text[:mutation.at] + mutation.new + text[mutation.end:])
        return (self.strict.mutate(source, changed, folder) or self.unit_killer(folder, order) or
                self.plain.mutate(source, changed, folder) or self.golden_killer(folder))

    def order_for(self, file, kills):
        """Unit tests with those first that killed most in this file, and then in this room."""
        room = file.split('/')[1]
        return sorted(self.unit, key=lambda it: (-kills[file, it.stem], -kills[room, it.stem], it.stem))


def run_all(bench, mutations, jobs, pool):
    folders, kills, results = queue.Queue(), collections.Counter(), []
    for number in range(jobs):
        folder = bench.scratch / f'worker-{number}'
        folder.mkdir()
        folders.put(folder)

    def work(mutation):
        folder = folders.get()
        try:
            killer = bench.killer(mutation, folder, bench.order_for(mutation.file, kills))
        finally:
            folders.put(folder)
        kills.update([(mutation.file, killer), (mutation.file.split('/')[1], killer)])
        return killer

    for mutation, killer in zip(mutations, pool.map(work, mutations)):
        print(f"{'killed  ' if killer else 'SURVIVED'} {mutation}" + (f'  ({killer})' if killer else ''), flush=True)
        results.append((mutation, killer))
    return results


def read_survivors():
    with open(SURVIVORS, newline='') as file:
        return {(row['file'], row['mutation']): row['why'] for row in csv.DictReader(file, delimiter='\t',
                                                                                    quoting=csv.QUOTE_NONE)}


def verdict(results):
    """Prints what is wrong, and says how many that are."""
    explained, wrong = read_survivors(), 0
    known = {(mutation.file, mutation.key) for file in {file for file, _ in explained} if (SOURCE / file).exists()
             for mutation in mutations_of(file)}
    for mutation, killer in results:
        why = explained.get((mutation.file, mutation.key))
        if not killer and not why:
            print(f'no test notices, and nothing explains: {mutation}')
            wrong += 1
        elif killer and why:
            print(f'explained as "{why}", and {killer} notices: {mutation}')
            wrong += 1
    for entry in explained:
        if entry not in known:
            print(f'survivors.tsv explains what is not there: {entry[0]}: {entry[1]}')
            wrong += 1
    survived = [mutation for mutation, killer in results if not killer]
    print(f'{len(results)} mutations, {len(results) - len(survived)} killed, {len(survived)} survived, {wrong} wrong')
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--all', action='store_true', help='every mutation')
    parser.add_argument('--each', type=int, default=EACH, help='so many in each file')
    parser.add_argument('--file', action='append', help='only of this file, all of them (may be repeated)')
    parser.add_argument('--limit', type=int, help='at most so many, chosen by the seed')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--list', action='store_true', help='only say what would be tried')
    options = parser.parse_args()
    mutations = chosen(options)
    if options.list:
        print(*mutations, sep='\n')
        return 0
    with tempfile.TemporaryDirectory(prefix='flatline-mutations-') as scratch, \
            concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
        try:
            bench = Bench(scratch, pool)
            began = time.monotonic()
            killer = bench.unit_killer(bench.strict.folder, bench.unit) or bench.golden_killer(bench.plain.folder)
            if killer:
                complaints = [line for line in bench.said.splitlines() if not line.startswith('ok')]
                raise Failure('\n'.join([f'{killer} fails without any mutation', *complaints[:10]]))
            print(f'{len(mutations)} mutations; the tests take {time.monotonic() - began:.1f} s', flush=True)
        except Failure as failure:
            print(f'mutate.py: {failure}', file=sys.stderr)
            return 2
        return 1 if verdict(run_all(bench, mutations, max(1, options.jobs), pool)) else 0


if __name__ == '__main__':
    sys.exit(main())
