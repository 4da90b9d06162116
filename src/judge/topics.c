/* Every id that can stand in a report, with its words: those of the detectors are theirs, those of flows in which
 * nothing failed, and of incidents, stand here. */
#include <string.h>

#include "case.h"

static const struct fl_topic well[] = {
	{ "alive", "answering at the end of the capture",
	  "Both sides did their part until the capture ended: what was sent was ACKed, and no answer is overdue that "
	  "is known to be owed. It says nothing of what came after the last frame.",
	  "A connection on which one side waits for an answer that is not overdue yet.", "Nothing to do.",
	  "RFC 9293 section 3.3.2", FL_OK, FL_TOPIC_VERDICT },
	{ "closed", "ended in order, or reset after its work was done",
	  "Both sides sent a FIN and everything was ACKed, or one side reset the connection when nothing was under way "
	  "and nobody waited for an answer. It is a warning where a server closes over the first request of one client "
	  "three times and more, and never says anything.",
	  "A reset in the middle of work is not this.", "Nothing to do.", "RFC 9293 section 3.6", FL_WARNING,
	  FL_TOPIC_VERDICT },
	{ "one-way", "one side only sends, the other only ACKs, as if by design",
	  "One side spoke (at least three messages, over a minute or at a steady pace), the other never did, and its "
	  "kernel ACKed all of it. Telemetry, logging and market-data feeds look like this and are well, as far as TCP "
	  "can tell.",
	  "A session whose first request was never answered looks much the same: see auth-unanswered for how the two "
	  "are told apart, and when they cannot be.",
	  "If this service owes answers, say so: --set replies=owed.", NULL, FL_OK, FL_TOPIC_VERDICT },
	{ "inconclusive", "the capture cannot tell, and why",
	  "Something is missing that a judgement would need: one direction was not captured, times are absent, the "
	  "capture ended before a failure was provable, or what happened is not one of the failures that this version "
	  "knows.",
	  "It is neither a clean bill nor an alarm.",
	  "Capture both directions from the start of the connection, with whole headers (tcpdump -s 128 or more), and "
	  "longer; give --until when the capture was stopped later than its last frame.",
	  NULL, FL_NOTICE, FL_TOPIC_VERDICT },
};

