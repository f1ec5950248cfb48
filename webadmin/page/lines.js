// Lines: the room of the E1 and T1 lines. The list shows each with its lamp; one line shows its alarms in the field's
// words, each B channel with what happened to it, what a day came down to, and makes the report for the carrier.

import { get, post } from "./api.js";
import { moment, setBoxTime, since, timeOfDay } from "./clock.js";
import { doctor } from "./doctor.js";
import { ask, h, morph, press, show, tell } from "./dom.js";
import { alarmChip, channelGrid } from "./linecard.js";
import { follow } from "./live.js";
import { lamp } from "./marks.js";
import { quality } from "./quality.js";
import { trunkCard } from "./trunks.js";
import { either, has, spoken, t } from "./words.js";

// ms between two looks at what does not come with the stream, and at what the box has to read a day's journal for
const every = 15_000;
const seldom = 60_000;
const soon = 10_000; // but no sooner after a change

// lines draws the room into main and returns the function that leaves it.
export function lines(main, [name, view], { lost }) {
  if (name && view === "quality") return quality(main, name);
  if (name && view === "doctor") return doctor(main, name);
  return name ? one(main, name, lost) : all(main, lost);
}

const address = (name, view) => "#/lines/" + encodeURIComponent(name) + (view ? "/" + view : "");
const api = (name, what) => "/api/lines/" + encodeURIComponent(name) + "/" + what;

// live follows the switch, draws what page(snapshot) gives into root and keeps it up to date; it returns the function
// that ends it, which has the function draw.
function live(root, lost, page) {
  let last;
  const draw = () => {
    if (!last) return;
    keep(root, h("div", { class: "room", "data-key": "live" }, page(last)));
  };
  root.append(h("p", { class: "empty" }, t("live.waiting")));
  const end = follow("/api/now/stream", "/api/now", (snapshot) => {
    last = snapshot;
    setBoxTime(snapshot.at);
    draw();
  }, lost);
  return { draw, end: () => { end(); lost(false); } };
}

// keep makes fresh the only thing in root, and keeps what is already like it.
function keep(root, fresh) {
  if (root.firstChild?.dataset?.key === fresh.dataset.key) morph(root.firstChild, fresh);
  else root.replaceChildren(fresh);
}

// again calls look now and every ms, and returns the function that ends it.
function again(look, ms = every) {
  look();
  const timer = setInterval(look, ms);
  return () => clearInterval(timer);
}

// The list of all lines.

function all(main, lost) {
  const days = {}; // line name → its performance
  let off = []; // the names of lines that are switched off in the settings
  get("/api/settings").then(({ settings }) => { off = settings.lines.filter((l) => !l.enabled).map((l) => l.name); now.draw(); }).catch(() => {});
  const body = h("div", {});
  main.append(h("div", { class: "title-row" }, h("h1", {}, t("room.lines"))), h("p", { class: "soft" }, t("lines.text")), body, lampLegend());
  const now = live(body, lost, (s) => {
    for (const line of s.lines ?? []) if (!(line.name in days)) day(line.name);
    return [...(s.lines ?? []).map((line) => row(line, days[line.name])), ...off.map(rowOff), ...(s.trunks ?? []).map(trunkCard), s.lines?.length || s.trunks?.length ? "" : h("p", { class: "empty" }, t("lines.none"))];
  });
  async function day(name) {
    days[name] ??= null;
    days[name] = await get(api(name, "performance")).catch(() => null);
    now.draw();
  }
  const end = again(() => Object.keys(days).forEach(day));
  return () => { end(); now.end(); return true; };
}

function row(line, day) {
  const channels = line.channels ?? [];
  const busy = channels.filter((c) => c.state !== "idle" && c.state !== "blocked").length;
  const blocked = channels.filter((c) => c.state === "blocked").length;
  return h("section", { class: "card line", "data-key": line.name },
    h("div", { class: "card-head" },
      h("h2", {}, h("a", { href: address(line.name), "aria-label": t("lines.open", { line: line.name }) }, line.name)),
      lamp(line.lamp), chips(line),
      line.change?.state ? h("span", { class: "chip warn" }, t("lines.changing")) : "",
      h("a", { class: "button small push", href: address(line.name) }, t("lines.open", { line: line.name }))),
    h("div", { class: "pairs" }, kind(line), link(line),
      h("span", {}, t("lines.busy", { n: busy, all: channels.length }), blocked ? [" · ", t("lines.out", { n: blocked })] : ""),
      day ? h("span", {}, daySentence(day.last_24h)) : ""));
}

// rowOff is a line that is switched off: the doctor can look at it all the same.
const rowOff = (name) => h("section", { class: "card line", "data-key": name },
  h("div", { class: "card-head" }, h("h2", {}, name), lamp("off"),
    h("a", { class: "button small push", href: address(name, "doctor") }, t("doctor.open"))));

