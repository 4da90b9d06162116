/* What stands around the sections: the first lines, the capture, and how to make the page again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/time.h"
#include "html_parts.h"
#include "plain.h"

void html_lead(struct fl_text *html, const struct scene *scene, const struct fl_account *account, const char *heading)
{
	struct fl_text words;
	char why[64];

	fl_text_init(&words);
	plain_what(&words, account);
	html_built(html, heading, NULL, &words);
	plain_meaning(&words, account);
	html_built(html, "p", "meaning", &words);
	fl_text_add(html, "<dl class=\"facts\">\n");
	html_key_facts(html, account, scene->observed_until);
	html_term(html, "How sure", fl_confidence_name(account->verdict.confidence));
	snprintf(why, sizeof(why), "%s", fl_account_why(account));
	html_term(html, why, account->why_unnoticed);
	html_term(html, "What would have caught it", account->would_catch);
	fl_text_add(html, "</dl>\n<p><a href=\"#flow-%" PRIu32 "\">Details of this connection</a></p>\n", account->id);
	html->failed |= words.failed;
	fl_text_deinit(&words);
}

static void files(struct fl_text *html, const struct fl_capture_facts *facts)
{
	struct fl_text words;

	fl_text_init(&words);
	for (size_t i = 0; i < facts->n_files; i++) {
		plain_file(&words, &facts->files[i]);
		html_built(html, "li", NULL, &words);
	}
	fl_text_deinit(&words);
}

/* How a capture would have shown more: where packets are missing, cut, or seen one way only. */
static void better(struct fl_text *html, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;

	if (capture->caveats.count == 0 && facts->cut == 0)
		return;
	html_element(html, "p", NULL, PLAIN_BETTER);
	fl_text_add(html, "<pre tabindex=\"0\"><code>" PLAIN_BETTER_LINE "\n</code></pre>\n");
}

void html_capture(struct fl_text *html, const struct scene *scene, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;
	char from[FL_TIME_TEXT + 8], to[FL_TIME_TEXT + 8], count[32];

	(void)scene;
	fl_text_add(html, "<section aria-labelledby=\"capture\"><h2 id=\"capture\">The capture</h2>\n<ul>\n");
	files(html, facts);
	fl_text_add(html, "</ul>\n<dl class=\"facts\">\n<dt>Frames</dt><dd>%s", fl_count_text(facts->frames, count));
	fl_text_add(html, ", %s of them TCP", fl_count_text(capture->tcp_packets, count));
	if (capture->skipped.not_ip > 0)
		fl_text_add(html, ", %s of ARP and others that are not IP",
		            fl_count_text(capture->skipped.not_ip, count));
	if (capture->skipped.not_tcp > 0)
		fl_text_add(html, ", %s of UDP, ICMP and others", fl_count_text(capture->skipped.not_tcp, count));
	fl_text_add(html, "</dd>\n");
	if (facts->first != FL_TIME_NONE)
		fl_text_add(html, "<dt>From, to</dt><dd>%s - %s UTC</dd>\n", html_when(facts->first, from),
		            html_when(facts->last, to));
	if (capture->observed_until != FL_TIME_NONE)
		fl_text_add(html, "<dt>Watched until</dt><dd>%s UTC (%s)</dd>\n",
		            html_when(capture->observed_until, to), plain_until(capture->until_source));
	fl_text_add(html, "<dt>Lost</dt><dd>");
	if (facts->has_drops)
		fl_text_add(html, "%s packets, by the capture's own count", fl_count_text(facts->drops, count));
	else
		fl_text_add(html, "the file does not say whether the capture lost packets");
	fl_text_add(html, "</dd>\n</dl>\n");
	if (capture->not_tcp)
		html_element(html, "p", NULL, capture->not_tcp);
	if (capture->caveats.count > 0)
		fl_text_add(html, "<h3>What makes it unsure</h3>\n<ul>\n");
	for (size_t i = 0; i < capture->caveats.count; i++)
		html_element(html, "li", NULL, capture->caveats.items[i]);
	if (capture->caveats.count > 0)
		fl_text_add(html, "</ul>\n");
	better(html, capture);
	fl_text_add(html, "</section>\n");
}

void html_reproduce(struct fl_text *html, const char *command, const char *verdict)
{
	if (!command)
		return;
	fl_text_add(html, "<section aria-labelledby=\"again\"><h2 id=\"again\">How to make this report again</h2>\n"
	                  "<pre tabindex=\"0\"><code>");
	html_text(html, command);
	if (verdict)
		fl_text_add(html, "\nflatline explain %s", verdict);
	fl_text_add(html, "\n</code></pre>\n</section>\n");
}
