/* The engine knows one who looks at its packets; pictures and evidence both do. */
#include "fanout.h"

static void on_packet(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir)
{
	const struct fanout *fanout = context;

	for (size_t i = 0; i < fanout->count; i++) {
		if (fanout->probes[i].packet)
			fanout->probes[i].packet(fanout->probes[i].context, packet, id, stream, dir);
	}
}

static void on_segment(void *context, uint32_t id, const struct fl_segment *segment)
{
	const struct fanout *fanout = context;

	for (size_t i = 0; i < fanout->count; i++) {
		if (fanout->probes[i].segment)
			fanout->probes[i].segment(fanout->probes[i].context, id, segment);
	}
}

static bool wants(void *context, uint32_t id)
{
	const struct fanout *fanout = context;

	for (size_t i = 0; i < fanout->count; i++) {
		const struct fl_engine_probe *probe = &fanout->probes[i];

		if (probe->segment && (!probe->wants || probe->wants(probe->context, id)))
			return true;
	}
	return false;
}

static void on_said(void *context, uint32_t id, const struct fl_profiles *profiles, const struct fl_profile *profile,
                    const struct fl_saying *saying)
{
	const struct fanout *fanout = context;

	for (size_t i = 0; i < fanout->count; i++) {
		if (fanout->probes[i].said)
			fanout->probes[i].said(fanout->probes[i].context, id, profiles, profile, saying);
	}
}

static void on_notice(void *context, const struct fl_packet *packet, uint32_t id)
{
	const struct fanout *fanout = context;

	for (size_t i = 0; i < fanout->count; i++) {
		if (fanout->probes[i].notice)
			fanout->probes[i].notice(fanout->probes[i].context, packet, id);
	}
}

void fanout_add(struct fanout *fanout, const struct fl_engine_probe *probe)
{
	fanout->probes[fanout->count++] = *probe;
}

struct fl_engine_probe fanout_probe(struct fanout *fanout)
{
	return (struct fl_engine_probe){ .packet = on_packet,
		                         .segment = on_segment,
		                         .wants = wants,
		                         .said = on_said,
		                         .notice = on_notice,
		                         .context = fanout };
}
