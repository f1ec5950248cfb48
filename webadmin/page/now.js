// Now: the switch as it is at this moment, kept up to date without reloading.

import { post } from "./api.js";
import { moment, setBoxTime, since } from "./clock.js";
import { ask, h, morph, press, tell } from "./dom.js";
import { lineCard } from "./linecard.js";
import { follow } from "./live.js";
import { agentDeeds, callerOf, chargeOf, chip, lamp, partyOf, pauseReasons, pauseWord, toldOf } from "./marks.js";
import { trunkCard } from "./trunks.js";
import { either, t } from "./words.js";

// now draws the room into main and returns the function that leaves it.
export function now(main, _, { lost }) {
  const chosen = {}; // line name → timeslot whose details are open
  let last;
  const body = h("div", {});
  main.append(h("p", { class: "empty" }, t("live.waiting")));

  function draw() {
    const fresh = h("div", { class: "room", "data-key": "now" }, page(last, chosen));
    if (!body.isConnected) main.replaceChildren(body);
    if (body.firstChild) morph(body.firstChild, fresh);
    else body.append(fresh);
  }
  press(main, {
    channel: ({ line, timeslot }) => {
      chosen[line] = chosen[line] === Number(timeslot) ? 0 : Number(timeslot);
      draw();
    },
    in: ({ agent }) => agentDeed(agent, "in"),
    out: ({ agent }) => agentDeed(agent, "out"),
    resume: ({ agent }) => agentDeed(agent, "resume"),
    pause: async ({ agent }) => {
      const reason = await askReason();
      if (reason) agentDeed(agent, "pause", { reason });
    },
    hangup: async ({ call, caller }) => {
      const sure = await ask(t("call.hangup_title"), h("p", {}, t("call.hangup_sure", { caller })), [
        { text: t("button.cancel") }, { text: t("call.hangup"), value: "yes", style: "danger" }]);
      if (sure) attempt(post(`/api/calls/${encodeURIComponent(call)}/hangup`));
    },
  });
  const end = follow("/api/now/stream", "/api/now", (snapshot) => {
    last = snapshot;
    setBoxTime(snapshot.at);
    draw();
  }, lost);
  return () => { end(); lost(false); return true; };
}

const agentDeed = (agent, deed, body) => attempt(post(`/api/agents/${encodeURIComponent(agent)}/${deed}`, body));

async function attempt(request) {
  try {
    await request;
  } catch (refused) {
    tell(refused.message, "bad");
  }
}

// askReason asks why an agent goes on break.
export function askReason() {
  return ask(t("pause.title"), h("p", { class: "soft" }, t("pause.text")), [
    ...pauseReasons.map((reason) => ({ text: pauseWord(reason), value: reason })),
    { text: t("button.cancel"), style: "plain" },
  ]);
}

const list = (of) => of ?? [];

function page(s, chosen) {
  return [
    h("div", { class: "title-row" }, h("h1", {}, t("room.now")), h("span", { class: "push" }, leds(list(s.leds)))),
    list(s.notices).map(notice),
    figures(s),
    h("div", { class: "columns" },
      h("div", {}, callsCard(list(s.calls)), list(s.queues).map(queueCard)),
      h("div", {}, agentsCard(s))),
    list(s.lines).map((line) => lineCard(line, list(s.calls), chosen[line.name])),
    list(s.trunks).map(trunkCard),
    soundCard(s.tick),
  ];
}

const ms = (us) => (us / 1000).toFixed(us < 1000 ? 1 : 0);

// soundCard tells how the ticks of the sound went; the details are for support.
const soundCard = (tick) => h("details", { class: "soft small", id: "sound", "data-key": "sound" },
  h("summary", {}, t("now.sound", { parties: tick.parties, missed: tick.missed, late: ms(tick.late_us || 0) })),
  h("p", {}, t("now.sound_lost", { overruns: tick.overruns, underruns: tick.underruns, slips: tick.slips })),
  tick.cause && h("p", {}, t("now.sound_late", { late: ms(tick.late_us), at: moment(tick.late_at) }) + " " + t("now.late." + tick.cause)),
  Object.keys(tick.causes || {}).length > 0 && h("p", {}, t("now.sound_causes"), " ",
    Object.entries(tick.causes).sort((a, b) => b[1] - a[1]).map(([why, n]) => t("now.sound_cause", { n, why: t("now.late." + why) })).join(" ")),
  tick.processor_percent > 0 && h("p", {}, t("now.sound_processor", { used: tick.processor_percent.toFixed(0), limit: tick.limit_percent.toFixed(0) })),
  h("p", {}, t("now.sound_longest", { longest: ms(tick.longest_us) })),
  h("p", {}, list(tick.late).map((c) => t(c.up_to_us ? "now.late_up_to" : "now.late_more", { ms: ms(c.up_to_us), n: c.ticks })).join(" · ")),
  list(tick.refused).map((text) => h("p", {}, t("now.sound_refused", { text }))));

const notice = (n) => h("div", { class: "notice", "data-key": "notice-" + n.id, role: "status" },
  h("span", { class: "mark", "aria-hidden": "true" }, "!"), h("span", {}, either(n)), h("span", { class: "small" }, moment(n.since)));

const leds = (all) => h("ul", { class: "leds", "aria-label": t("now.leds") },
  all.map((led) => h("li", { "data-key": led.name }, lamp(led.state, ledName(led.name)), h("span", { class: "soft small" }, " ", t("led." + led.state)))));

const ledName = (name) => t("led.name." + name.replace(/\d+$/, "")) + (/\d+$/.exec(name)?.[0] ?? "");

