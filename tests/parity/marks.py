#!/usr/bin/env python3
"""Compares what flatline calls each TCP frame with tshark's analysis, over captures from outside the tree: sent again and out
of order (aspect "again"), keepalives and window probes ("probe"), closed windows ("window").

usage: marks.py CLASSES CAPTURES_DIR             compare with the stored answers (analysis.tsv beside this file)
       marks.py --answers CAPTURES_DIR           make the answers anew with tshark 4.0
       marks.py --explain CLASSES FILE NAME      show the frames of FILE in which both differ; NAME is its name in the answers

Frames are compared, not sums. Each that differs is of one kind of kinds.tsv: what tshark and flatline call it, and a rule
over what stands on the wire, which is worked out here from the packets alone (struct Wire), by none of flatline's books. A
frame that no rule explains fails, and so does one that two do, or a kind that has other frames than is written there.
CLASSES is the program made from classes.c. Prints TAP."""
import argparse, collections, concurrent.futures, csv, os, pathlib, subprocess, sys

import parity

HERE = pathlib.Path(__file__).resolve().parent
ANSWERS, KINDS = HERE / 'analysis.tsv', HERE / 'kinds.tsv'
MARKS = ['retransmission', 'fast_retransmission', 'spurious_retransmission', 'out_of_order', 'keep_alive',
         'zero_window_probe', 'zero_window']
# What both call a frame, by aspect: the first that holds, '-' for none.
THEIRS = {'again': [('retransmission', 'again'), ('fast_retransmission', 'again'), ('spurious_retransmission', 'again'),
                    ('out_of_order', 'late')],
          'probe': [('keep_alive', 'keepalive'), ('zero_window_probe', 'window-probe')],
          'window': [('zero_window', 'closed')]}
OURS = {'again': [('copy', 'copy'), ('repeat', 'again'), ('out-of-order', 'late'), ('data', 'new')],
        'probe': [('copy', 'copy'), ('window-probe', 'window-probe'), ('probe', 'keepalive')],
        'window': [('copy', 'copy'), ('zero-window', 'closed')]}
NONE = ('-', 'new', 'copy')  # of ours: nothing that tshark should have marked

MS = 1000000
COPY_WITHIN = 1000 * MS
SOON = 3 * MS  # tshark's limit for out of order where it knows no round trip
Frame = collections.namedtuple('Frame', 'number stream sender at seq ack length flags window id ttl whole classes')


class Side:
    """What was captured of one side of a connection."""
    def __init__(self):
        self.seen = []          # ranges of sequence numbers, apart and in order
        self.next = None        # one past the highest, of empty segments, too
        self.moved_at = 0       # when that grew
        self.acked = None       # the other side's highest ACK
        self.window = None      # its own last one, as it stands on the wire
        self.syn_at = self.round_trip = None
        self.packets = collections.deque(maxlen=64)

    def place(self, number):
        """A 32-bit number's place in the side's numbering, which does not wrap."""
        near = self.next if self.next is not None else self.acked if self.acked is not None else number + (1 << 32)
        return near + (number - near + (1 << 31)) % (1 << 32) - (1 << 31)

    def seen_of(self, begin, end):
        return sum(max(0, min(end, b) - max(begin, a)) for a, b in self.seen)

    def add(self, begin, end):
        apart = [(a, b) for a, b in self.seen if b < begin or a > end]
        touching = [(a, b) for a, b in self.seen if not (b < begin or a > end)]
        apart.append((min([begin] + [a for a, _ in touching]), max([end] + [b for _, b in touching])))
        self.seen = sorted(apart)


class Wire:
    """One frame, and what its capture had shown when it came."""
    def __init__(self, frame, side, peer):
        self.frame, self.peer_window = frame, peer.window
        self.acked, self.next = side.acked or 0, side.next or 0  # 0 is before every place
        self.begin = side.place(frame.seq)
        self.end = self.begin + frame.length + ('S' in frame.flags) + ('F' in frame.flags)
        self.seen = side.seen_of(self.begin, self.end)
        self.new = self.end - self.begin - self.seen
        self.highest = side.seen[-1][1] if side.seen else None  # of what takes sequence numbers
        self.since = frame.at - side.moved_at
        self.soon = side.round_trip or SOON
        self.is_same_packet = any(self.fields() == self.fields(other) and 0 <= frame.at - other.at <= COPY_WITHIN
                                  for other in side.packets)

    def fields(self, frame=None):
        """Of a packet, what no hop changes."""
        frame = frame or self.frame
        return frame.seq, frame.ack, frame.length, frame.flags, frame.window, frame.id

    def is_new(self):
        return self.new > 0 and self.seen == 0

    def is_again(self):
        return self.end > self.begin and self.new == 0

    def was_acked(self):
        return self.end <= self.acked

    def is_below_highest(self):
        return self.highest is not None and self.begin < self.highest