const daySentence = (d) => (d.es + d.uas === 0 ? t("lines.day_fine") : t("lines.day", { es: d.es, uas: d.uas, slips: d.slips }));

const kind = (line) => h("span", {}, line.kind, " · ", t("choice.driver." + line.driver), " · ", t("choice.side." + line.side));

const link = (line) => h("span", {}, t("line.link"), " ", h("b", {}, t("line.link." + line.link)), " ", line.link === "up" ? since(line.link_since) : moment(line.link_since));

const echo = (line) => (line.echo?.by ? h("span", {}, t("line.echo"), " ", h("b", {}, t("line.echo." + line.echo.by, { name: line.echo.name }))) : "");

// clock is how far a line's clock is from that of the line which sets the pace, once it has been measured.
const clock = ({ clock: c }) => (c?.known ? h("span", {}, t("line.clock"), " ",
  h("b", {}, c.pace ? t("line.clock.pace") : t("line.clock.apart", { ppm: (c.ppm > 0 ? "+" : "") + c.ppm.toFixed(1) }))) : "");

const chips = (line) => (line.alarms?.length ? line.alarms.map(alarmChip) : h("span", { class: "chip good" }, t("lines.no_alarm")));

const lampLegend = () => h("details", { class: "card legend-card" }, h("summary", {}, t("lines.lamps")),
  h("ul", { class: "rows small" }, ["green", "green_blink", "red", "yellow", "blue", "off"].map((state) => h("li", {}, lamp(state, t("lines.lamp." + state))))));

// One line.

function one(main, name, lost) {
  const open = { timeslot: 0, book: {} }; // the channel whose ledger is shown, and the ledger of all
  const body = h("div", {});
  const still = h("div", { class: "room" });
  let seen; // link and alarms at the last drawing
  const below = h("div", {}); // what is live, too, but stands at the end
  main.append(
    h("p", {}, h("a", { href: "#/lines" }, "‹ " + t("lines.back"))),
    h("div", { class: "title-row" }, h("h1", {}, name)),
    body, still, below, lampLegend());
  const now = live(body, lost, (s) => {
    const line = (s.lines ?? []).find((l) => l.name === name);
    still.hidden = below.hidden = !line;
    if (!line) return h("p", { class: "empty" }, t("lines.gone", { line: name }), " ", h("a", { href: address(name, "doctor") }, t("doctor.open")));
    keep(below, counters(line));
    const state = [line.link, ...(line.alarms_now ?? []), ...(line.channels ?? []).map((c) => c.call)].join();
    if (seen !== undefined && seen !== state) parts.lookSoon(); // an event or a call more
    seen = state;
    return [change(line), head(line), grid(line, open)];
  });
  const parts = evidenceParts(still, name);

  async function readLedger() {
    open.book = await get(api(name, "ledger")).catch(() => ({}));
    now.draw();
  }
  press(main, {
    channel: async ({ timeslot }) => {
      open.timeslot = open.timeslot === Number(timeslot) ? 0 : Number(timeslot);
      now.draw();
      readLedger();
    },
    apply: async ({ calls }) => {
      const sure = await ask(t("lines.change_now"), h("p", {}, t("lines.change_sure", { n: calls })), [
        { text: t("button.cancel") }, { text: t("lines.change_now"), value: "yes", style: "danger" }]);
      if (sure) post(api(name, "apply")).catch((refused) => tell(refused.message, "bad"));
    },
    "switch-d": async ({ line }) => {
      const sure = await ask(t("lines.switch_d"), h("p", {}, t("lines.switch_d_sure", { line })), [
        { text: t("button.cancel") }, { text: t("lines.switch_d"), value: "yes", style: "danger" }]);
      if (!sure) return;
      await post(api(name, "switch-d")).catch((refused) => tell(refused.message, "bad"));
      readLedger();
    },
    service: async ({ timeslot, into }) => {
      const back = into === "yes";
      if (!back && !(await ask(t("lines.take_out"), h("p", {}, t("lines.take_out_sure", { n: timeslot })), [
        { text: t("button.cancel") }, { text: t("lines.take_out"), value: "yes", style: "danger" }]))) return;
      try {
        await post(api(name, `channels/${timeslot}/service`), { in: back });
        tell(t(back ? "lines.taken_in" : "lines.taken_out", { n: timeslot }));
      } catch (refused) {
        tell(refused.message, "bad");
      }
      readLedger();
    },
  });
  const ends = [again(readLedger), again(parts.look, seldom), parts.end];
  return () => { ends.forEach((end) => end()); now.end(); return true; };
}

