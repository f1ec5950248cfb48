// Line card: one E1 or T1 on the page of now, with its lamp, its alarms in the field's words, and each B channel as a cell.

import { moment, since } from "./clock.js";
import { h } from "./dom.js";
import { callerOf, lamp, signs } from "./marks.js";
import { has, t } from "./words.js";

const states = Object.keys(signs);

// lineCard draws the line; open is the timeslot whose details are shown, 0 for none.
export function lineCard(line, calls, open) {
  const channels = line.channels ?? [];
  const counted = Object.entries(line.counters ?? {}).filter(([name, n]) => n > 0 && has("counter." + name));
  return h("section", { class: "card line", "data-key": "line-" + line.name },
    h("div", { class: "card-head" },
      h("h2", {}, h("a", { href: "#/lines/" + encodeURIComponent(line.name) }, line.name)),
      lamp(line.lamp),
      (line.alarms ?? []).map(alarmChip),
      h("span", { class: "pairs push" },
        h("span", {}, line.kind, " · ", t("choice.driver." + line.driver), " · ", t("choice.side." + line.side)),
        h("span", {}, t("line.link"), " ", h("b", {}, t("line.link." + line.link)), " ", line.link === "up" ? since(line.link_since) : moment(line.link_since)),
        h("a", { href: "#/trace/" + encodeURIComponent(line.name) }, t("room.trace")))),
    (line.alarms ?? []).filter((alarm) => has("alarm.help." + alarm)).map((alarm) => h("p", { class: "soft small" }, t("alarm.help." + alarm))),
    channelGrid(line, open, detail(channels.find((c) => c.timeslot === open), calls)),
    counted.length ? h("div", { class: "legend" }, counted.map(([name, n]) => h("span", {}, t("counter." + name), " ", h("b", {}, String(n))))) : "");
}

// alarmChip is an alarm by its code and its name.
export const alarmChip = (alarm) => h("span", { class: "chip " + alarmLook(alarm), title: t("alarm.help." + alarm) }, `${alarm} ${t("alarm." + alarm)}`);

// channelGrid is each B channel as a cell, then below, and what the signs in the cells mean.
export function channelGrid(line, open, below) {
  const channels = line.channels ?? [];
  return [
    h("div", { class: "channels " + line.kind, role: "group", "aria-label": t("line.channels", { line: line.name }) }, channels.map((c) => cell(line, c, open))),
    below ?? "",
    h("div", { class: "legend" }, states.map((state) => {
      const n = channels.filter((c) => c.state === state).length;
      return h("span", {}, h("span", { "aria-hidden": "true" }, signs[state], " "), t("channel.state." + state), " ", h("b", {}, String(n)));
    })),
  ];
}

const alarmLook = (alarm) => ({ RAI: "warn", LOOPBACK: "warn", AIS: "info" })[alarm] ?? "bad";

const cell = (line, c, open) => h("button", {
  class: "channel " + c.state, "data-key": String(c.timeslot), "data-do": "channel", "data-line": line.name, "data-timeslot": String(c.timeslot),
  "aria-pressed": c.timeslot === open ? "true" : "false", "aria-label": t("channel.name", { n: c.timeslot }) + ", " + t("channel.state." + c.state),
}, String(c.timeslot), h("b", { "aria-hidden": "true" }, signs[c.state] ?? "?"));

function detail(c, calls) {
  if (!c) return "";
  const call = calls.find((one) => one.id === c.call);
  return h("p", { class: "small", role: "status" }, h("b", {}, t("channel.name", { n: c.timeslot })), " · ", t("channel.state." + c.state), " ", since(c.since),
    call ? [" · ", callerOf(call), " → ", call.called] : "",
    c.reason ? [" · ", t("blocked." + c.reason)] : "");
}
