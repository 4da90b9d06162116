#!/usr/bin/env python3
"""Every golden capture (captures/*/*/) gives the verdict that stands beside it, and gives it again in another form:
compressed, through standard input, split into files that are named in the wrong order, cut to short frames, an hour later.
Each is also cut after every frame: a healthy one is never critical, a sick one not before that is provable (provable.tsv).

usage: golden.py FLATLINE PREFIX CAPTURES_DIR      prints TAP; PREFIX is the program made from prefix.c"""
import csv, gzip, json, pathlib, struct, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
# What these are is never critical, so no cut of them is either.
NEVER_CRITICAL = ('healthy', 'connect-slow', 'degraded', 'idle-unknown', 'inconclusive', 'time-wait-pressure')
SHORT_FRAMES = (54, 66, 80, 96)
# The least length at which an ICMP error shows whose segment it quotes (its ports), for goldens that turn on one.
ICMP_NEEDS = {'connect-refused/host-firewall-rejects': 66, 'connect-refused/host-gone': 66,
              'connect-refused/icmp-admin-prohibited': 66, 'connect-refused/icmpv6-admin-prohibited': 106,
              'unreachable/admin-prohibited': 66, 'unreachable/for-2s': 66, 'unreachable/host-dies-under-three-sessions': 66,
              'unreachable/host-gone': 66,
              'unreachable/host-unreachable': 66, 'unreachable/ipv6-address-unreachable': 106,
              'unreachable/while-idle-with-keepalive': 66}
# The least length at which a frame shows the bytes that tell the protocol, and what is said in it, for goldens that turn
# on that. Cut shorter they may be called anything that is no worse.
PROTOCOL_NEEDS = {'app-silent/nats-server-hangs': 80, 'auth-rejected/mqtt-not-authorised': 80,
                  'auth-rejected/mysql-access-denied': 80, 'auth-rejected/nats-authorization-violation': 96,
                  'auth-rejected/postgresql-wrong-password': 96, 'auth-rejected/redis-wrong-password': 80,
                  'auth-unanswered/mqtt-broker-hangs-before-login': 80,
                  'auth-unanswered/mysql-hangs-after-greeting': 97, 'auth-unanswered/postgresql-hangs': 80,
                  'auth-unanswered/postgresql-hangs-sslrequest': 80}
SEVERITIES = ('ok', 'notice', 'warning', 'critical')
HOUR = 3600


