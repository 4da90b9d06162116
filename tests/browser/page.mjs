// The pages of `flatline report` in a browser. Usage: page.mjs JOB.json; page.py writes the job, and reads a line of JSON for
// each check: {"name": ..., "problems": [...]}.
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const job = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const require = createRequire(job.modules + "/");
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const light = { name: "light", width: 1280, scheme: "light" }, dark = { name: "dark", width: 1280, scheme: "dark" };
const phone = { name: "on a phone", width: 390, scheme: "light" };
const darkPhone = { name: "on a phone, dark", width: 390, scheme: "dark" };
const listeners = new WeakMap();
let browser;

function say(name, problems, more = {}) {
	console.log(JSON.stringify({ name, problems, ...more }));
}

async function check(name, body) {
	const problems = [], more = {};
	try {
		await body((isTrue, problem) => isTrue || problems.push(String(problem)), more);
	} catch (error) {
		problems.push(String(error.stack));
	}
	say(name, problems, more);
}

// A tab with the page in it; what it says, asks for or opens that it should not stands in `heard`.
async function open(file, view = light, hasScript = true) {
	const page = await browser.newPage(), url = pathToFileURL(file).href, heard = [];
	listeners.set(page, heard);
	page.on("console", message => heard.push("console: " + message.type() + ": " + message.text()));
	page.on("pageerror", error => heard.push("error: " + error));
	page.on("dialog", dialog => { heard.push("dialog: " + dialog.message()); dialog.dismiss(); });
	page.on("popup", () => heard.push("another window"));
	page.on("framenavigated", frame => frame === page.mainFrame() || heard.push("frame: " + frame.url()));
	await page.setRequestInterception(true);
	page.on("request", request => {
		if (request.url().split("#")[0] === url) {
			request.continue();
			return;
		}
		heard.push("request: " + request.url());
		request.abort();
	});
	await page.setJavaScriptEnabled(hasScript);
	await page.evaluateOnNewDocument(() => {
		window.violations = [];
		document.addEventListener("securitypolicyviolation",
			event => window.violations.push(event.violatedDirective + " " + event.blockedURI));
	});
	await page.setViewport({ width: view.width, height: 900 });
	await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.scheme }]);
	await page.goto(url, { waitUntil: "load" });
	return page;
}

async function quiet(page, expect) {
	for (const what of listeners.get(page))
		expect(false, what);
	for (const what of await page.evaluate(() => window.violations))
		expect(false, "content security policy: " + what);
}

// What axe-core finds, and whose the finding is.
async function accessible(page, expect) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
	for (const one of found.violations)
		expect(false, "axe: " + one.impact + ", " + one.id + ": " + one.nodes.slice(0, 3).map(node =>
			node.target + " (" + (node.any[0]?.message ?? node.failureSummary) + ")").join("; "));
}

async function fits(page, expect) {
	const { whole, width, culprits } = await page.evaluate(() => ({
		whole: document.documentElement.scrollWidth, width: document.documentElement.clientWidth,
		culprits: Array.from(document.querySelectorAll("body *")).filter(element => !element.closest(".scroll, pre")
			&& element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
			.slice(0, 3).map(element => element.tagName + " " + element.textContent.slice(0, 40)),
	}));
	expect(whole <= width, "it is " + whole + " wide, where there is room for " + width + ": " + culprits);
}

// Every id once, every link leads to one; headings in order; what is there but once.
async function sound(page, expect) {
	const problems = await page.evaluate(() => {
		const found = [], ids = new Set();
		for (const { id } of document.querySelectorAll("[id]")) {
			if (ids.has(id))
				found.push("two have the id " + id);
			ids.add(id);
		}
		for (const link of document.querySelectorAll("a"))
			if (!ids.has(link.getAttribute("href").slice(1)))
				found.push("the link leads nowhere: " + link.outerHTML);
		const levels = Array.from(document.querySelectorAll("h1, h2, h3, h4, h5, h6"),
			heading => Number(heading.tagName[1]));
		levels.forEach((level, i) => level > (i ? levels[i - 1] : 0) + 1
			&& found.push("a heading h" + level + " too deep"));
		if (levels.filter(level => level === 1).length !== 1)
			found.push("there is not one h1");
		for (const name of ["main", "header", "footer", "script", "style", "head title", "html[lang]"])
			if (document.querySelectorAll(name).length !== 1)
				found.push("there is not one " + name);
		for (const heading of document.querySelectorAll("thead th"))
			if (heading.scope !== "col")
				found.push("no heading of a column: " + heading.textContent);
		if (document.querySelector("img, iframe, object, embed, link, base, form, video, audio, [onerror], [onclick], "
			+ "[style]"))
			found.push("there is an element that no page has");
		return found;
	});
	for (const problem of problems)
		expect(false, problem);
}

async function look(name, file, views = [light, dark, phone]) {
	for (const view of views)
		await check(name + ", " + view.name + ": quiet, whole, readable", async expect => {
			const page = await open(file, view);
			await fits(page, expect);
			await sound(page, expect);
			await accessible(page, expect);
			await quiet(page, expect);
			await page.close();
		});
}

const glance = (name, file) => look(name, file, [light, darkPhone]);

// Nothing of a table or a picture may stand beyond the paper's edge: laid out as on A4, less its margins.
async function print(name, file, pdf) {
	await check(name + ": prints whole", async expect => {
		const inner = Math.floor((210 - 2 * 15) / 25.4 * 96), page = await open(file, { width: inner, scheme: "light" });
		await page.emulateMediaType("print");
		const cut = await page.evaluate(() => Array.from(document.querySelectorAll("table, td, th, svg, pre, p, h1"))
			.filter(element => element.getBoundingClientRect().right > innerWidth + 1
				|| (getComputedStyle(element).overflowX !== "visible"
					&& element.scrollWidth > element.clientWidth + 1 && !element.matches(".sr, svg")))
			.slice(0, 3).map(element => element.tagName + " " + element.textContent.slice(0, 60)));
		for (const one of cut)
			expect(false, "cut off: " + one);
		await page.emulateMediaType(null);
		await page.pdf({ path: pdf, preferCSSPageSize: true });
		await page.close();
	});
}

const table = page => page.$$eval("#flows tbody tr", rows => rows.filter(row => !row.hidden)
	.map(row => Array.from(row.cells, cell => cell.textContent)));

// How a person would compare: what is written, not what the page keeps for its own sorting.
const units = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };
const seconds = text => text ? Array.from(text.matchAll(/([\d.]+) ?(us|ms|s|m|h|d)/g))
	.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit], 0) : -1;
