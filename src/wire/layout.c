/* A list that never grows beyond its room: a crafted frame of a hundred tunnels is worth nothing to anybody. */
#include "layout.h"

void layout_add(struct layout *layout, enum place_kind kind, const uint8_t *at, size_t length, uint32_t whole)
{
	size_t from = (size_t)(at - layout->frame);

	if (length == 0 || from > layout->captured || length > layout->captured - from) /* the decoder stops there */
		return;
	if (layout->count == layout_places || from + length > layout_bytes) {
		layout->is_full = true;
		return;
	}
	layout->places[layout->count++] = (struct place){
		.kind = (uint8_t)kind, .at = (uint16_t)from, .length = (uint16_t)length, .whole = whole
	};
}
