// Marks: how states look. One table says which colour a state has; its word always stands beside it.

import { h } from "./dom.js";
import { has, t } from "./words.js";

const looks = {
  call: { arriving: "info", menu: "info", queued: "warn", ringing: "info", talking: "good", held: "warn", clearing: "" },
  agent: { ready: "good", ringing: "info", on_call: "info", wrap_up: "warn", paused: "warn", unreachable: "bad", logged_out: "" },
  outcome: { answered: "good", transferred: "good", abandoned: "bad", short_abandon: "warn", timeout: "warn", full: "bad", closed: "warn",
    joinempty: "bad", leaveempty: "bad", system_error: "bad", failed: "bad", busy: "warn", no_answer: "warn", rejected: "warn", cancelled: "warn" },
};

// signs are the letters in a channel's cell, so that a state can be told without its colour.
export const signs = { idle: "·", seized: "→", ringing: "◌", talking: "●", clearing: "←", restarting: "↻", blocked: "✕" };

export const look = (of, state) => looks[of]?.[state] ?? "";

// chip is a state as a word on its colour; of is "call", "agent" or "outcome", whose words come from the box.
export const chip = (of, state, word) => (state ? h("span", { class: "chip " + look(of, state) }, word ?? t(`${of}.state.${state}`)) : "");

// lamp is a light with its word; states are those of the LEDs on the box.
export const lamp = (state, word) => h("span", { class: "lamp-word" }, h("span", { class: "lamp " + state }), word ?? t("lamp." + state));

// callerOf is the caller's number, or why there is none; partyOf is whom an agent talks to.
export const callerOf = (c) => c.caller || t(c.restricted ? "call.withheld" : "call.no_number");
export const partyOf = (c) => (c.direction === "out" && c.called) || callerOf(c);

// toldOf is what the network told of a call in progress: who sent it on, the caller's text, who really answered.
export const toldOf = (c) => [
  c.diverted_reason && t("call.diverted", { from: [c.diverted, c.diverted_name].filter(Boolean).join(" ") || t("call.diverted_by_hidden"), why: t("diverted." + c.diverted_reason) }),
  c.text && t("call.text", { text: c.text }),
  (c.answerer || c.answerer_name) && t("call.answerer", { party: [c.answerer, c.answerer_name].filter(Boolean).join(" ") }),
].filter(Boolean);

// chargeOf is what the network charges: an amount, units, or nothing.
export const chargeOf = (charge) => (charge === "free" ? t("call.free") : /^\d+$/.test(charge) ? t("call.units", { n: charge }) : charge);

// pauseWord gives the word of a pause reason; a reason somebody typed is its own word.
export const pauseWord = (reason) => (has("pause." + reason) ? t("pause." + reason) : reason);

// agentDeeds are what can be done to an agent now, each with its word. Who is on a break can end it also during a call
// or with a phone that is gone; who writes up a call can be ready at once, which is the same deed.
export function agentDeeds(a) {
  if (a.state === "logged_out") return [["in", "in"]];
  if (a.reason) return [["resume", "resume"], ["out", "out"]];
  return [...(a.state === "wrap_up" ? [["resume", "ready"]] : []), ["pause", "pause"], ["out", "out"]];
}

export const pauseReasons = ["break", "meal", "training", "meeting", "coaching", "back_office", "outbound"];
