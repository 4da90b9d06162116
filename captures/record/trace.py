"""Reads a recorded trace back: frame numbers for the expectation, and proof on the wire that the case is what its STORY
says (starts with the SYN, everything ACKed, no payload back). Ethernet, IPv4 and TCP as our own lab makes them; this is
no general reader."""
import struct

FIN, SYN, RST, ACK = 1, 2, 4, 16


class Segment:
    def __init__(self, frame, at, source, target, tcp, length):
        self.frame, self.at, self.source, self.target, self.length = frame, at, source, target, length
        self.seq, self.ack, offset, self.flags = struct.unpack_from(">IIBB", tcp, 4)
        self.repeat = False


class Flow:
    def __init__(self, syn):
        self.client, self.server = syn.source, syn.target
        self.segments, self.top = [], {}

    def add(self, segment):
        covered = segment.length + bool(segment.flags & (SYN | FIN))
        top = self.top.setdefault(segment.source, segment.seq)
        end = (segment.seq + covered) & 0xFFFFFFFF
        forward = ((end - top + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        segment.repeat = covered > 0 and forward <= 0
        if forward > 0:
            self.top[segment.source] = end
        self.segments.append(segment)

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

    def acked(self, side):
        """Whether all that this side sent has been acknowledged."""
        other = self.of("server" if side == "client" else "client")
        address = self.client if side == "client" else self.server
        return bool(other) and max(segment.ack for segment in other if segment.flags & ACK) == self.top[address]

    def first(self, side, flag):
        return next((segment for segment in self.of(side) if segment.flags & flag), None)

    def rtt(self):
        return self.first("server", SYN).at - self.first("client", SYN).at


class Trace:
    def __init__(self, path):
        self.frames, self.start, self.end, self.flows = 0, None, None, []
        with open(path, "rb") as file:
            data = file.read()
        if data[:4] != b"\xd4\xc3\xb2\xa1" or struct.unpack_from("<I", data, 20)[0] != 1:
            raise RuntimeError(path + ": not a little-endian microsecond pcap of Ethernet")
        open_flows, position = {}, 24
        while position < len(data):
            seconds, micros, caplen, _ = struct.unpack_from("<IIII", data, position)
            self.frame(seconds + micros / 1e6, data[position + 16:position + 16 + caplen], open_flows)
            position += 16 + caplen

    def frame(self, at, data, open_flows):
        self.frames += 1
        self.start = at if self.start is None else self.start
        self.end = at
        if data[12:14] != b"\x08\x00" or data[23] != 6:
            return
        total, ihl = struct.unpack_from(">H", data, 16)[0], (data[14] & 15) * 4
        tcp = data[14 + ihl:]
        ports = struct.unpack_from(">HH", tcp)
        source, target = (".".join(map(str, data[26:30])), ports[0]), (".".join(map(str, data[30:34])), ports[1])
        segment = Segment(self.frames, at, source, target, tcp, total - ihl - (tcp[12] >> 4) * 4)
        key = frozenset((source, target))
        flow = open_flows.get(key)
        if segment.flags & (SYN | ACK) == SYN and (not flow or flow.segments[0].seq != segment.seq):
            flow = open_flows[key] = Flow(segment)
            self.flows.append(flow)
        if flow is None:
            raise RuntimeError("frame %d belongs to a connection whose SYN was not captured" % self.frames)
        flow.add(segment)

    def flow(self, number=0):
        return self.flows[number]
