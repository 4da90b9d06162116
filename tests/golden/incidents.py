#!/usr/bin/env python3
"""Over all captures, ours and those from outside the tree: the incidents are those of tests/incidents.tsv, each of which
somebody looked at on the wire, and no others.

usage: incidents.py      prints TAP; FLATLINE, FLATLINE_SOURCE and FLATLINE_CAPTURES as make sets them"""
import csv, json, os, pathlib, subprocess, sys

FLATLINE = os.environ.get('FLATLINE', './flatline')
SOURCE = pathlib.Path(os.environ.get('FLATLINE_SOURCE', '.'))
CAPTURES = pathlib.Path(os.environ.get('FLATLINE_CAPTURES', SOURCE / '../shared'))
PLACES = [(SOURCE, 'captures')] + [(CAPTURES, place) for place in ('kernel-lab', 'corpus', 'corpus-malformed')]


def traces(root, place):
    if place == 'captures':
        return sorted((root / place).glob('*/*/trace.pcap*'))
    return sorted(file for file in (root / place).rglob('*') if file.is_file())


def incidents(root, file):
    """{(file, id, subject, number of flows)} of one capture; nothing of a file that cannot be read at all."""
    run = subprocess.run([FLATLINE, '--format', 'json', '--min-severity', 'critical', str(file)], capture_output=True)
    try:
        told = json.loads(run.stdout)['incidents']
    except (ValueError, KeyError):
        return set()
    return {(str(file.relative_to(root)), item['id'], item['subject'], str(len(item['flows']))) for item in told}


def main():
    with open(SOURCE / 'tests/incidents.tsv', newline='') as table:
        known = {(row['file'], row['incident'], row['subject'], row['flows'])
                 for row in csv.DictReader(table, delimiter='\t')}
    print('1..%d' % (2 * len(PLACES)))
    number, failed = 0, 0
    for root, place in PLACES:
        wanted = {row for row in known if row[0].startswith(place + '/')}
        is_there = (root / place).is_dir()
        found = {row for file in traces(root, place) for row in incidents(root, file)} if is_there else set()
        for name, rows in (('no other incidents', found - wanted), ('every one that was looked at', wanted - found)):
            number += 1
            bad = is_there and rows
            failed += bool(bad)
            print(f"{'not ok' if bad else 'ok'} {number} - {place}: {name}" + ('' if is_there else ' # SKIP not there'))
            for row in sorted(rows) if bad else ():
                print('#', *row)
    return 1 if failed else 0


sys.exit(main())