RULES = {
    'same-packet': lambda wire: wire.is_same_packet,
    'header-cut-short': lambda wire: wire.frame.whole == 'short' and wire.is_again(),
    'partly-new': lambda wire: wire.seen > 0 and wire.new > 0,
    'behind-an-empty-ack': lambda wire: wire.is_new() and not wire.was_acked() and not wire.is_below_highest() and
        wire.begin < wire.next,
    'acked-before-captured': lambda wire: wire.is_new() and wire.was_acked(),
    'fills-a-hole-late': lambda wire: wire.is_new() and not wire.was_acked() and wire.is_below_highest() and
        wire.since >= wire.soon,
    'clock-stepped-back': lambda wire: wire.is_new() and not wire.was_acked() and wire.is_below_highest() and wire.since < 0,
    'again-at-once': lambda wire: wire.is_again() and not wire.is_same_packet and 0 <= wire.since < wire.soon and
        wire.end < wire.next,
    'probe-of-a-closed-window': lambda wire: wire.frame.length == 0 and wire.peer_window == 0 and
        wire.begin == wire.acked - 1 == wire.next - 1,
    'data-into-a-closed-window': lambda wire: wire.is_again() and wire.frame.length > 0 and wire.peer_window == 0,
    'ack-below-an-open-fin': lambda wire: wire.frame.length == 0 and wire.begin == wire.next - 1 == wire.acked,
    'fin-with-a-closed-window': lambda wire: 'F' in wire.frame.flags and wire.frame.window == 0,
}


def wires(frames):
    """Each frame as a Wire, from the packets alone."""
    streams = collections.defaultdict(lambda: {'A': Side(), 'B': Side()})
    for frame in frames:
        side, peer = streams[frame.stream][frame.sender], streams[frame.stream]['BA'[frame.sender == 'B']]
        wire = Wire(frame, side, peer)
        yield wire
        side.packets.append(frame)
        if 'R' in frame.flags:
            continue
        if side.next is None or wire.end > side.next:
            side.next, side.moved_at = wire.end, frame.at
        if wire.end > wire.begin:
            side.add(wire.begin, wire.end)
        if 'A' in frame.flags:
            ack = peer.place(frame.ack)
            peer.acked = ack if peer.acked is None else max(peer.acked, ack)
        side.window = frame.window
        if 'S' in frame.flags:
            side.syn_at = frame.at
        elif side.syn_at is not None and side.round_trip is None:
            side.round_trip = frame.at - side.syn_at


def flatline(classes, path):
    run = subprocess.run([classes, str(path)], capture_output=True, text=True)
    frames = []
    for line in run.stdout.splitlines() if run.returncode == 0 else []:
        wire, called = line.split(':', 1)
        number, stream, sender, at, seq, ack, length, flags, window, ip_id, ttl, whole = wire.split(' ')
        frames.append(Frame(int(number), int(stream), sender, int(at), int(seq), int(ack), int(length), flags, int(window),
                            int(ip_id), int(ttl), whole, set(called.split())))
    return frames


def first_of(names, marks):
    return next((name for mark, name in names if mark in marks), '-')


def differences(frames, marks):
    """(aspect, theirs, ours, wire) of each frame in which both differ; `marks`: number to tshark's."""
    found = []
    for wire in wires(frames):
        for aspect in THEIRS:
            theirs = first_of(THEIRS[aspect], marks.get(wire.frame.number, ()))
            ours = first_of(OURS[aspect], wire.frame.classes)
            if theirs != ours and not (theirs == '-' and ours in NONE):
                found.append((aspect, theirs, ours, wire))
    return found


def kinds_of(kinds, aspect, theirs, ours, wire):
    return [name for name, kind in kinds.items() if kind['aspect'] == aspect and theirs in kind['tshark'].split('|') and
            ours in kind['flatline'].split('|') and RULES[name](wire)]


def ranges(numbers):
    """"1-3,7" of sorted numbers, and back."""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ','.join(str(a) if a == b else f'{a}-{b}' for a, b in parts)


def numbers(text):
    for part in text.split(','):
        first, _, last = part.partition('-')
        yield from range(int(first), int(last or first) + 1)


