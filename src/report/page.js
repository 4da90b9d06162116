// Of the page that `flatline report` writes. Everything is there without it; it sorts, filters, copies, and tells what a
// stroke of a picture is.
"use strict";

// All connections: a column's heading sorts, words above the table filter.
function table() {
	const table = document.getElementById("flows"), filter = document.getElementById("filter");
	if (!table)
		return;
	const body = table.tBodies[0], rows = Array.from(body.rows), shown = document.getElementById("shown");
	const value = (row, column) => {
		const cell = row.cells[column], number = cell.dataset.v;
		return number === undefined ? cell.textContent : Number(number);
	};
	const { compare } = new Intl.Collator("en", { numeric: true });
	Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = heading.textContent;
		heading.replaceChildren(button);
		button.addEventListener("click", () => {
			const down = heading.getAttribute("aria-sort") === "ascending";
			for (const other of table.tHead.rows[0].cells)
				other.removeAttribute("aria-sort");
			heading.setAttribute("aria-sort", down ? "descending" : "ascending");
			const values = new Map(rows.map(row => [row, value(row, column)]));
			rows.sort((one, other) => {
				const a = values.get(one), b = values.get(other);
				return (down ? -1 : 1) * (typeof a === "number" ? a - b : compare(a, b));
			});
			body.append(...rows);
		});
	});
	filter.closest("p").hidden = false;
	filter.addEventListener("input", () => {
		const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
		let count = 0;
		for (const row of rows) {
			const text = Array.from(row.cells, cell => cell.textContent).join(" ").toLowerCase();
			row.hidden = !words.every(word => text.includes(word));
			count += !row.hidden;
		}
		shown.textContent = words.length ? count + " of " + rows.length : "";
	});
}

// Pictures: the stroke under the pointer, or the one that the arrow keys have come to, in words.
function picture(svg) {
	const roles = ["client", "server"], kinds = ["ACK", "data", "SYN", "probe", "sent again", "FIN or RST"];
	const points = svg.dataset.points ? svg.dataset.points.split(";").map(text => {
		const [x, what, count, first, last, time] = text.split(",");
		return { x: Number(x), role: roles[what[0]], kind: kinds[what[1]], count: Number(count), first, last, time };
	}).sort((a, b) => a.x - b.x || a.first - b.first) : [];
	const figure = svg.closest("figure"), said = figure.querySelector(".said"), frame = svg.parentElement;
	const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
	let at = -1;
	if (!points.length)
		return;
	cursor.setAttribute("class", "cursor");
	svg.append(cursor);
	const show = index => {
		const point = points[index], frames = point.first === point.last ? "frame " + point.first
			: "frames " + point.first + " to " + point.last;
		at = index;
		cursor.setAttribute("d", "M" + point.x + " 20V" + (svg.viewBox.baseVal.height - 20));
		said.textContent = point.time + " UTC, " + frames + ", from the " + point.role + ": " + point.kind
			+ (point.count > 1 ? ", " + point.count + " packets" : "");
	};
	svg.addEventListener("pointermove", event => {
		const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
		const x = (event.clientX - box.left) * scale, upper = (event.clientY - box.top) * scale;
		const lane = svg.viewBox.baseVal.height - 22 - 4 - 26;
		let best = 0;
		for (let i = 1; i < points.length; i++) {
			const better = Math.abs(points[i].x - x) - Math.abs(points[best].x - x);
			if (better < 0 || (better === 0 && (points[i].role === "client") === (upper < lane)))
				best = i;
		}
		show(best);
	});
	frame.setAttribute("aria-label", frame.getAttribute("aria-label") + "; the arrow keys go from packet to packet");
	frame.addEventListener("keydown", event => {
		const all = points.length;
		const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20, Home: -all, End: all };
		const step = steps[event.key];
		if (!step)
			return;
		event.preventDefault();
		show(Math.min(all - 1, Math.max(0, at < 0 && step > 0 ? 0 : at + step)));
		// Where the picture is wider than the screen, it follows.
		const place = points[at].x / svg.viewBox.baseVal.width * svg.clientWidth;
		if (place < frame.scrollLeft || place > frame.scrollLeft + frame.clientWidth)
			frame.scrollLeft = place - frame.clientWidth / 2;
	});
}

// A button copies a filter, where the browser lets it.
function copies(code) {
	const button = document.createElement("button");
	if (!navigator.clipboard)
		return;
	button.type = "button";
	button.className = "copy";
	button.textContent = "copy";
	button.addEventListener("click", () => navigator.clipboard.writeText(code.textContent).then(() => {
		button.textContent = "copied";
		setTimeout(() => { button.textContent = "copy"; }, 1500);
	}, () => { button.textContent = "not allowed"; }));
	code.after(" ", button);
}

// On paper nothing can be unfolded.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(details => details.open = true));

table();
document.querySelectorAll("svg.pulse").forEach(picture);
document.querySelectorAll("code.copy").forEach(copies);