function head(line) {
  const [stays, says] = [(line.alarms ?? []).join("+"), (line.alarms_now ?? []).join("+")];
  return h("section", { class: "card", id: "line-state", "data-key": "head" },
    h("div", { class: "card-head" }, h("h2", {}, lamp(line.lamp)), chips(line),
      stays ? h("span", { class: "soft small" }, t("lines.since"), " ", moment(line.alarms_since)) : "",
      h("span", { class: "acts push" },
        h("a", { class: "button small", id: "doctor-open", href: address(line.name, "doctor") }, t("doctor.open")),
        h("a", { class: "button small", href: address(line.name, "quality") }, t("quality.open")),
        h("a", { class: "button small", href: "#/trace/" + encodeURIComponent(line.name) }, t("room.trace")),
        h("a", { class: "button small", id: "line-settings", href: "#/settings/lines/" + encodeURIComponent(line.name) }, t("room.settings")))),
    h("div", { class: "pairs" }, kind(line), link(line), echo(line), clock(line)),
    line.echo?.why ? h("p", { class: "soft small" }, t("line.echo_why." + line.echo.why)) : "",
    (line.alarms ?? []).filter((alarm) => has("alarm.help." + alarm)).map((alarm) => h("p", {}, t("alarm.help." + alarm))),
    stays !== says ? h("p", { class: "soft small" }, t("lines.raw", { alarms: says || t("lines.raw_none") })) : "");
}

// change is what is to be said of new settings that are not in force yet, or whose D channel has not come back.
function change(line) {
  const c = line.change ?? {};
  if (!c.state) return "";
  return h("section", { class: "notice change", id: "line-change", "data-key": "change", role: "status" },
    h("span", { class: "mark", "aria-hidden": "true" }, "!"),
    h("span", {}, t("lines.change." + c.state, { n: c.calls, until: moment(c.until ?? "") }), c.since ? [" ", since(c.since)] : "",
      (c.lines ?? []).length > 1 ? h("div", { class: "small" }, t("lines.change_with", { lines: c.lines.join(", ") })) : ""),
    c.state === "draining" ? h("button", { class: "small danger", "data-do": "apply", "data-calls": String(c.calls) }, t("lines.change_now")) : "");
}

function grid(line, open) {
  const channel = (line.channels ?? []).find((c) => c.timeslot === open.timeslot);
  return h("section", { class: "card line", id: "line-channels", "data-key": "channels" },
    h("div", { class: "card-head" }, h("h2", {}, t("lines.channels")), h("span", { class: "soft small" }, t("lines.channels_text"))),
    channelGrid(line, open.timeslot),
    h("p", { class: "soft small" }, aside(line)),
    habits(open.book),
    channel ? ledger(channel, (open.book.channels ?? []).find((c) => c.timeslot === open.timeslot)) : "");
}

// aside says where the timeslots are that no call can have: 0 of an E1 is its frame, and one is the D channel, unless
// another line of the group has it.
function aside(line) {
  const there = new Set((line.channels ?? []).map((c) => c.timeslot));
  const d = line.kind === "T1" ? 24 : 16;
  return [line.kind === "T1" ? "" : t("lines.aside_0"), there.has(d) ? t("lines.aside_none", { n: d }) : t("lines.aside", { n: d })].filter(Boolean).join(" ");
}

// habits are in which order both ends take channels, how often they met, and who carries the signalling of a group.
function habits(book) {
  if (!book.hunting) return "";
  const order = (name) => t("choice.hunting." + name);
  return h("div", { class: "pairs habits" },
    h("span", {}, t("lines.hunting"), " ", h("b", {}, order(book.hunting))),
    book.carrier ? h("span", {}, t("lines.carrier"), " ", h("b", {}, order(book.carrier))) : "",
    book.gave_way + book.prevailed > 0 ? h("span", {}, t("lines.glare", { gave: book.gave_way, kept: book.prevailed })) : "",
    (book.d_channels ?? []).length > 1 ? book.d_channels.map((d) => h("span", {}, t("lines.d_channel", { line: d.line }), " ", h("b", {}, t("lines.d." + d.state.replaceAll(" ", "_"))),
      d.state === "standby" ? [" ", h("button", { class: "small", "data-do": "switch-d", "data-line": d.line }, t("lines.switch_d"))] : "")) : "");
}

