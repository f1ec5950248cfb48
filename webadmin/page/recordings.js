// Recordings: what was said, by day; to hear, to take away, to prove. And the recordings of one call.

import { get, post } from "./api.js";
import { fullMoment, length, timeOfDay } from "./clock.js";
import { ask, h, show } from "./dom.js";
import { has, spoken, t } from "./words.js";

let asked = {}; // the filters chosen last, kept while the page is open

// recordings draws the room; the address may name a day.
export function recordings(main, [day]) {
  room(main, day).catch((refused) => main.append(h("p", { class: "problem" }, refused.message)));
}

async function room(main, wanted) {
  main.append(h("h1", {}, t("room.recordings")));
  const all = await get("/api/recordings");
  const choices = await get("/api/calls/choices").catch(() => ({ queues: [], agents: [] }));
  const day = wanted || all.days[0];
  main.append(disk(all));
  if (day && all.start === "off") main.append(h("p", { class: "notice", id: "recording-off" }, off()));
  if (!day) {
    main.append(h("p", { class: "card empty" }, all.start === "off" ? off() : t("recordings.none")));
    return;
  }
  const list = h("section", { class: "card", id: "recordings" });
  const gaps = h("section", { class: "card", id: "gaps" });
  const load = async () => {
    try {
      const page = await get(`/api/recordings/${day}?` + new URLSearchParams(Object.entries(asked).filter(([, v]) => v)));
      show(list, page.recordings.length === 0 ? h("p", { class: "empty" }, t("recordings.none_found")) : table(page.recordings));
      show(gaps, gapList(page.gaps));
    } catch (refused) {
      show(list, h("p", { class: "problem" }, refused.message));
    }
  };
  main.append(filters(all.days, day, choices, load), list, gaps, proof(day));
  await load();
}

// off says that nothing is recorded, and leads where that can be changed.
const off = () => [t("recordings.off"), " ", h("a", { href: "#/settings/recording" }, t("recordings.switch_on"))];

const gb = (octets) => (octets >= 1e9 ? (octets / 1e9).toFixed(1) + " GB" : (octets / 1e6).toFixed(0) + " MB");

// disk tells how much room there is, how long it will last, and what is recorded at that.
const disk = (d) => h("dl", { class: "card facts", id: "disk" }, [
  ["step", d.start === "off" ? h("span", { class: "chip" }, t("recordings.step.off"))
    : h("span", { class: "chip " + { full: "good", mono: "warn", stopped: "bad" }[d.step] }, t("recordings.step." + d.step))],
  ["running", String(d.running)],
  ["free", gb(d.free)],
  ["used", gb(d.used)],
  ["a_day", d.a_day ? gb(d.a_day) : "–"],
  ["days_left", d.days_left >= 0 && d.days_left < 3650 ? t("recordings.days", { n: d.days_left }) : d.a_day ? t("recordings.enough") : "–"],
].map(([name, value]) => h("div", {}, h("dt", {}, t("recordings." + name)), h("dd", {}, value))));

function filters(days, day, choices, load) {
  const field = (name, input) => h("div", { class: "field" }, h("label", { for: "heard-" + name }, t("recordings.filter." + name)), input);
  const attrs = (name) => ({ id: "heard-" + name, name, onchange: (event) => { asked[name] = event.target.value; load(); } });
  const pick = (name, options) => field(name, h("select", attrs(name), h("option", { value: "" }, t("filter.any")),
    options.map(([value, text]) => h("option", { value, selected: asked[name] === value }, text))));
  const chosen = days.includes(day) ? days : [day, ...days];
  return h("form", { class: "card grid filters", role: "search", onsubmit: (event) => event.preventDefault() },
    field("day", h("select", { id: "heard-day", onchange: (event) => { location.hash = "#/recordings/" + event.target.value; } },
      chosen.map((d) => h("option", { value: d, selected: d === day }, d)))),
    field("text", h("input", { ...attrs("text"), type: "search", maxlength: 40, placeholder: t("filter.text_hint"), value: asked.text ?? "" })),
    pick("agent", choices.agents.map((a) => [a.extension, `${a.extension} ${a.name}`])),
    pick("queue", choices.queues.map((q) => [q, q])));
}

const table = (rows) => h("table", { class: "folds" },
  h("thead", {}, h("tr", {}, ["began", "caller", "called", "queue", "agent"].map((c) => h("th", { scope: "col" }, t("call.column." + c))),
    h("th", { scope: "col", class: "number" }, t("recordings.length")), h("th", { scope: "col" }, ""))),
  h("tbody", {}, rows.map((r) => h("tr", {},
    h("td", {}, h("a", { href: "#/calls/" + encodeURIComponent(r.call) }, timeOfDay(r.began).replace(/[.,]\d$/, "")), r.recovered ? h("div", { class: "under" }, t("recordings.recovered")) : ""),
    h("td", {}, h("b", {}, r.caller || t("call.no_number"))),
    h("td", { "data-label": t("call.column.called") }, r.called),
    h("td", { "data-label": t("call.column.queue") }, r.queue),
    h("td", { "data-label": t("call.column.agent") }, r.agent ? `${r.agent} ${r.agent_name}` : ""),
    h("td", { class: "number", "data-label": t("recordings.length") }, length(r.ms / 1000)),
    h("td", { class: "whole heard" }, player(r))))));

