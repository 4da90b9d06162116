#!/usr/bin/env python3
"""Compares flatline's numbers with tshark's over captures from outside the tree: frames, TCP packets, the stream number,
payload length and sender of every TCP frame.

usage: parity.py NUMBERS CAPTURES_DIR            compare with the stored answers (answers.tsv beside this file)
       parity.py --answers CAPTURES_DIR          make the answers anew with tshark 4.0
       parity.py --explain NUMBERS FILE          show the frames in which tshark and flatline differ

A difference must stand in differences.tsv with its reason, and must still be there. The answers hold a digest per file and
not the captures, which are not ours to copy. NUMBERS is the program made from numbers.c. Prints TAP."""
import argparse, csv, hashlib, os, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
ANSWERS, DIFFERENCES = HERE / 'answers.tsv', HERE / 'differences.tsv'
FIELDS = ['frame.number', 'frame.protocols', 'tcp.stream', 'tcp.len', 'ip.src', 'ipv6.src', 'tcp.srcport']
COLUMNS = ['file', 'frames', 'tcp', 'streams', 'payload', 'digest']


def captures(top):
    """All files below the folders that we compare, by their path from `top`."""
    for folder in ('corpus', 'kernel-lab'):
        for path in sorted((top / folder).rglob('*')):
            if path.is_file() and path.suffix not in ('.tsv', '.events', '.md'):
                yield path.relative_to(top)


def summary(lines, frames):
    """The answers' figures of TCP lines [frame, stream, length, sender]."""
    text = '\n'.join(' '.join(line) for line in lines)
    by_sender = {}
    for line in lines:
        by_sender[line[1], line[3]] = by_sender.get((line[1], line[3]), 0) + int(line[2])
    return [str(frames), str(len(lines)), str(len({line[1] for line in lines})), str(sum(by_sender.values())),
            hashlib.sha256(text.encode()).hexdigest()[:16]]


def first_tcp(protocols):
    """The layers before the first TCP header: tunnels, not what a payload (OpenFlow, sFlow) carries as a copy."""
    layers = protocols.split(':')
    return layers[:layers.index('tcp')] if 'tcp' in layers else None


def tshark(path):
    """tshark's TCP lines and its count of frames; quotes in ICMP errors are not packets of their own."""
    command = ['tshark', '-n', '-r', str(path), '-T', 'fields', '-E', 'occurrence=a', '-E', 'separator=\t']
    for field in FIELDS:
        command += ['-e', field]
    run = subprocess.run(command, capture_output=True, text=True, errors='replace')
    lines, frames = [], 0
    for row in run.stdout.splitlines():
        number, protocols, *values = (row.split('\t') + [''] * len(FIELDS))[:len(FIELDS)]
        stream, length, v4, v6, port = (value.split(',') for value in values)
        layers = first_tcp(protocols)
        frames += 1
        if not stream[0] or layers is None or 'icmp' in layers or 'icmpv6' in layers:
            continue
        is_v6 = 'ipv6' in layers and ('ip' not in layers or layers[::-1].index('ipv6') < layers[::-1].index('ip'))
        address = v6[layers.count('ipv6') - 1] if is_v6 else v4[layers.count('ip') - 1]
        lines.append([number, stream[0], length[0] or '0', f'[{address}]:{port[0]}' if is_v6 else f'{address}:{port[0]}'])
    return lines, frames


def flatline(numbers, path):
    run = subprocess.run([numbers, str(path)], capture_output=True, text=True)
    if run.returncode != 0:
        return None, f'exit status {run.returncode}: {run.stderr[-300:]}'
    *lines, end = run.stdout.splitlines()
    return [line.split(' ') for line in lines], int(end.split(' ')[1])


def read_table(path):
    with open(path, newline='') as file:
        return {row['file']: row for row in csv.DictReader(file, delimiter='\t')}


def make_answers(top):
    with open(ANSWERS, 'w', newline='') as file:
        out = csv.writer(file, delimiter='\t', lineterminator='\n')
        out.writerow(COLUMNS)
        for name in captures(top):
            out.writerow([str(name)] + summary(*tshark(top / name)))


def explain(numbers, path):
    theirs, their_frames = tshark(path)
    ours, our_frames = flatline(numbers, path)
    print(f'frames: tshark {their_frames}, flatline {our_frames}; tcp: {len(theirs)}, {len(ours or [])}')
    left, right = {line[0]: line for line in theirs}, {line[0]: line for line in ours or []}
    for number in sorted(left.keys() | right.keys(), key=int):
        if left.get(number) != right.get(number):
            print(f'frame {number}: tshark {left.get(number)}, flatline {right.get(number)}')


def compare(numbers, top):
    names = list(captures(top)) if top.is_dir() else []
    if not names:
        print(f'1..0 # SKIP no captures in {top} (set FLATLINE_CAPTURES)')
        return 0
    answers, differences, failed = read_table(ANSWERS), read_table(DIFFERENCES), 0
    print(f'1..{len(names)}')
    for count, name in enumerate(names, 1):
        key = str(name)
        lines, frames = flatline(numbers, top / name)
        ours = dict(zip(COLUMNS[1:], summary(lines, frames))) if lines is not None else {}
        answer, reason = answers.get(key), differences.get(key)
        same = answer is not None and all(answer[c] == ours.get(c) for c in COLUMNS[1:])
        ok = answer is not None and lines is not None and same != bool(reason)
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {count} - {key}" + (f" (differs: {reason['reason']})" if reason else ''))
        if not ok:
            print(f'# tshark {answer}\n# flatline {ours or frames}')
            print('# a difference is explained, and there is none' if same else '# see parity.py --explain')
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--answers', action='store_true')
    parser.add_argument('--explain', action='store_true')
    parser.add_argument('arguments', nargs='+')
    options = parser.parse_args()
    if options.answers:
        make_answers(pathlib.Path(options.arguments[0]))
        return 0
    numbers, path = options.arguments
    if options.explain:
        explain(numbers, path)
        return 0
    return compare(numbers, pathlib.Path(path))


if __name__ == '__main__':
    sys.exit(main())