// ledger is what happened to a channel, newest first, and what can be done to it.
function ledger(channel, row) {
  const n = channel.timeslot;
  const out = channel.state === "blocked" || channel.reason === "taken_out_here"; // or will be after its call
  const events = [...(row?.events ?? [])].reverse();
  return h("div", { id: "ledger", class: "ledger", "data-key": "ledger-" + n },
    h("div", { class: "card-head" }, h("h3", {}, t("lines.ledger", { n })),
      h("span", { class: "chip" }, t("channel.state." + channel.state)), h("span", { class: "soft small" }, since(channel.since)),
      h("span", { class: "push" }, h("button", { class: "small" + (out ? "" : " danger"), "data-do": "service", "data-timeslot": String(n), "data-into": out ? "yes" : "no", "data-key": out ? "in" : "out" }, t(out ? "lines.take_in" : "lines.take_out")))),
    row && channel.reason ? h("p", { class: "problem" }, either(row.reason_text)) : "",
    events.length === 0 ? h("p", { class: "empty" }, t("lines.ledger_none")) : h("table", { class: "folds" },
      h("thead", {}, h("tr", {}, ["time", "state", "call", "why"].map((c) => h("th", { scope: "col" }, t("lines.ledger_" + c))))),
      h("tbody", {}, events.map((e) => h("tr", { "data-key": e.at },
        h("td", {}, h("time", { datetime: e.at }, moment(e.at))),
        h("td", {}, t("channel.state." + e.state)),
        h("td", { "data-label": t("lines.ledger_call") }, e.call ? h("a", { href: "#/calls/" + encodeURIComponent(e.call) }, e.call) : "",
          e.way ? [" ", t("call.direction." + e.way)] : "", e.ref ? h("span", { class: "soft small" }, " ", e.ref) : ""),
        h("td", { class: "whole soft small" }, [e.cause ? t("lines.cause", { n: e.cause }) + " " + either(e.cause_text) : "", e.reason ? either(e.reason_text) : ""].filter(Boolean).join(" · ")))))));
}

function counters(line) {
  const counted = Object.entries(line.counters ?? {}).filter(([name, n]) => n > 0 && has("counter." + name));
  return h("section", { class: "card", id: "line-counters", "data-key": "counters" },
    h("div", { class: "card-head" }, h("h2", {}, t("lines.counters"))),
    counted.length === 0 ? h("p", { class: "empty" }, t("lines.counters_none")) :
      h("dl", { class: "facts" }, counted.map(([name, n]) => h("div", { "data-key": name }, h("dt", {}, t("counter." + name)), h("dd", {}, String(n))))));
}

// evidenceParts draws what does not come with the stream: what the day came down to, the report, the events.
function evidenceParts(root, name) {
  const findings = h("div", { class: "stack" });
  const events = h("div", {});
  let whole = false; // all events are shown
  const period = h("select", { id: "evidence-period", "aria-label": t("lines.period"), onchange: aim },
    ["24", "168"].map((hours) => h("option", { value: hours }, t("lines.period." + hours))));
  const mask = h("input", { type: "checkbox", id: "evidence-mask", onchange: aim });
  const [pdf, txt] = ["pdf", "txt"].map((form) => h("a", { class: "button", id: "evidence-" + form, download: "" }, t("lines." + form)));
  function aim() {
    const query = "?" + new URLSearchParams({ hours: period.value, lang: spoken(), ...(mask.checked ? { mask: "1" } : {}) });
    pdf.href = api(name, "evidence.pdf") + query;
    txt.href = api(name, "evidence.txt") + query;
  }
  aim();
  root.append(
    h("section", { class: "card", id: "line-findings" }, h("div", { class: "card-head" }, h("h2", {}, t("lines.findings"))), findings),
    h("section", { class: "card stack", id: "line-evidence" },
      h("h2", {}, t("lines.evidence")), h("p", { class: "soft" }, t("lines.evidence_text")),
      h("div", { class: "acts evidence" }, period, h("label", { class: "check" }, mask, t("lines.mask")), pdf, txt)),
    h("section", { class: "card", id: "line-events" }, h("div", { class: "card-head" }, h("h2", {}, t("lines.events"))), events));

  let last = 0, waits = 0; // when it was looked, and the timer of the next look
  function lookSoon() {
    waits ||= setTimeout(look, Math.max(0, last + soon - Date.now()));
  }

  async function look() {
    clearTimeout(waits);
    waits = 0;
    last = Date.now();
    let p;
    try {
      p = await get(api(name, "evidence"));
    } catch (refused) {
      show(findings, h("p", { class: "problem" }, refused.message));
      return;
    }
    show(findings, h("ul", { class: "findings" }, p.findings.map((f) => h("li", {}, either(f)))), h("p", { class: "soft small" }, t("lines.as_of", { at: moment(p.to) })));
    const newest = [...p.events].reverse();
    const some = whole ? newest : newest.slice(0, 12);
    show(events, some.length === 0 ? h("p", { class: "empty" }, t("lines.events_none")) :
      h("ol", { class: "story dated" }, some.map((e) => h("li", {}, h("time", { datetime: e.at, title: timeOfDay(e.at) }, moment(e.at)), h("span", {}, either(e))))),
      newest.length > some.length && h("button", { class: "small", onclick: () => { whole = true; look(); } }, t("lines.events_more", { n: newest.length })));
  }
  return { look, lookSoon, end: () => clearTimeout(waits) };
}
