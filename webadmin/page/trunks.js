// IP trunks: each as a card with its lamp, why it is down, where its server is, until when it is registered, and its calls.

import { known, moment, since } from "./clock.js";
import { h } from "./dom.js";
import { lamp } from "./marks.js";
import { either, t } from "./words.js";

const lamps = { up: "green", down: "red", starting: "yellow" };

// trunkCard draws one IP trunk of the snapshot.
export const trunkCard = (trunk) => h("section", { class: "card line", "data-key": "trunk-" + trunk.name },
  h("div", { class: "card-head" },
    h("h2", {}, trunk.name),
    lamp(lamps[trunk.state] ?? "off", t("trunk.state." + trunk.state)),
    trunk.state === "down" && either(trunk.why ?? {}) ? h("span", { class: "chip bad" }, either(trunk.why)) : ""),
  h("div", { class: "pairs" },
    h("span", {}, t("trunk.kind"), " · ", trunk.transport.toUpperCase(), " · ", trunk.server, trunk.address && trunk.address !== trunk.server ? ` (${trunk.address})` : ""),
    h("span", {}, trunk.state === "down" ? t("trunk.down_since", { at: moment(trunk.since) }) : since(trunk.since)),
    registration(trunk),
    h("span", {}, trunk.max_calls ? t("trunk.calls_of", { n: trunk.calls, all: trunk.max_calls }) : t("trunk.calls", { n: trunk.calls }))));

function registration(trunk) {
  if (trunk.state === "down" && known(trunk.retry)) return h("span", {}, t("trunk.retry", { at: moment(trunk.retry) }));
  if (!trunk.registers) return h("span", {}, t("trunk.by_address"));
  return known(trunk.until) ? h("span", {}, t("trunk.until", { at: moment(trunk.until) })) : "";
}