function figures(s) {
  const waiting = list(s.queues).flatMap((q) => list(q.waiting));
  const longest = waiting.map((w) => w.since).sort()[0];
  const agents = list(s.agents);
  const ready = agents.filter((a) => a.state === "ready").length;
  const there = agents.filter((a) => a.state !== "logged_out").length;
  const channels = list(s.lines).flatMap((line) => list(line.channels));
  const busy = channels.filter((c) => c.state !== "idle" && c.state !== "blocked").length;
  return h("div", { class: "figures" },
    figure("calls", list(s.calls).length),
    figure("waiting", waiting.length, longest ? [" ", t("now.longest"), " ", since(longest)] : "", waiting.length > 0 && ready === 0),
    figure("ready", ready, t("now.of_logged_in", { n: there })),
    figure("channels", busy, t("now.of_channels", { n: channels.length }), channels.length > 0 && busy === channels.length));
}

const figure = (name, number, small, warn) => h("div", { class: "card figure" + (warn ? " warn" : ""), id: "figure-" + name },
  h("span", { class: "soft small" }, t("now.figure." + name)),
  h("span", { class: "number" }, String(number), small ? h("small", {}, " ", small) : ""));

function callsCard(calls) {
  return h("section", { class: "card", id: "calls-now", "data-key": "calls" },
    h("div", { class: "card-head" }, h("h2", {}, t("now.calls"))),
    calls.length === 0 ? h("p", { class: "empty" }, t("now.no_calls")) :
      h("table", { class: "folds" },
        h("thead", {}, h("tr", {}, ["caller", "called", "state", "lasts", ""].map((c) => h("th", { scope: "col" }, c && t("call.column." + c))))),
        h("tbody", {}, calls.map(callRow))));
}

// callRow is one call; where a clearing one is, is only the name of its last prompt.
const callRow = (c) => h("tr", { "data-key": c.id },
  h("td", {}, h("b", {}, callerOf(c)), h("div", { class: "under" }, [c.caller_name, t("call.direction." + c.direction)].filter(Boolean).join(" · ")),
    toldOf(c).map((told) => h("div", { class: "under" }, told))),
  h("td", { "data-label": t("call.column.called") }, c.called),
  h("td", {}, chip("call", c.state), c.recording ? h("span", { class: "chip recording " + { on: "", paused: "warn", failed: "bad" }[c.recording] }, t("recordings.now." + c.recording)) : "", c.state === "clearing" ? "" : h("div", { class: "under" }, c.where)),
  h("td", { "data-label": t("call.column.lasts") }, since(c.began), c.timeslot ? h("div", { class: "under" }, c.line, " / ", String(c.timeslot)) : "", c.charge ? h("div", { class: "under" }, chargeOf(c.charge)) : ""),
  h("td", { class: "deeds" }, h("button", { class: "small danger", "data-do": "hangup", "data-call": c.id, "data-caller": callerOf(c) }, t("call.hangup"))));

function queueCard(q) {
  return h("section", { class: "card queue", "data-key": "queue-" + q.name },
    h("div", { class: "card-head" }, h("h2", {}, q.name),
      h("span", { class: "chip " + (q.ready > 0 ? "good" : q.logged_in > 0 ? "" : "bad") }, t("queue.agents", { ready: q.ready, logged_in: q.logged_in })),
      h("span", { class: "pairs push" }, ["offered", "answered", "abandoned", "overflowed", "lost"].map((k) => h("span", {}, t("queue." + k), " ", h("b", {}, String(q[k])))))),
    list(q.waiting).length === 0 ? h("p", { class: "empty" }, t("queue.nobody")) :
      h("table", { class: "folds" },
        h("thead", {}, h("tr", {}, ["place", "caller", "waits", "why"].map((c) => h("th", { scope: "col" }, t("queue.column." + c))))),
        h("tbody", {}, q.waiting.map((w, i) => h("tr", { "data-key": w.call },
          h("td", { "data-label": t("queue.column.place") }, String(i + 1)), h("td", {}, h("b", {}, callerOf(w))),
          h("td", { "data-label": t("queue.column.waits") }, since(w.since)), h("td", { class: "soft" }, t("wait." + w.reason)))))));
}

function agentsCard(s) {
  const agents = list(s.agents);
  return h("section", { class: "card", id: "agents-now", "data-key": "agents" },
    h("div", { class: "card-head" }, h("h2", {}, t("now.agents"))),
    agents.length === 0 ? h("p", { class: "empty" }, t("now.no_agents")) :
      h("ul", { class: "rows" }, agents.map((a) => agentRow(a, list(s.calls).find((c) => c.id === a.call)))));
}

const agentRow = (a, call) => h("li", { class: "agent-row", "data-key": a.extension },
  h("div", { class: "who" }, h("b", {}, a.extension), h("span", {}, a.name), chip("agent", a.state), h("span", { class: "soft small" }, since(a.since))),
  h("div", { class: "acts" }, agentButtons(a)),
  h("div", { class: "under soft small" }, [
    a.state !== "logged_out" && a.reason ? pauseWord(a.reason) : "",
    call ? t("agent.with", { number: partyOf(call) }) : "",
    a.phone ? "" : t("agent.no_phone"),
    list(a.queues).join(", "),
    t("agent.today", { taken: a.taken, missed: a.missed }),
  ].filter(Boolean).join(" · ")));

function agentButtons(a) {
  return agentDeeds(a).map(([deed, word]) => h("button", { class: "small", "data-do": deed, "data-key": deed, "data-agent": a.extension, "aria-label": t("agent.do." + word) + " " + a.extension }, t("agent.do." + word)));
}
