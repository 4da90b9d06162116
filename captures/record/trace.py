"""Reads a recorded trace back: frame numbers for the expectation, and proof on the wire that the case is what its STORY
says (starts with the SYN, everything ACKed, no payload back). Ethernet or Linux cooked v2, IPv4 or IPv6 and TCP, as our
own lab makes them, and the ICMP errors that speak of a TCP connection; this is no general reader."""
import datetime
import socket
import struct

FIN, SYN, RST, ACK = 1, 2, 4, 16
ETHERNET, COOKED = 1, 276
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
UNREACHABLE, UNREACHABLE6 = 3, 1
# A router's or bridge's second sighting of a packet follows within this time, in microseconds.
TWICE = 5000


def below(a, b):
    return 0 < (b - a) & 0xFFFFFFFF < 0x80000000


class Segment:
    def __init__(self, frame, micros, source, target, tcp, length):
        self.frame, self.micros, self.source, self.target, self.length = frame, micros, source, target, length
        self.at = micros / 1e6
        self.seq, self.ack, offset, self.flags, self.window = struct.unpack_from(">IIBBH", tcp, 4)
        self.sacks = list(sacks(tcp[20:(offset >> 4) * 4]))
        # The first block tells of bytes that came again: they lie below the ACK, or within the second block.
        self.dsack = bool(self.sacks) and (below(self.sacks[0][0], self.ack) or len(self.sacks) > 1 and
                                           not below(self.sacks[0][0], self.sacks[1][0]) and
                                           not below(self.sacks[1][1], self.sacks[0][1]))
        self.repeat, self.ttl = False, 0
        # As far as the snapshot length goes.
        self.payload = tcp[(offset >> 4) * 4:][:length]

    def moment(self):
        """As RFC 3339 has it, to the microsecond of the trace."""
        when = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=self.micros)
        return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sacks(options):
    at = 0
    while at < len(options) and options[at]:
        if options[at] == 1:
            at += 1
            continue
        if at + 1 >= len(options) or options[at + 1] < 2:
            return
        if options[at] == 5:
            for block in range(at + 2, min(at + options[at + 1], len(options)) - 7, 8):
                yield struct.unpack_from(">II", options, block)
        at += options[at + 1]


class Error:
    """ICMP or ICMPv6: a destination that cannot be reached, and the ports of the packet that it speaks of."""

    def __init__(self, frame, micros, sender, code, ports):
        self.frame, self.at, self.sender, self.code, self.ports = frame, micros / 1e6, sender, code, ports