const endpoint = text => text.replace(/\d+/g, number => number.padStart(6, "0"));
// The capture's first day is not written.
const moment = text => text.length === 12 ? "0000-00-00 " + text : text;
const ways = {
	flow: Number, severity: text => ["ok", "notice", "warning", "critical"].indexOf(text), verdict: text => text,
	client: endpoint, server: endpoint, side: text => text, "first packet, UTC": moment,
	"since, UTC": moment, "unnoticed for": seconds,
	packets: Number,
};

async function sorting(name, file) {
	await check(name + ": the table sorts by each column, and back", async expect => {
		const page = await open(file), before = JSON.stringify((await table(page)).sort());
		const headings = await page.$$("#flows th button");
		expect(headings.length === Object.keys(ways).length, headings.length + " headings to click");
		expect(await page.$eval(".scroll:has(#flows)", one => one.scrollWidth <= one.clientWidth),
			"it scrolls from side to side");
		for (const [column, heading] of headings.entries()) {
			const title = await heading.evaluate(button => button.textContent), way = ways[title];
			for (const direction of ["ascending", "descending"]) {
				await heading.click();
				const rows = await table(page), values = rows.map(row => way(row[column]));
				const states = await page.$$eval("#flows th",
					all => all.map(one => one.getAttribute("aria-sort")));
				const wrong = values.findIndex((value, i) => i > 0
					&& (direction === "ascending" ? values[i - 1] > value : values[i - 1] < value));
				expect(wrong < 0, title + ", " + direction + ": " + (rows[wrong - 1] ?? [])[column]
					+ " stands before " + (rows[wrong] ?? [])[column]);
				expect(states.every((state, i) => state === (i === column ? direction : null)),
					title + ": aria-sort " + states);
				expect(JSON.stringify(rows.sort()) === before, title + ": other rows than before");
			}
		}
		await quiet(page, expect);
		await page.close();
	});
}

async function filtering(name, file, words) {
	await check(name + ": words narrow the table", async expect => {
		const page = await open(file), all = await table(page);
		const type = async text => {
			await page.$eval("#filter", input => { input.value = ""; });
			await page.type("#filter", text + " ");
			await page.keyboard.press("Backspace");
			return [await table(page), await page.$eval("#shown", output => output.textContent)];
		};
		for (const text of words) {
			const [rows, said] = await type(text), parts = text.toLowerCase().split(" ");
			const wanted = all.filter(row => parts.every(part => row.join(" ").toLowerCase().includes(part)));
			expect(JSON.stringify(rows) === JSON.stringify(wanted), text + ": " + rows.length + " rows");
			expect(wanted.length > 0 && wanted.length < all.length, text + " narrows nothing");
			expect(said === wanted.length + " of " + all.length, text + ": says " + said);
		}
		const [none, said] = await type("absent-word");
		expect(none.length === 0 && said === "0 of " + all.length, "absent: " + none.length + " rows, " + said);
		// Rows that are hidden are sorted, too, and come back.
		await page.click("#flows th button");
		const [again, silence] = await type("");
		expect(again.length === all.length && silence === "", "cleared: " + again.length + " rows, says " + silence);
		await quiet(page, expect);
		await page.close();
	});
}

