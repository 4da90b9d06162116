/* The capture as a whole, and what befell many flows at once, as JSON objects. */
#include <stdio.h>

#include "flatline/capture.h"
#include "flatline/time.h"
#include "json_parts.h"

static void put_files(struct maker *maker, struct json_object *object, const struct fl_capture_facts *facts)
{
	struct json_object *files = json_object_new_array();

	for (size_t i = 0; i < facts->n_files; i++)
		put_item(maker, files, json_text(facts->files[i].name));
	put(maker, object, "files", files);
}

static void put_links(struct maker *maker, struct json_object *object, const struct fl_capture_facts *facts)
{
	struct json_object *links = json_object_new_array();

	for (size_t i = 0; i < facts->n_links; i++) {
		const char *name = fl_link_name(facts->links[i]);
		char number[32];

		snprintf(number, sizeof(number), "link type %u", facts->links[i]);
		put_item(maker, links, json_object_new_string(name ? name : number));
	}
	put(maker, object, "link_types", links);
}

struct json_object *json_capture(const struct fl_capture_account *capture)
{
	struct maker maker = { false };
	struct json_object *object = json_object_new_object(), *skipped = json_object_new_object();

	put_files(&maker, object, capture->facts);
	put_number(&maker, object, "frames", capture->facts->frames);
	put_number(&maker, object, "tcp_packets", capture->tcp_packets);
	put_time(&maker, object, "first", capture->facts->first);
	put_time(&maker, object, "last", capture->facts->last);
	put_time(&maker, object, "observed_until", capture->observed_until);
	put_string(&maker, object, "observed_until_source", fl_until_source_name(capture->until_source));
	put_links(&maker, object, capture->facts);
	put_number(&maker, skipped, "not_ip", capture->skipped.not_ip);
	put_number(&maker, skipped, "not_tcp", capture->skipped.not_tcp);
	put_number(&maker, skipped, "fragment", capture->skipped.fragment);
	put_number(&maker, skipped, "malformed", capture->skipped.malformed);
	put_number(&maker, skipped, "duplicate", capture->skipped.duplicate);
	put(&maker, object, "skipped", skipped);
	put_words(&maker, object, "caveats", &capture->caveats);
	if (maker.failed) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

struct json_object *json_incident(const struct fl_incident *incident)
{
	struct maker maker = { false };
	struct json_object *object = json_object_new_object(), *flows = json_object_new_array();

	put_string(&maker, object, "id", incident->id);
	put_string(&maker, object, "subject", incident->subject);
	for (size_t i = 0; i < incident->n_flows; i++)
		put_item(&maker, flows, json_object_new_uint64(incident->flows[i]));
	put(&maker, object, "flows", flows);
	put_time(&maker, object, "onset", incident->onset);
	put_string(&maker, object, "summary", incident->summary);
	if (maker.failed) {
		json_object_put(object);
		return NULL;
	}
	return object;
}