class Flow:
    """Without its SYN (a capture that began later, or of one direction), the client has the higher port."""

    def __init__(self, first):
        from_client = first.flags & (SYN | ACK) == SYN or first.source[1] > first.target[1]
        self.client, self.server = (first.source, first.target) if from_client else (first.target, first.source)
        self.segments, self.top = [], {}

    def add(self, segment):
        covered = segment.length + bool(segment.flags & (SYN | FIN))
        top = self.top.setdefault(segment.source, segment.seq)
        end = (segment.seq + covered) & 0xFFFFFFFF
        forward = ((end - top + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        segment.repeat = covered > 0 and forward <= 0
        if covered and forward > 0:
            self.top[segment.source] = end
        self.segments.append(segment)

    def begins_with_answer_to(self, syn):
        """Whether all there is so far is the SYN-ACK to this SYN: its frames may have been stamped too early."""
        first = self.segments[0]
        return len(self.segments) == 1 and first.flags == SYN | ACK and first.ack == (syn.seq + 1) & 0xFFFFFFFF

    def of(self, side):
        address = self.client if side == "client" else self.server
        return [segment for segment in self.segments if segment.source == address]

    def data(self, side):
        """Segments with new payload."""
        return [segment for segment in self.of(side) if segment.length and not segment.repeat]

    def bytes(self, side):
        return sum(segment.length for segment in self.data(side))

    def repeats(self, side):
        return sum(segment.repeat for segment in self.of(side))

    def again(self, first):
        """The repeats of this segment, in order."""
        return [segment for segment in self.segments if segment.source == first.source and segment.repeat and
                segment.seq == first.seq and segment.frame > first.frame]

    def acked(self, side):
        """Whether all that this side sent has been acknowledged."""
        other = self.of("server" if side == "client" else "client")
        address = self.client if side == "client" else self.server
        return bool(other) and max(segment.ack for segment in other if segment.flags & ACK) == self.top[address]

    def acked_at(self, segment):
        """When the other side's ACK of all of this segment was captured, or None."""
        end = (segment.seq + segment.length + bool(segment.flags & (SYN | FIN))) & 0xFFFFFFFF
        return next((other.at for other in self.segments if other.source == segment.target and other.flags & ACK and
                     other.at >= segment.at and not below(other.ack, end)), None)

    def first(self, side, flag):
        return next((segment for segment in self.of(side) if segment.flags & flag), None)

    def rtt(self):
        """From SYN to SYN-ACK, where both are in the trace."""
        asked, answered = self.first("client", SYN), self.first("server", SYN)
        return answered.at - asked.at if asked and answered else None


class Trace:
    def __init__(self, path):
        self.frames, self.start, self.end, self.flows = 0, None, None, []
        self.midflow, self.twice, self.seen, self.errors, self.who_has = False, 0, {}, [], []
        with open(path, "rb") as file:
            data = file.read()
        self.link = struct.unpack_from("<I", data, 20)[0]
        if data[:4] != b"\xd4\xc3\xb2\xa1" or self.link not in (ETHERNET, COOKED):
            raise RuntimeError(path + ": not a little-endian microsecond pcap of Ethernet or Linux cooked v2")
        open_flows, position = {}, 24
        while position < len(data):
            seconds, micros, caplen, _ = struct.unpack_from("<IIII", data, position)
            self.frame(seconds * 1000000 + micros, data[position + 16:position + 16 + caplen], open_flows)
            position += 16 + caplen

    def packet(self, data):
        """Its addresses, its TCP header and how many bytes of TCP there were, or nothing."""
        kind, packet = (data[12:14], data[14:]) if self.link == ETHERNET else (data[:2], data[20:])
        kind = int.from_bytes(kind, "big")
        if kind == IPV4 and packet[9] == socket.IPPROTO_TCP:
            length, header = struct.unpack_from(">H", packet, 2)[0], (packet[0] & 15) * 4
            addresses = [socket.inet_ntop(socket.AF_INET, packet[at:at + 4]) for at in (12, 16)]
            return addresses, packet[header:], length - header, packet[4:6], packet[8]
        if kind == IPV6 and packet[6] == socket.IPPROTO_TCP:
            addresses = [socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (8, 24)]
            return addresses, packet[40:], struct.unpack_from(">H", packet, 4)[0], b"", packet[7]
        if kind == ARP and packet[7] == 1:
            self.who_has.append((self.micros / 1e6, socket.inet_ntop(socket.AF_INET, packet[24:28])))
        else:
            self.error(kind, packet)
        return None

    def error(self, kind, packet):
        """Of Ethernet, where a header without options is quoted."""
        if kind == IPV4 and packet[9] == socket.IPPROTO_ICMP and packet[20] == UNREACHABLE:
            sender, code, tcp = socket.inet_ntop(socket.AF_INET, packet[12:16]), packet[21], 48
        elif kind == IPV6 and packet[6] == socket.IPPROTO_ICMPV6 and packet[40] == UNREACHABLE6:
            sender, code, tcp = socket.inet_ntop(socket.AF_INET6, packet[8:24]), packet[41], 88
        else:
            return
        self.errors.append(Error(self.frames, self.micros, sender, code, struct.unpack_from(">HH", packet, tcp)))

    def again(self, micros, key):
        """Whether this very packet was seen an instant ago, on another interface."""
        before, self.seen[key] = self.seen.get(key), micros
        twice = before is not None and 0 <= micros - before < TWICE
        self.twice += twice
        return twice

    def frame(self, micros, data, open_flows):
        self.frames += 1
        self.start = micros / 1e6 if self.start is None else self.start
        self.end, self.micros = micros / 1e6, micros
        found = self.packet(data)
        if not found:
            return
        addresses, tcp, length, number, ttl = found
        ports = struct.unpack_from(">HH", tcp)
        source, target = zip(addresses, ports)
        segment = Segment(self.frames, micros, source, target, tcp, length - (tcp[12] >> 4) * 4)
        segment.ttl = ttl
        if self.link == COOKED and self.again(micros, (source, target, tcp[4:16], tcp[20:40], number)):
            return
        key = frozenset((source, target))
        flow = open_flows.get(key)
        if flow and segment.flags == SYN and flow.begins_with_answer_to(segment):
            pass
        elif segment.flags & (SYN | ACK) == SYN and (not flow or flow.segments[0].seq != segment.seq):
            flow = open_flows[key] = Flow(segment)
            self.flows.append(flow)
        if flow is None:
            # The recipe says whether the SYN may be missing; expectations ask for it.
            self.midflow = True
            flow = open_flows[key] = Flow(segment)
            self.flows.append(flow)
        flow.add(segment)

    def flow(self, number=0):
        return self.flows[number]