class Pcap:
    """A classic little-endian pcap, as tcpdump writes it: its header, and its records whole."""
    def __init__(self, data):
        self.header, self.records, at = data[:24], [], 24
        assert struct.unpack('<I', data[:4])[0] in (0xa1b2c3d4, 0xa1b23c4d), 'not a little-endian pcap'
        while at < len(data):
            size = 16 + struct.unpack_from('<I', data, at + 8)[0]
            self.records.append(data[at:at + size])
            at += size

    def bytes(self, records=None):
        return self.header + b''.join(self.records if records is None else records)

    def cut_short(self, snaplen):
        return self.bytes([struct.pack('<IIII', *struct.unpack('<II', r[:8]), min(len(r) - 16, snaplen),
                                       struct.unpack('<I', r[12:16])[0]) + r[16:16 + snaplen] for r in self.records])

    def later(self, seconds):
        return self.bytes([struct.pack('<I', struct.unpack('<I', r[:4])[0] + seconds) + r[4:] for r in self.records])

    def parts(self, count):
        size = max(1, -(-len(self.records) // count))
        return [self.bytes(self.records[at:at + size]) for at in range(0, len(self.records), size)]


class Tests:
    def __init__(self, flatline, prefix, scratch):
        self.flatline, self.prefix, self.scratch = flatline, prefix, pathlib.Path(scratch)
        self.count = self.failed = 0

    def say(self, ok, name, why=''):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        for line in str(why).splitlines() if not ok else []:
            print(f'# {line}')

    def run(self, *arguments, stdin=None):
        return subprocess.run([self.flatline, *map(str, arguments)], input=stdin, capture_output=True)

    def verdicts(self, *files, stdin=None):
        """Sorted by who talks, so that the order of files does not matter: {ends: (id, severity, side, layer)}."""
        run = self.run('analyze', '--format', 'json', *files, stdin=stdin)
        if run.returncode != 0:
            return f'exit status {run.returncode}: {run.stderr.decode()}'
        found = {}
        for flow in json.loads(run.stdout)['flows']:
            ends = (flow['client']['address'], flow['client']['port'], flow['server']['address'], flow['server']['port'])
            verdict = flow['verdict']
            found.setdefault(ends, []).append((verdict['id'], verdict['severity'], verdict['side'], verdict['layer']))
        return found

    def file(self, name, data):
        path = self.scratch / name
        path.write_bytes(data)
        return path

    def case(self, folder):
        name = f'{folder.parent.name}/{folder.name}'
        traces = sorted(folder.glob('trace.pcap*'))
        if len(traces) != 1 or not (folder / 'expect.json').exists() or not (folder / 'STORY').exists():
            self.say(False, f'{name} has one trace, an expectation and a story')
            return
        trace = traces[0]
        data = gzip.decompress(trace.read_bytes()) if trace.suffix == '.gz' else trace.read_bytes()
        plain, pcap = self.file('plain.pcap', data), Pcap(data)
        check = self.run('check', '--expect', folder / 'expect.json', trace)
        self.say(check.returncode == 0, f'{name} gives its verdict', (check.stdout + check.stderr).decode())
        expected = self.verdicts(plain)
        self.same(f'{name} compressed', expected, self.verdicts(self.file('it.pcap.gz', gzip.compress(data))))
        self.same(f'{name} through standard input', expected, self.verdicts('-', stdin=data))
        self.same(f'{name} an hour later', expected, self.verdicts(self.file('later.pcap', pcap.later(HOUR))))
        parts = [self.file(f'part{i}.pcap', part) for i, part in enumerate(pcap.parts(3))]
        self.same(f'{name} in three files, the last one first', expected, self.verdicts(*reversed(parts)))
        for snaplen in (length for length in SHORT_FRAMES if length >= ICMP_NEEDS.get(name, 0)):
            found = self.verdicts(self.file('short.pcap', pcap.cut_short(snaplen)))
            if snaplen < PROTOCOL_NEEDS.get(name, 0):
                self.no_worse(f'{name} with {snaplen} bytes a frame', expected, found)
            else:
                self.same(f'{name} with {snaplen} bytes a frame', expected, found, or_inconclusive=True)
        self.cut_everywhere(name, plain)

    def same(self, name, expected, found, or_inconclusive=False):
        ok = isinstance(found, dict) and isinstance(expected, dict) and (found == expected or or_inconclusive and all(
            v == e or v[0] == 'inconclusive' for ends in expected for v, e in zip(found.get(ends, []), expected[ends])))
        self.say(ok, name, f'expected {expected}\nfound {found}')

    def no_worse(self, name, expected, found):
        ok = isinstance(found, dict) and found.keys() == expected.keys() and all(
            SEVERITIES.index(v[1]) <= SEVERITIES.index(e[1]) for ends in expected for v, e in zip(found[ends], expected[ends]))
        self.say(ok, name, f'expected nothing worse than {expected}\nfound {found}')

    def cut_everywhere(self, name, plain):
        run = subprocess.run([self.prefix, str(plain)], capture_output=True, text=True)
        *critical, end = run.stdout.splitlines() or ['']
        provable = PROVABLE.get(name)
        if run.returncode != 0 or not end.startswith('end '):
            self.say(False, f'{name} cut after every frame', f'exit status {run.returncode}: {run.stderr}')
        elif name.split('/')[0] in NEVER_CRITICAL:
            self.say(not critical, f'{name}, cut after any frame, is never critical', critical[:3])
        elif provable and provable['frame'] == 'never':
            self.say(not critical, f'{name}, cut after any frame, is no more than it is in all', critical[:3])
        else:
            first = int(critical[0].split()[0]) if critical else None
            self.say(provable is not None and first is not None and first >= int(provable['frame']),
                     f'{name}, cut before it is provable, is not critical', f'critical from frame {first}, provable: {provable}')


def read_provable():
    with open(HERE / 'provable.tsv', newline='') as file:
        return {row['case']: row for row in csv.DictReader(file, delimiter='\t')}


PROVABLE = read_provable()


def main():
    flatline, prefix, captures = sys.argv[1:4]
    folders = sorted(p for p in pathlib.Path(captures).glob('*/*') if p.is_dir() and p.parent.name != 'record')
    with tempfile.TemporaryDirectory() as scratch:
        tests = Tests(flatline, prefix, scratch)
        for folder in folders:
            tests.case(folder)
    print(f'1..{tests.count}')
    return 1 if tests.failed or not folders else 0


if __name__ == '__main__':
    sys.exit(main())