static const struct fl_topic incidents[] = {
	{ "host-down", "a host answers on none of its connections any more",
	  "On two connections or more a host stopped answering (peer-vanished, connect-unanswered, "
	  "keepalive-unanswered, "
	  "unreachable), and nothing of it is in the capture since the first of these began.",
	  "A host that is heard on any other connection later is not down. One whose path died looks the same from "
	  "here.",
	  "Ask the host by another way: its console, its neighbours. Then the path to it.", NULL, FL_CRITICAL,
	  FL_TOPIC_INCIDENT },
	{ "service-down", "a service refuses every connection",
	  "Two connects or more to one address and port were refused by the host itself, and none was accepted since.",
	  "A service that restarts refuses for a moment, and accepts again: that is none. A scanner's refused connects "
	  "are "
	  "a scan.",
	  "See whether the process runs, and on which address it listens (ss -ltn).", "RFC 9293 section 3.5.2",
	  FL_CRITICAL, FL_TOPIC_INCIDENT },
	{ "listen-queue-overflow", "a service does not accept its connections",
	  "The accept queue of a service was full for two connections or more: handshakes that the client had finished "
	  "wait in vain (accept-queue-overflow), or SYNs get no answer beside them.",
	  "SYNs without an answer alone may be a filter, or a host that is down.",
	  "The process is slow, or hangs: see what it does. Its backlog (listen(2), net.core.somaxconn) only buys "
	  "time.",
	  "listen(2)", FL_CRITICAL, FL_TOPIC_INCIDENT },
	{ "network-down", "a host hears nobody any more",
	  "Several hosts fell silent within 2 s for one and the same host, and that host has heard nobody since.",
	  "When it goes on hearing others it is path-down.",
	  "Look at that host's own link, address, routes and next hop first.", NULL, FL_CRITICAL, FL_TOPIC_INCIDENT },
	{ "path-down", "something between is broken, or rejects",
	  "Several hosts fell silent within 2 s while others are heard; or two connections or more with one host met "
	  "an "
	  "ICMP error of a router, or another sign of the path, and nothing of that host was heard since.",
	  "A single host that falls silent is host-down.",
	  "Look at what the paths share: a router, a link, a firewall's rules. The sender of an ICMP error knows more.",
	  "RFC 1122 section 4.2.3.9", FL_CRITICAL, FL_TOPIC_INCIDENT },
	{ "middlebox-timeout", "something between forgets idle connections",
	  "Two connections or more with one host were dropped after a quiet time (idle-dropped).",
	  "A host that was restarted answers with an RST of its own (the same TTL as its other packets).",
	  "Keepalives more often than that timer (TCP_KEEPIDLE, or heartbeats of the protocol), or a longer timer "
	  "there.",
	  "RFC 5382 section 5", FL_CRITICAL, FL_TOPIC_INCIDENT },
	{ "restart", "a host knows nothing of its connections",
	  "Two connections or more that were open met an RST of a host that knows none of them (peer-restarted).",
	  "When only the process restarts, it sends FINs or RSTs as it dies.",
	  "See the host's uptime: the RST shows only that it is back.", "RFC 9293 section 3.5.1", FL_CRITICAL,
	  FL_TOPIC_INCIDENT },
	{ "time-wait-pressure", "a client's ports all wait in TIME_WAIT",
	  "A client that closes its connections itself leaves a port waiting for 60 s with each. Either nearly all of "
	  "those that it uses wait at once (256 or more, and some were used twice, which shows where its range ends), "
	  "or "
	  "more than half of the usual range of 28,232. Of a range that is full the next connect() fails with "
	  "EADDRNOTAVAIL, and no packet shows that.",
	  "Ports of connections that the server closed first are free at once: its side waits.",
	  "Keep connections and use them again (a pool, HTTP keep-alive); let the server close first; widen "
	  "net.ipv4.ip_local_port_range; or net.ipv4.tcp_tw_reuse = 1.",
	  "RFC 9293 section 3.6.1, RFC 6191", FL_WARNING, FL_TOPIC_INCIDENT },
	{ "scan", "one client tries many services in vain",
	  "A client tried twenty ports of a host or more, or very many hosts, hardly one of them twice, and said "
	  "nothing to any.",
	  "A client with an old list of addresses does the same.", "Ask whose it is.", NULL, FL_NOTICE,
	  FL_TOPIC_INCIDENT },
	{ "neighbour-unresolved", "an address on the link that nobody answers for",
	  "An address was asked for three times and over two seconds on the link (ARP, or IPv6 neighbour discovery), "
	  "and "
	  "nobody answered. There may be no TCP at all then: the first packet of a connection waits for the address.",
	  "A probe for an address that is to be used (RFC 5227) is not meant to be answered.",
	  "That host is down or off this link, or the address, or the mask, is wrong.", "RFC 826, RFC 4861 section 7.2",
	  FL_CRITICAL, FL_TOPIC_INCIDENT },
};

enum { n_well = sizeof(well) / sizeof(well[0]), n_incidents = sizeof(incidents) / sizeof(incidents[0]) };

static size_t count_detectors(void)
{
	size_t count = 0;

	while (fl_detector_at(count))
		count++;
	return count;
}

bool fl_topic_at(size_t index, struct fl_topic *ret_topic)
{
	size_t n_detectors = count_detectors();

	if (index < n_detectors) {
		const struct fl_detector *detector = fl_detector_at(index);
		bool is_verdict;
		enum fl_severity worst = rules_worst(detector->id, &is_verdict);

		*ret_topic = (struct fl_topic){ detector->id,
			                        detector->title,
			                        detector->explain,
			                        detector->lookalikes,
			                        detector->advice,
			                        detector->reference,
			                        worst,
			                        is_verdict ? FL_TOPIC_VERDICT : FL_TOPIC_FINDING };
		return true;
	}
	index -= n_detectors;
	if (index >= n_well + n_incidents)
		return false;
	*ret_topic = index < n_well ? well[index] : incidents[index - n_well];
	return true;
}

bool fl_topic_find(const char *id, struct fl_topic *ret_topic)
{
	for (size_t i = 0; fl_topic_at(i, ret_topic); i++) {
		if (strcmp(ret_topic->id, id) == 0)
			return true;
	}
	return false;
}
