#!/usr/bin/env python3
"""Over captures of the public (from outside the tree): every critical verdict is one that somebody looked at on the wire
and found right (tests/corpus-verdicts.tsv). A new one fails until it stands there; so does one that is no more.

usage: corpus.py      prints TAP; FLATLINE, FLATLINE_SOURCE and FLATLINE_CAPTURES as make sets them"""
import csv, json, os, pathlib, subprocess, sys

FLATLINE = os.environ.get('FLATLINE', './flatline')
SOURCE = pathlib.Path(os.environ.get('FLATLINE_SOURCE', '.'))
CAPTURES = pathlib.Path(os.environ.get('FLATLINE_CAPTURES', SOURCE / '../shared'))
PLACES = ('corpus', 'corpus-malformed')


def critical(file):
    """{(flow, verdict, side)} of one capture; nothing of a file that cannot be read at all."""
    run = subprocess.run([FLATLINE, '--format', 'json', str(file)], capture_output=True)
    try:
        flows = json.loads(run.stdout)['flows']
    except (ValueError, KeyError):
        return set()
    return {(str(flow['id']), flow['verdict']['id'], flow['verdict']['side'])
            for flow in flows if flow['verdict']['severity'] == 'critical'}


def main():
    if not all((CAPTURES / place).is_dir() for place in PLACES):
        print(f'1..0 # SKIP no corpus in FLATLINE_CAPTURES ({CAPTURES})')
        return 0
    with open(SOURCE / 'tests/corpus-verdicts.tsv', newline='') as table:
        known = {(row['file'], row['flow'], row['verdict'], row['side']) for row in csv.DictReader(table, delimiter='\t')}
    files = sorted(file for place in PLACES for file in (CAPTURES / place).rglob('*') if file.is_file())
    found = {(str(file.relative_to(CAPTURES)), *verdict) for file in files for verdict in critical(file)}
    print('1..3')
    failed = 0
    for number, name, rows in ((1, 'every critical verdict was looked at', found - known),
                               (2, 'every one that was looked at is there', known - found),
                               (3, 'there are captures, and some are critical', set() if files and known else {'none'})):
        failed += bool(rows)
        print(f"{'not ok' if rows else 'ok'} {number} - {name}")
        for row in sorted(rows):
            print('#', *row)
    return 1 if failed else 0


sys.exit(main())