// Who has the focus, and whether one sees it.
const focused = page => page.evaluate(() => {
	const element = document.activeElement;
	if (element === document.body)
		return null;
	const all = Array.from(document.querySelectorAll("*"));
	return { at: all.indexOf(element), what: element.closest("th") ? "heading" : element.id || element.className
		|| element.tagName, hasRing: getComputedStyle(element).outlineStyle !== "none" };
});

async function keyboard(name, file) {
	await check(name + ": the keyboard alone reaches everything", async expect => {
		const page = await open(file), seen = [];
		const wanted = await page.$$eval("a, button, input, .scroll, pre, summary",
			all => all.filter(one => one.checkVisibility()).length);
		for (let i = 0; i < wanted; i++) {
			await page.keyboard.press("Tab");
			const at = await focused(page);
			if (!at)
				break;
			expect(at.hasRing, at.what + " has the focus, and nobody sees it");
			expect(!seen.length || at.at > seen.at(-1).at, at.what + " comes out of order");
			seen.push(at);
		}
		const whats = seen.map(one => one.what);
		expect(seen.length === wanted, wanted + " to reach, and reached " + whats);
		for (const what of ["A", "scroll", "filter", "heading", "PRE"])
			expect(whats.includes(what), "no " + what + " is reached");
		await page.focus("#flows th:nth-child(10) button");
		for (const [key, state] of [["Enter", "ascending"], ["Space", "descending"]]) {
			await page.keyboard.press(key);
			const sort = await page.$eval("#flows th:nth-child(10)", one => one.getAttribute("aria-sort"));
			expect(sort === state, key + " does not sort: " + sort);
		}
		// A link leads to its section.
		await page.focus("header a");
		await page.keyboard.press("Enter");
		const top = await page.evaluate(() => document.querySelector(location.hash).getBoundingClientRect().top);
		expect(Math.abs(top) < 50, "the link leads " + top + " away");
		await quiet(page, expect);
		await page.close();
	});
}

const said = (page, index) => page.$$eval(".said", (all, i) => all[i].textContent, index);

// Every packet that the arrow keys come to; page.py compares them with what tshark says of these frames.
async function arrows(name, file) {
	await check(name + ": arrow keys go through a picture's packets", async (expect, more) => {
		const page = await open(file, phone), regions = await page.$$("figure .scroll:has(svg.pulse)");
		more.said = [];
		for (const [index, region] of regions.entries()) {
			const texts = [];
			await region.focus();
			for (let i = 0; i < 2000; i++) {
				await page.keyboard.press("ArrowRight");
				const text = await said(page, index);
				if (text === texts.at(-1))
					break;
				texts.push(text);
				const place = await region.evaluate(element => {
					const cursor = element.querySelector(".cursor").getBoundingClientRect();
					const box = element.getBoundingClientRect();
					return cursor.left >= box.left - 1 && cursor.right <= box.right + 1;
				});
				expect(place, "the cursor is out of sight: " + text);
			}
			const frames = texts.map(text => Number(/frames? (\d+)/.exec(text)?.[1]));
			expect(frames.every((frame, i) => i === 0 || frame > frames[i - 1]), "out of order: " + frames);
			const last = texts.length - 1, up = Math.max(0, last - 21);
			for (const [key, wanted] of [["Home", 0], ["End", last], ["ArrowLeft", Math.max(0, last - 1)],
				["PageUp", up], ["PageDown", Math.min(last, up + 20)]]) {
				await page.keyboard.press(key);
				const text = await said(page, index);
				expect(text === texts[wanted], key + ": " + text + ", not " + texts[wanted]);
			}
			more.said.push(texts);
		}
		expect(regions.length > 0, "no pictures");
		await quiet(page, expect);
		await page.close();
	});
}