def tshark(path):
    """Mark to frame numbers; of what ICMP quotes and payloads carry as copies, nothing (see parity.py)."""
    command = ['tshark', '-n', '-r', str(path), '-Y', 'tcp.analysis.flags', '-T', 'fields', '-e', 'frame.number',
               '-e', 'frame.protocols']
    for mark in MARKS:
        command += ['-e', f'tcp.analysis.{mark}']
    run = subprocess.run(command, capture_output=True, text=True, errors='replace')
    found = {mark: [] for mark in MARKS}
    for row in run.stdout.splitlines():
        number, protocols, *values = (row.split('\t') + [''] * len(MARKS))[:2 + len(MARKS)]
        layers = parity.first_tcp(protocols)
        if layers is None or 'icmp' in layers or 'icmpv6' in layers:
            continue
        for mark, value in zip(MARKS, values):
            if value:
                found[mark].append(int(number))
    return found


def make_answers(top):
    names = list(parity.captures(top))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool, open(ANSWERS, 'w', newline='') as file:
        out = csv.writer(file, delimiter='\t', lineterminator='\n')
        out.writerow(['file', 'mark', 'frames'])
        for name, found in zip(names, pool.map(lambda name: tshark(top / name), names)):
            out.writerows([str(name), mark, ranges(frames)] for mark, frames in found.items() if frames)


def read_answers():
    answers = collections.defaultdict(lambda: collections.defaultdict(set))
    with open(ANSWERS, newline='') as file:
        for row in csv.DictReader(file, delimiter='\t'):
            for number in numbers(row['frames']):
                answers[row['file']][number].add(row['mark'])
    return answers


def read_kinds():
    with open(KINDS, newline='') as file:
        return {row['kind']: row for row in csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE)}


def line_of(name, difference, explained):
    aspect, theirs, ours, wire = difference
    frame = wire.frame
    return (f'{name} frame {frame.number}, stream {frame.stream} {frame.sender}: {aspect}: tshark {theirs}, flatline {ours} '
            f"({' '.join(sorted(frame.classes)) or '-'}); {' and '.join(explained) or 'no kind'}; {frame.flags} seq "
            f'{frame.seq} ack {frame.ack} len {frame.length} win {frame.window}, {wire.seen} seen, {wire.new} new, '
            f'{wire.since / MS:.3f} ms')


class Tests:
    def __init__(self):
        self.count = self.failed = 0

    def say(self, ok, name, notes=()):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}", flush=True)
        for note in notes if not ok else ():
            print(f'# {note}')


def compare(classes, top):
    names = list(parity.captures(top)) if top.is_dir() else []
    if not names:
        print(f'1..0 # SKIP no captures in {top} (set FLATLINE_CAPTURES)')
        return 0
    answers, kinds, known, tests = read_answers(), read_kinds(), set(parity.read_table(parity.ANSWERS)), Tests()
    counts, same = collections.Counter(), collections.Counter()
    tests.say(set(kinds) == set(RULES), 'each kind has its rule', [f'only one of both: {sorted(set(kinds) ^ set(RULES))}'])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, frames in zip(map(str, names), pool.map(lambda name: flatline(classes, top / name), names)):
            notes, marks = [], answers.get(name, {})
            if name not in known or marks.keys() - {frame.number for frame in frames}:
                notes.append('no answers for it, or flatline shows fewer frames')
            for difference in differences(frames, marks):
                explained = kinds_of(kinds, *difference)
                counts.update(explained)
                if len(explained) != 1:
                    notes.append(line_of(name, difference, explained))
            for frame in frames:
                for aspect in THEIRS:
                    theirs = first_of(THEIRS[aspect], marks.get(frame.number, ()))
                    same[aspect, theirs] += theirs == first_of(OURS[aspect], frame.classes) != '-'
            tests.say(not notes, name, notes)
    if known <= set(map(str, names)):
        for name, kind in kinds.items():
            tests.say(counts[name] == int(kind['frames']), f'{counts[name]} frames are {name}',
                      [f"{kind['frames']} in kinds.tsv"])
    print(f'1..{tests.count}')
    for (aspect, called), count in sorted(same.items()):
        print(f'# {count} frames are {called} to both' if count else '', end='\n' if count else '')
    return 1 if tests.failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--answers', action='store_true')
    parser.add_argument('--explain', action='store_true')
    parser.add_argument('arguments', nargs='+')
    options = parser.parse_args()
    if options.answers:
        make_answers(pathlib.Path(options.arguments[0]))
        return 0
    if options.explain:
        classes, path, name = options.arguments
        for difference in differences(flatline(classes, path), read_answers().get(name, {})):
            print(line_of(name, difference, kinds_of(read_kinds(), *difference)))
        return 0
    classes, top = options.arguments
    return compare(classes, pathlib.Path(top))


if __name__ == '__main__':
    sys.exit(main())
