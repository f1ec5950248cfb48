// Calls: the log of ended calls with its filters, and one call told as a story.

import { get } from "./api.js";
import { dayEnd, dayStart, fullMoment, length, moment, timeOfDay } from "./clock.js";
import { h, show } from "./dom.js";
import { callerOf, chargeOf, chip } from "./marks.js";
import { ofCall } from "./recordings.js";
import { capital, either, spoken, t } from "./words.js";

let asked = {}; // the filters chosen last, kept while the page is open

// calls draws the log, or the call whose id the address names.
export function calls(main, [id]) {
  if (id) story(main, id);
  else log(main);
}

async function log(main) {
  const rows = h("tbody", {});
  const foot = h("div", { class: "acts" });
  const table = h("table", { class: "folds" },
    h("thead", {}, h("tr", {}, ["began", "caller", "called", "queue", "agent", "outcome", "wait", "talk"].map((c) =>
      h("th", { scope: "col", class: c === "wait" || c === "talk" ? "number" : "" }, t("call.column." + c))))), rows);
  const empty = h("p", { class: "empty", hidden: true }, t("calls.none"));
  const csv = h("a", { class: "button small push", id: "csv", download: "" }, t("calls.csv"));

  async function load(before) {
    const query = new URLSearchParams(search());
    csv.href = "/api/calls.csv?" + new URLSearchParams({ ...search(), lang: spoken() });
    if (before) query.set("before", before);
    let page;
    try {
      page = await get("/api/calls?" + query);
    } catch (refused) {
      show(foot, h("p", { class: "problem" }, refused.message));
      return;
    }
    if (!before) rows.replaceChildren();
    rows.append(...page.calls.map(row));
    empty.hidden = rows.children.length > 0;
    table.hidden = !empty.hidden;
    show(foot, page.more && h("button", { id: "older", onclick: () => load(page.more) }, t("calls.older")));
  }

  const choices = await get("/api/calls/choices").catch(() => ({ queues: [], agents: [], outcomes: [] }));
  main.append(
    h("div", { class: "title-row" }, h("h1", {}, t("room.calls")), csv),
    filters(choices, load),
    h("section", { class: "card", id: "log" }, empty, table, foot));
  load();
}

// search turns the filters into the API's query.
function search() {
  const query = {};
  for (const name of ["text", "queue", "agent", "outcome"]) if (asked[name]) query[name] = asked[name];
  if (asked.from) query.from = dayStart(asked.from);
  if (asked.until) query.until = dayEnd(asked.until);
  return query;
}

function filters(choices, load) {
  const field = (name, input) => h("div", { class: "field" }, h("label", { for: "filter-" + name }, t("filter." + name)), input);
  const attrs = (name) => ({ id: "filter-" + name, name, onchange: (event) => { asked[name] = event.target.value; load(); } });
  const pick = (name, options) => field(name, h("select", attrs(name), h("option", { value: "" }, t("filter.any")),
    options.map(([value, text]) => h("option", { value, selected: asked[name] === value }, text))));
  const type = (name, more) => field(name, h("input", { ...attrs(name), ...more, value: asked[name] ?? "" }));
  return h("form", { class: "card grid filters", role: "search", onsubmit: (event) => event.preventDefault() },
    type("text", { type: "search", placeholder: t("filter.text_hint"), maxlength: 40 }),
    pick("queue", choices.queues.map((q) => [q, q])),
    pick("agent", choices.agents.map((a) => [a.extension, `${a.extension} ${a.name}`])),
    pick("outcome", choices.outcomes.map((o) => [o.name, capital(either(o))])),
    type("from", { type: "date" }), type("until", { type: "date" }));
}

function row(c) {
  const open = () => { location.hash = "#/calls/" + encodeURIComponent(c.id); };
  const seconds = (ms) => (ms ? length(ms / 1000) : "");
  return h("tr", { class: "to-open", onclick: open },
    h("td", {}, h("a", { href: "#/calls/" + encodeURIComponent(c.id) }, moment(c.arrived)), h("div", { class: "under" }, t("call.direction." + c.direction))),
    h("td", {}, h("b", {}, callerOf(c)), c.caller_name ? h("div", { class: "under" }, c.caller_name) : ""),
    h("td", { "data-label": t("call.column.called") }, c.called),
    h("td", { "data-label": t("call.column.queue") }, c.queue),
    h("td", { "data-label": t("call.column.agent") }, c.agent ? c.agent + (c.agent_name ? " " + c.agent_name : "") : ""),
    h("td", { class: "whole" }, result(c), recorded(c)),
    h("td", { class: "number", "data-label": t("call.column.wait") }, seconds(c.wait_ms)),
    h("td", { class: "number", "data-label": t("call.column.talk") }, seconds(c.talk_ms)));
}

// result is how the call went, and the cause when it is worth a look.
const result = (c) => [chip("outcome", c.outcome, capital(either(c.outcome_text))), c.alarming ? h("div", { class: "under" }, either(c.cause_text)) : ""];

// recorded is the sign of a call that can be heard.
const recorded = (c) => (["kept", "partly"].includes(c.recording) ? h("span", { class: "recorded", role: "img", title: t("recordings.sign"), "aria-label": t("recordings.sign") }, "◉") : "");

async function story(main, id) {
  let answer;
  try {
    answer = await get("/api/calls/" + encodeURIComponent(id) + "?lang=" + spoken());
  } catch (refused) {
    main.append(back(), h("p", { class: "problem" }, refused.message));
    return;
  }
  const c = answer.call;
  const heard = h("div", {});
  const fact = (name, value) => value && h("div", {}, h("dt", {}, t("call.column." + name)), h("dd", {}, value));
  main.append(
    back(),
    h("div", { class: "title-row" }, h("h1", {}, callerOf(c) + " → " + c.called), result(c)),
    c.reason_zh ? h("p", {}, capital(spoken() === "zh" ? c.reason_zh : c.reason_en)) : "",
    h("dl", { class: "card facts" },
      fact("began", fullMoment(c.arrived)), fact("direction", t("call.direction." + c.direction)), fact("name", c.caller_name), fact("diverted", c.diverted),
      fact("queue", c.queue), fact("agent", c.agent && `${c.agent} ${c.agent_name ?? ""}`), fact("channel", c.line && `${c.line} / ${c.channel}`),
      fact("wait", c.wait_ms ? length(c.wait_ms / 1000) : ""), fact("talk", c.talk_ms ? length(c.talk_ms / 1000) : ""), fact("total", c.total_ms ? length(c.total_ms / 1000) : ""),
      fact("charge", c.charge && chargeOf(c.charge)), fact("cause", c.cause ? `${either(c.cause_text)} (${c.cause})` : ""), fact("location", capital(either(c.location_text))), fact("id", c.id)),
    heard,
    h("section", { class: "card", id: "story" },
      h("div", { class: "card-head" }, h("h2", {}, t("calls.story")),
        c.line && h("a", { class: "push", href: "#/trace/" + encodeURIComponent(c.line) + "/" + encodeURIComponent(c.id) }, t("calls.frames"))),
      h("ol", { class: "story" }, answer.events.map((e) => h("li", {}, h("time", { datetime: e.at }, timeOfDay(e.at)), h("span", {}, e.text))))));
  if (c.recording) ofCall(id, heard);
}

const back = () => h("p", {}, h("a", { href: "#/calls" }, "‹ " + t("calls.back")));
