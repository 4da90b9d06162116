#!/usr/bin/env python3
"""Where a kernel setting was in force in a golden capture (knobs.tsv beside it: client's port, name, value), the range
that flatline gives for it contains that value. The kernel lab's recordings outside the tree are asked likewise.

usage: knobs.py FLATLINE CAPTURES_DIR [KERNEL_LAB]      prints TAP"""
import collections, csv, json, pathlib, re, subprocess, sys

# What TRUTH.tsv says of settings, by the names that flatline gives them. The rest of that column is about other hosts,
# or of settings that no repeat shows.
LAB_NAMES = {'tcp_retries2': 'tcp_retries2', 'TCP_USER_TIMEOUT': 'TCP_USER_TIMEOUT', 'tcp_syn_retries': 'tcp_syn_retries',
             'TCP_SYNCNT': 'tcp_syn_retries', 'tcp_syn_linear_timeouts': 'tcp_syn_linear_timeouts',
             'tcp_orphan_retries': 'tcp_orphan_retries', 'tcp_synack_retries': 'tcp_synack_retries',
             'tcp_fin_timeout': 'tcp_fin_timeout', 'TCP_LINGER2': 'tcp_fin_timeout'}
KEEPALIVE = ['tcp_keepalive_time', 'tcp_keepalive_intvl', 'tcp_keepalive_probes']
# How many of them have to be asked for at least: fewer would mean that flatline fell silent.
LAB_LEAST = {'tcp_retries2': 25, 'TCP_USER_TIMEOUT': 8, 'tcp_syn_retries': 8, 'tcp_orphan_retries': 4, 'tcp_synack_retries': 8,
             'tcp_keepalive_time': 8, 'tcp_keepalive_intvl': 7, 'tcp_keepalive_probes': 2, 'tcp_fin_timeout': 1}


def flows(flatline, trace):
    run = subprocess.run([flatline, 'analyze', '--format', 'json', '--all', str(trace)], capture_output=True)
    return json.loads(run.stdout)['flows']


def knobs(flow):
    """{name: (at least, at most)}, with None for no bound."""
    timers = flow.get('timers') or {'knobs': []}
    return {knob['name']: (knob['at_least'], knob['at_most']) for knob in timers['knobs']}


def contains(bounds, value):
    least, most = bounds
    return (least is None or least <= value) and (most is None or value <= most)


class Tests:
    def __init__(self):
        self.count = self.failed = 0

    def say(self, ok, name, why=''):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}" + ('' if ok else f'\n# {why}'), flush=True)


def goldens(tests, flatline, captures):
    for table in sorted(captures.glob('*/*/knobs.tsv')):
        trace = next(table.parent.glob('trace.pcap*'))
        found = {flow['client']['port']: knobs(flow) for flow in flows(flatline, trace)}
        for port, name, value in csv.reader(table.open(), delimiter='\t'):
            bounds = found.get(int(port), {}).get(name)
            tests.say(bounds is not None and contains(bounds, int(value)),
                      f'{table.parent.parent.name}/{table.parent.name}: {name} = {value} of port {port}', f'found {bounds}')


def in_force(row):
    """The settings of a row that its series can show, as (name, value). One that did not act is not asked: a
    TCP_USER_TIMEOUT acts instead of the counts, a close leaves the series to tcp_orphan_retries."""
    settings = {LAB_NAMES[name]: int(value) for name, value in
                re.findall(r'(?:^|;\s*|\s|server )\b([A-Za-z_0-9]+)=(\d+)', row['knobs']) if name in LAB_NAMES}
    keepalive = re.search(r'keepalive[= ](\d+)/(\d+)/(\d+)', row['knobs'])
    if keepalive:
        settings.update(zip(KEEPALIVE, map(int, keepalive.groups())))
    if 'TCP_USER_TIMEOUT' in settings:
        for name in ('tcp_retries2', 'tcp_keepalive_probes', 'tcp_syn_retries', 'tcp_orphan_retries'):
            settings.pop(name, None)
    if 'tcp_orphan_retries' in settings:
        settings.pop('tcp_retries2', None)
    return sorted(settings.items())


def lab(tests, flatline, folder):
    """Only settings that flatline names: what it does not name it claims nothing of."""
    asked = collections.Counter()
    for row in csv.DictReader((folder / 'TRUTH.tsv').open(), delimiter='\t', quoting=csv.QUOTE_NONE):
        if not (row['knobs'] or '').strip():
            continue
        port = int(row['flow'].split('->')[0].strip().rpartition(':')[2])
        found = [knobs(flow) for flow in flows(flatline, folder / row['file']) if flow['client']['port'] == port]
        for name, value in in_force(row):
            for bounds in [k[name] for k in found if name in k]:
                asked[name] += 1
                tests.say(contains(bounds, value), f"{row['file']}: {name} = {value}", f'found {bounds}')
    for name, least in LAB_LEAST.items():
        tests.say(asked[name] >= least, f'settings of the kernel lab that were asked for: {asked[name]} {name}',
                  'too few to mean anything')


def main():
    tests = Tests()
    goldens(tests, sys.argv[1], pathlib.Path(sys.argv[2]))
    if len(sys.argv) > 3 and (pathlib.Path(sys.argv[3]) / 'TRUTH.tsv').exists():
        lab(tests, sys.argv[1], pathlib.Path(sys.argv[3]))
    else:
        print('# skipped: the kernel lab is not here (FLATLINE_CAPTURES)')
    print(f'1..{tests.count}')
    return 1 if tests.failed or not tests.count else 0


if __name__ == '__main__':
    sys.exit(main())