const path = (r) => "/api/recordings/" + r.file.split("/").map(encodeURIComponent).join("/");

// player has the marks, a button that becomes the player, and the download of the file as it was written.
function player(r) {
  const place = h("div", { class: "acts" });
  const play = (ms) => {
    let audio = place.querySelector("audio");
    if (!audio) {
      audio = h("audio", { controls: true, preload: "auto", src: path(r) + "/sound" });
      place.querySelector("button").replaceWith(audio);
    }
    const begin = () => { audio.currentTime = ms / 1000; audio.play().catch(() => {}); };
    if (audio.readyState > 0) begin();
    else audio.addEventListener("loadedmetadata", begin, { once: true });
  };
  place.append(
    h("button", { class: "small", type: "button", "aria-label": `${t("recordings.listen")} ${r.call}`, onclick: () => play(0) }, t("recordings.listen")),
    h("a", { class: "button small", href: path(r), download: "" }, t("recordings.download")));
  const marks = r.marks.filter((m) => m.what !== "agent" || m.about !== r.agent);
  return h("div", {}, place, marks.length > 0 && h("ul", { class: "marks" }, marks.map((m) =>
    h("li", {}, h("button", { class: "plain small", type: "button", onclick: () => play(m.ms) }, length(m.ms / 1000) + " " + markWord(m))))));
}

const markWord = (m) => (has("recordings.mark." + m.what) ? t("recordings.mark." + m.what, { about: m.about }) : m.what + " " + m.about);

const gapList = (gaps) => [
  h("div", { class: "card-head" }, h("h2", {}, t("recordings.gaps")), h("span", { class: "chip push " + (gaps.length ? "bad" : "good") }, t("recordings.gaps_n", { n: gaps.length }))),
  gaps.length === 0 ? h("p", { class: "empty" }, t("recordings.no_gaps")) : h("ul", { class: "rows" }, gaps.map((g) => h("li", {},
    h("a", { href: "#/calls/" + encodeURIComponent(g.call) }, fullMoment(g.from)), " ",
    t("recordings.gap", { talk: length(g.ms / 1000), recorded: length(g.recorded_ms / 1000) })))),
];

// proof is the card that proves a day: every file is read again and held against the chain of check sums.
function proof(day) {
  const result = h("div", { role: "status", id: "proof" });
  const button = h("button", { id: "prove", type: "button", onclick: async () => {
    button.disabled = true;
    show(result, h("p", { class: "soft" }, t("recordings.proving")));
    try {
      show(result, found(await post(`/api/recordings/${day}/prove`)));
    } catch (refused) {
      show(result, h("p", { class: "problem" }, refused.message));
    }
    button.disabled = false;
  } }, t("recordings.prove", { day }));
  return h("section", { class: "card stack" },
    h("div", { class: "card-head" }, h("h2", {}, t("recordings.proof"))),
    h("p", { class: "soft" }, t("recordings.proof_text")),
    h("div", { class: "acts" }, button,
      h("a", { class: "button", href: `/api/recordings/${day}/chain`, download: "" }, t("recordings.chain")),
      h("button", { class: "plain", type: "button", onclick: () => ask(t("recordings.how"), h("p", {}, t("recordings.how_text")), [{ text: t("button.close") }]) }, t("recordings.how"))),
    result);
}

const found = (p) => [
  h("p", {}, h("b", {}, p.faults.length === 0 ? t("recordings.proved", { n: p.checked, size: gb(p.octets) }) : t("recordings.not_proved", { n: p.faults.length }))),
  p.deleted > 0 && h("p", {}, t("recordings.deleted", { n: p.deleted })),
  p.faults.length > 0 && h("ul", { class: "rows" }, p.faults.map((f) => h("li", {}, h("span", { class: "chip bad" }, t("recordings.fault." + f.what)), " ", f.file))),
  p.last_link && h("p", {}, t("recordings.last_link"), h("br", {}), h("code", { class: "link", id: "last-link" }, p.last_link.replace(/(.{8})(?=.)/g, "$1 "))),
];

// ofCall draws what there is to hear of one call of the log.
export async function ofCall(id, place) {
  const answer = await get(`/api/calls/${encodeURIComponent(id)}/recordings?lang=${spoken()}`).catch(() => null);
  if (!answer?.recordings.length) return;
  show(place, h("section", { class: "card", id: "recording" }, h("div", { class: "card-head" }, h("h2", {}, t("recordings.of_call"))),
    answer.recordings.map((r) => h("div", { class: "stack" }, h("p", { class: "soft" }, fullMoment(r.began), " · ", length(r.ms / 1000)), player(r)))));
}
