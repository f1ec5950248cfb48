// Trace: what was said on the D channel of a line, or for one call on it, as a ladder: time, direction, the frame in the
// words of the protocols, and what it means in plain words.

import { get } from "./api.js";
import { timeOfDay, fullMoment } from "./clock.js";
import { h, show } from "./dom.js";
import { spoken, t } from "./words.js";

let messages = true; // only frames with a message, not the link's own; kept while the page is open

// trace draws the ladder of a line; with the id of a call, that of the call.
export function trace(main, [line, call]) {
  const at = "/api/lines/" + encodeURIComponent(line) + "/trace";
  const rows = h("ol", { class: "ladder" });
  const older = h("div", { class: "acts" });
  const empty = h("p", { class: "empty", hidden: true }, t("trace.none"));
  const note = h("p", { class: "soft small" });
  const pcap = h("a", { class: "button small", id: "pcap", download: "" }, t("trace.pcap"));
  let read = 0; // of load: an answer that was overtaken is not drawn

  const query = (more) => "?" + new URLSearchParams({ ...(call ? { call } : {}), ...(messages ? { messages: "1" } : {}), ...more });

  async function load(before) {
    const mine = ++read;
    pcap.href = at + ".pcap" + query({});
    let page;
    try {
      page = await get(at + query(before ? { before } : {}));
    } catch (refused) {
      if (mine === read) show(older, h("p", { class: "problem" }, refused.message));
      return;
    }
    if (mine !== read) return;
    if (!before) rows.replaceChildren();
    rows.prepend(...page.rows.map(step));
    empty.hidden = rows.children.length > 0;
    note.textContent = call && !page.ref && page.rows.length ? t("trace.no_ref") : "";
    show(older, page.more > 0 && h("button", { id: "older-frames", onclick: () => load(page.more) }, t("trace.older")));
  }

  const only = h("input", { type: "checkbox", id: "messages-only", checked: messages, onchange: (event) => { messages = event.target.checked; load(); } });
  main.append(
    h("p", {}, h("a", { href: (call ? "#/calls/" + encodeURIComponent(call) : "#/lines/" + encodeURIComponent(line)) }, "‹ " + (call ? t("trace.back_call") : line))),
    h("div", { class: "title-row" }, h("h1", {}, call ? t("trace.of_call", { line }) : t("trace.of_line", { line }))),
    h("section", { class: "card", id: "trace" },
      h("div", { class: "card-head" },
        h("label", { class: "check" }, only, t("trace.messages")),
        h("span", { class: "push acts" },
          pcap,
          call ? "" : h("button", { class: "small", id: "newest", onclick: () => rows.lastElementChild?.scrollIntoView({ block: "center" }) }, t("trace.newest")),
          h("button", { class: "small", id: "reload", onclick: () => load() }, t("trace.reload")))),
      h("p", { class: "soft small" }, t("trace.help")),
      note, older, empty, rows,
      call ? "" : h("p", { class: "soft small" }, t("trace.live", { address: location.origin + at + ".pcap?live=1" }))));
  load();
}

// step is one frame: ours stand at the right edge, the far side's at the left.
const step = (row) => h("li", { class: (row.sent ? "sent" : "received") + (row.look ? " look" : "") },
  h("div", { class: "frame" },
    h("div", { class: "under" },
      h("time", { datetime: row.at, title: fullMoment(row.at) }, timeOfDay(row.at)), " ",
      h("b", {}, row.sent ? t("trace.sent") : t("trace.received")), " ", h("code", {}, row.layer2)),
    h("div", {}, spoken() === "zh" ? row.zh : row.en),
    row.layer3 ? h("details", {}, h("summary", {}, h("code", {}, row.layer3)), h("code", { class: "octets" }, row.hex)) : ""));
