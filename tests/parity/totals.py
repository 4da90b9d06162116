#!/usr/bin/env python3
"""Runs flatline over every capture from outside the tree, whole and damaged: no crash, no sanitizer's report, an exit status
that is documented, and totals that are right: all packets are some flow's, and frames, TCP packets and payload bytes
are tshark's (answers.tsv).

usage: totals.py FLATLINE CAPTURES_DIR      prints TAP, a line for each folder"""
import collections, csv, json, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ('corpus', 'corpus-malformed', 'kernel-lab')


def table(name):
    with open(HERE / name, newline='') as file:
        return {row['file']: row for row in csv.DictReader(file, delimiter='\t')}


def wrong(flatline, path, answer):
    """What is wrong with the report of one file, or ''."""
    try:
        run = subprocess.run([flatline, '--format', 'json', str(path)], capture_output=True, timeout=120)
        text = subprocess.run([flatline, str(path)], capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        return 'it took longer than two minutes'
    for each in (run, text):
        if each.returncode not in (0, 3) or b'Sanitizer' in each.stderr or b'runtime error' in each.stderr:
            return f'exit status {each.returncode}: {each.stderr.decode(errors="replace")[-500:]}'
        if each.returncode == 3 and not each.stderr:
            return 'exit status 3 without a word why'
    report = json.loads(run.stdout)
    capture, flows = report['capture'], report['flows']
    packets = sum(sum(flow['packets'].values()) for flow in flows)
    payload = sum(sum(flow['payload_bytes'].values()) for flow in flows)
    others = sum(count for name, count in capture['skipped'].items() if name != 'duplicate')  # those are TCP packets
    if packets != capture['tcp_packets']:
        return f"{packets} packets of flows, {capture['tcp_packets']} TCP packets"
    if packets + others != capture['frames']:
        return f"{packets} TCP packets and {others} others of {capture['frames']} frames"
    ours = [str(capture['frames']), str(packets), str(payload)]
    if answer and ours != [answer['frames'], answer['tcp'], answer['payload']]:
        return f"frames, TCP packets, payload: {ours}, tshark: {[answer['frames'], answer['tcp'], answer['payload']]}"
    return ''


def main():
    flatline, top = sys.argv[1], pathlib.Path(sys.argv[2])
    answers, differences = table('answers.tsv'), table('differences.tsv')
    folders = [top / name for name in FOLDERS if (top / name).is_dir()]
    if not folders:
        print(f'1..0 # SKIP no captures in {top} (set FLATLINE_CAPTURES)')
        return 0
    print(f'1..{len(folders)}')
    failed = 0
    for number, folder in enumerate(folders, 1):
        files = [p for p in sorted(folder.rglob('*')) if p.is_file() and p.suffix not in ('.tsv', '.events')]
        bad = collections.OrderedDict()
        for path in files:
            name = str(path.relative_to(top))
            why = wrong(flatline, path, None if name in differences else answers.get(name))
            if why:
                bad[name] = why
        print(f"{'not ok' if bad else 'ok'} {number} - {len(files)} files of {folder.name}", flush=True)
        for name, why in bad.items():
            print(f'# {name}: {why}'.replace('\n', '\n# '))
        failed += bool(bad)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
