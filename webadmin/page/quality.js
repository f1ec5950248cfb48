// Quality: how good a line was in the last day and the last month, in seconds with errors and what was counted.

import { get } from "./api.js";
import { dayOfYear, hourOfDay, moment } from "./clock.js";
import { h, show } from "./dom.js";
import { either, t } from "./words.js";

const every = 10_000; // ms between two looks

// quality draws the room of one line into main and returns the function that leaves it.
export function quality(main, line) {
  const body = h("div", { class: "room" });
  main.append(
    h("p", {}, h("a", { href: "#/lines/" + encodeURIComponent(line) }, "‹ " + t("quality.back"))),
    h("div", { class: "title-row" }, h("h1", {}, t("quality.title", { line }))),
    body);
  async function look() {
    try {
      show(body, page(await get(`/api/lines/${encodeURIComponent(line)}/performance`)));
    } catch (refused) {
      show(body, h("p", { class: "problem" }, refused.message));
    }
  }
  look();
  const again = setInterval(look, every);
  return () => { clearInterval(again); return true; };
}

function page(r) {
  const [bins, days] = [r.bins ?? [], r.days ?? []];
  return [
    h("section", { class: "card", id: "quality-day" },
      h("div", { class: "card-head" }, h("h2", {}, t("quality.last_24h")),
        h("span", { class: "chip " + (r.available ? "good" : "bad") }, t(r.available ? "quality.available" : "quality.unavailable"))),
      h("p", { id: "quality-sum" }, t("quality.sentence", { es: r.last_24h.es, ses: r.last_24h.ses, uas: r.last_24h.uas })),
      r.valid_intervals < 96 ? h("p", { class: "soft small" }, t("quality.valid", { n: r.valid_intervals })) : "",
      bars(bins),
      bins.length ? h("div", { class: "bars-ends soft small" }, h("span", {}, moment(bins[0].start)), h("span", {}, t("quality.now"))) : "",
      legend(),
      counted(r.last_24h)),
    h("section", { class: "card", id: "quality-quarters" },
      h("div", { class: "card-head" }, h("h2", {}, t("quality.quarters"))),
      table(bins.filter(wrong).reverse(), (b) => hourOfDay(b.start), t("quality.no_wrong_quarter"))),
    h("section", { class: "card", id: "quality-days" },
      h("div", { class: "card-head" }, h("h2", {}, t("quality.days"))),
      table(days.filter((b) => b.measured > 0).reverse(), (b) => dayOfYear(b.start), t("quality.no_day"))),
    h("section", { class: "card" },
      h("div", { class: "card-head" }, h("h2", {}, t("quality.meaning"))),
      h("dl", { class: "facts" }, ["es", "ses", "uas", "bes", "css"].map((k) => h("div", {}, h("dt", {}, t("quality." + k)), h("dd", { class: "small" }, t("quality.help." + k)))),
        Object.entries(r.letters ?? {}).sort().map(([letter, means]) => h("div", {}, h("dt", {}, t("quality.lapd", { letter })), h("dd", { class: "small" }, either(means)))))),
  ];
}

const wrong = (b) => b.es + b.uas + events(b).length > 0;

// events are the numbers of a bin that are not zero, as [word, number].
const events = (b) => [
  ...["slips", "lcv", "crc", "ebit", "fas", "aborts", "bad_fcs"].map((k) => [t("quality.count." + k), b[k]]),
  ...Object.entries(b.lapd ?? {}).map(([letter, n]) => [t("quality.lapd", { letter }), n]),
].filter(([, n]) => n > 0);

const counted = (b) => h("div", { class: "legend", id: "quality-counts" }, events(b).map(([word, n]) => h("span", {}, word, " ", h("b", {}, String(n)))));

// The looks of a quarter hour; the first that fits is shown.
const looks = [
  ["nothing", (b) => b.measured === 0],
  ["uas", (b) => b.uas > 0],
  ["ses", (b) => b.ses > 0],
  ["es", (b) => b.es > 0],
  ["fine", () => true],
];

const look = (b) => looks.find(([, fits]) => fits(b))[0];

const drawing = (tag, attrs, ...children) => {
  const node = document.createElementNS(document.documentElement.namespaceURI.replace("1999/xhtml", "2000/svg"), tag);
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

// bars draws each quarter hour: the more of its seconds were bad, the higher; the root, so that one second shows.
function bars(bins) {
  return drawing("svg", { class: "bars", viewBox: `0 0 ${bins.length * 10} 100`, preserveAspectRatio: "none", role: "img", "aria-label": t("quality.bars") },
    ...bins.map((b, i) => {
      const bad = Math.min(1, (b.es + b.uas) / b.length);
      const height = 12 + 88 * Math.sqrt(bad);
      return drawing("rect", { class: look(b), x: i * 10 + 1, width: 8, y: 100 - height, height },
        drawing("title", {}, `${hourOfDay(b.start)} ${t("quality.look." + look(b))} · ${t("quality.sum", b)}`));
    }));
}

const legend = () => h("div", { class: "legend" }, ["fine", "es", "ses", "uas", "nothing"].map((name) =>
  h("span", {}, h("span", { class: "bar-sign " + name }), " ", t("quality.look." + name))));

function table(rows, name, none) {
  if (rows.length === 0) return h("p", { class: "empty" }, none);
  const seconds = ["es", "ses", "uas", "bes", "css"];
  return h("table", { class: "folds" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("quality.from")), seconds.map((k) => h("th", { scope: "col", class: "number" }, t("quality." + k))), h("th", { scope: "col" }, t("quality.counted")))),
    h("tbody", {}, rows.map((b) => h("tr", {},
      h("td", { class: "whole" }, h("b", {}, name(b)), b.valid ? "" : h("span", { class: "soft small" }, " " + t("quality.partly", { n: b.measured }))),
      seconds.map((k) => h("td", { class: "number", "data-label": t("quality." + k) }, String(b[k]))),
      h("td", { class: "whole soft small" }, events(b).map(([word, n]) => word + " " + n).join(" · "))))));
}