async function hovering(name, file) {
	await check(name + ": the pointer does the same", async expect => {
		const page = await open(file), svg = await page.$("svg.pulse");
		await svg.evaluate(element => element.scrollIntoView({ block: "center" }));
		const box = await svg.boundingBox();
		const { width, height, points } = await svg.evaluate(element => ({ width: element.viewBox.baseVal.width,
			height: element.viewBox.baseVal.height,
			points: element.dataset.points.split(";").map(point => point.split(",")) }));
		const lane = height - 22 - 4 - 26;
		for (const [x, what, count, first, , time] of points) {
			const same = points.filter(point => Math.abs(point[0] - x) < 1);
			await page.mouse.move(box.x + x / width * box.width,
				box.y + (lane + (what[0] === "0" ? -10 : 10)) / height * box.height);
			const text = await said(page, 0), role = ["client", "server"][what[0]];
			expect(/^\d\d:\d\d:\d\d\.\d{3} UTC, frames? \d/.test(text), "at " + x + ": " + text);
			if (same.length === 1)
				expect(text.startsWith(time + " UTC, frame" + (count > 1 ? "s " : " ") + first),
					"at " + x + ": " + text + ", not " + first);
			if (same.filter(point => point[1][0] === what[0]).length === same.length / 2)
				expect(text.includes("from the " + role), "at " + x + ", where those of the " + role + " stand: "
					+ text);
		}
		await quiet(page, expect);
		await page.close();
	});
}

async function copying(name, file) {
	await check(name + ": a button copies the filter", async expect => {
		const page = await open(file);
		await page.evaluate(() => {
			navigator.clipboard.writeText = async text => { window.copied = text; };
		});
		await page.click("button.copy");
		const [copied, filter] = await page.evaluate(() => [window.copied,
			document.querySelector("code.copy").textContent]);
		expect(copied === filter && filter.startsWith("tcp.stream eq "), copied + " is copied of " + filter);
		await quiet(page, expect);
		await page.close();
	});
}

async function scriptless(name, file) {
	await check(name + ": all is there without a script", async expect => {
		const page = await open(file, light, false);
		const seen = await page.evaluate(() => {
			const isSeen = element => element.getClientRects().length > 0
				&& getComputedStyle(element).visibility === "visible";
			return { rows: Array.from(document.querySelectorAll("#flows tbody tr"), isSeen),
				articles: Array.from(document.querySelectorAll("article"),
					one => isSeen(one) && one.innerText.length),
				filter: isSeen(document.getElementById("filter")),
				buttons: document.querySelectorAll("button").length,
				headings: document.querySelectorAll("#flows th").length };
		});
		expect(seen.rows.length > 0 && seen.rows.every(Boolean), "not all rows are seen");
		expect(seen.articles.length > 0 && seen.articles.every(length => length > 200), "sections: " + seen.articles);
		expect(!seen.filter && seen.buttons === 0, "there is something to click that does nothing");
		expect(seen.headings === 10, "headings: " + seen.headings);
		await fits(page, expect);
		expect(listeners.get(page).length === 0, listeners.get(page));
		await page.close();
	});
}

// Of input that somebody made on purpose.
async function hostile(name, file) {
	await glance(name, file);
	await check(name + ": nothing of it runs", async (expect, more) => {
		const page = await open(file);
		await page.hover("h1");
		for (const row of (await page.$$("#flows th button, .scroll, summary")).slice(0, 30))
			await row.click();
		expect(!await page.evaluate(() => window.hacked), "a script of the capture ran");
		await quiet(page, expect);
		more.text = await page.evaluate(() => document.body.textContent);
		await page.close();
	});
}

async function large(name, file) {
	await check(name + ": opens and stays usable", async expect => {
		const started = performance.now(), page = await open(file), opened = performance.now() - started;
		expect(opened < 60000, "it takes " + opened + " ms to open");
		for (const column of [1, 4, 10]) {
			const took = await page.evaluate(index => {
				const start = performance.now();
				document.querySelector("#flows th:nth-child(" + index + ") button").click();
				document.body.getBoundingClientRect();
				return performance.now() - start;
			}, column);
			expect(took < 30000, "sorting by column " + column + " takes " + took + " ms");
		}
		const took = await page.evaluate(() => {
			const start = performance.now(), filter = document.getElementById("filter");
			filter.value = "refused";
			filter.dispatchEvent(new Event("input"));
			document.body.getBoundingClientRect();
			return performance.now() - start;
		});
		expect(took < 30000, "filtering takes " + took + " ms");
		await fits(page, expect);
		await sound(page, expect);
		await quiet(page, expect);
		await page.close();
	});
}

const checks = { look, glance, print, sorting, filtering, keyboard, arrows, hovering, copying, scriptless, hostile, large };

async function launch() {
	const options = { executablePath: job.chromium, headless: true, args: ["--disable-gpu"], protocolTimeout: 120000 };
	const unconfined = { ...options, args: [...options.args, "--no-sandbox"] };
	// Chromium's own sandbox is not for root, and not where containers have no namespaces.
	if (process.getuid() === 0)
		return puppeteer.launch(unconfined);
	return puppeteer.launch(options).catch(() => puppeteer.launch(unconfined));
}

browser = await launch();
for (const [kind, ...what] of job.checks)
	await checks[kind](...what);
await browser.close();
