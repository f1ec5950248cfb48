// Doctor: one button finds out what is wrong with a line, says it in a sentence, and offers to save what worked. Below it
// are the tests of the port: loops, the test sequence, errors on purpose.

import { get, post } from "./api.js";
import { fullMoment } from "./clock.js";
import { ask, h, morph, press, show, tell } from "./dom.js";
import { spoken, t } from "./words.js";

const quick = 1000; // ms between two looks while something goes on
const slow = 5000;

// either picks the language of a pair that the box gives as name_zh and name_en, or zh and en.
const say = (of, name) => of[(name ? name + "_" : "") + (spoken() === "zh" ? "zh" : "en")] ?? "";

// doctor draws the examination of one line into main and returns the function that leaves it.
export function doctor(main, line) {
  const at = "/api/lines/" + encodeURIComponent(line);
  const body = h("div", {});
  let timer = 0;
  let left = false;
  let told = {}; // the newest answer
  const chosen = { defect: "crc", open: {} }; // the error to insert; what is unfolded

  main.append(
    h("p", {}, h("a", { href: "#/lines/" + encodeURIComponent(line) }, "‹ " + t("doctor.back", { line }))),
    h("div", { class: "title-row" }, h("h1", {}, t("doctor.title", { line }))),
    body);

  function draw() {
    const fresh = h("div", { class: "room", "data-key": "doctor" }, page(told.examination, told.tests, chosen));
    if (body.firstChild) morph(body.firstChild, fresh);
    else show(body, fresh);
  }

  async function look() {
    clearTimeout(timer);
    try {
      told = await get(at + "/doctor");
      if (left) return;
      draw();
    } catch (refused) {
      if (left) return;
      show(body, h("p", { class: "problem" }, refused.message));
    }
    timer = setTimeout(look, under(told.examination) || told.tests?.sequence ? quick : slow);
  }

  async function deed(what, body, done) {
    try {
      await post(at + what, body);
      if (done) tell(done);
    } catch (refused) {
      tell(refused.message, "bad");
    }
    look();
  }

  press(main, {
    examine: () => deed("/doctor"),
    save: async () => {
      const wanted = h("ul", { class: "rows" }, changes(told.examination.suggestion));
      const sure = await ask(t("doctor.save"), [h("p", {}, t("doctor.save_sure", { line })), wanted],
        [{ text: t("button.cancel") }, { text: t("doctor.save"), value: "yes", style: "main" }]);
      if (sure) deed("/doctor/apply", {}, t("doctor.saved"));
    },
    test: async ({ test, what, n }) => {
      const begins = !["none", "off", "down"].includes(what) && test !== "insert";
      if (begins && !(await ask(t("doctor.tests"), h("p", {}, t("doctor.test_sure", { line })),
        [{ text: t("button.cancel") }, { text: t("doctor.begin"), value: "yes", style: "main" }]))) return;
      deed("/tests", { do: test, what: test === "insert" ? chosen.defect : what, n: Number(n ?? 0) });
    },
  });
  main.addEventListener("change", (event) => {
    if (event.target.id === "defect") chosen.defect = event.target.value;
  });
  main.addEventListener("toggle", (event) => { chosen.open[event.target.dataset.key] = event.target.open; }, true);
  look();
  return () => { left = true; clearTimeout(timer); return true; };
}

// under says that an examination is under way.
const under = (e) => e && e.ended.startsWith("0001");

function page(e, tests, chosen) {
  return [
    h("section", { class: "card stack", id: "doctor-start", "data-key": "start" },
      h("p", {}, t("doctor.text")),
      under(e) ? going(e) : h("div", { class: "acts" },
        h("button", { class: "main", id: "examine", "data-do": "examine", "data-key": "examine" }, t(e ? "doctor.again" : "doctor.examine")),
        e ? h("span", { class: "soft small" }, t("doctor.last", { when: fullMoment(e.ended) })) : "")),
    e && !under(e) ? result(e, chosen) : "",
    tests ? testCard(tests, chosen) : "",
  ];
}

const going = (e) => h("div", { class: "stack going", "data-key": "going", role: "status" },
  h("progress", { class: "examining", max: "100", value: e.percent, "aria-label": t("doctor.under_way") }),
  h("p", {}, h("b", {}, e.percent + " %"), " ", say(e, "doing")));

// look is how the verdict is coloured: by whether something is wrong.
const looks = { healthy: "good", unexplained: "warn" };

function result(e, chosen) {
  const findings = e.findings ?? [];
  const wrong = findings.filter((f) => f.id !== "healthy");
  return [
    h("section", { class: "verdict " + (looks[findings[0]?.id ?? "unexplained"] ?? "bad"), id: "verdict", role: "status", "data-key": "verdict" },
      h("p", {}, say(e, "verdict") || say(e, "failed"))),
    e.failed_en ? h("p", { class: "notice bad", "data-key": "failed" }, say(e, "failed")) : "",
    e.in_service ? h("p", { class: "soft", "data-key": "listened" }, t("doctor.only_listened")) : "",
    e.left ? h("p", { class: "notice", "data-key": "left" }, t("doctor.left")) : "",
    findings.map((f, i) => finding(f, i, wrong.length)),
    Object.keys(e.suggestion ?? {}).length ? h("section", { class: "card stack", id: "doctor-save", "data-key": "save" },
      h("h2", {}, t("doctor.worked")),
      h("ul", { class: "rows" }, changes(e.suggestion)),
      h("div", { class: "acts" }, h("button", { class: "main", id: "save-worked", "data-do": "save" }, t("doctor.save")))) : "",
    e.tried?.length ? h("details", { class: "card", "data-key": "tried", open: chosen.open.tried ?? false }, h("summary", {}, t("doctor.tried", { n: e.tried.length })), tried(e.tried)) : "",
  ];
}

const finding = (f, i, n) => h("section", { class: "card stack finding", "data-finding": f.id, "data-key": "finding-" + f.id },
  h("div", { class: "card-head" },
    h("h2", {}, n > 1 ? i + 1 + ". " + say(f) : t("doctor.details")),
    h("span", { class: "chip" }, t("doctor.certainty." + f.certainty))),
  f.facts?.length ? [h("h3", {}, t("doctor.evidence")), h("ul", { class: "evidence-list" }, f.facts.map((one) => h("li", {}, say(one))))] : "",
  h("h3", {}, t("doctor.remedy")), h("p", { class: "remedy" }, say(f, "remedy")));

const changes = (suggestion) => Object.entries(suggestion ?? {}).map(([setting, value]) =>
  h("li", {}, t("field.line." + setting), " → ", h("b", {}, t("choice." + setting + "." + value))));

const tried = (rows) => h("table", { class: "folds" },
  h("thead", {}, h("tr", {}, ["framing", "line_code", "clock"].map((k) => h("th", { scope: "col" }, t("field.line." + k))),
    h("th", { scope: "col" }, t("doctor.tried_else")), h("th", { scope: "col" }, t("doctor.tried_came")))),
  h("tbody", {}, rows.map((r) => h("tr", {},
    ["framing", "line_code", "clock"].map((k) => h("td", { "data-label": t("field.line." + k) }, t("choice." + k + "." + r[k]))),
    h("td", { "data-label": t("doctor.tried_else") }, [r.d_inverted ? t("doctor.d_inverted") : "", r.d_rate === 56 ? t("doctor.d_56") : "",
      r.asked_as ? t("doctor.asked_as", { side: t("choice.side." + r.asked_as) }) : ""].filter(Boolean).join(" · ")),
    h("td", { "data-label": t("doctor.tried_came") }, t("doctor.came." + came(r)))))));

const came = (r) => (r.link ? "link" : r.aligned ? "aligned" : "nothing");

// The tests of the port.

function testCard(tests, chosen) {
  const why = say(tests, "why");
  const off = Boolean(why);
  const act = (test, what, text, { on = false, ends = false, n } = {}) => h("button", {
    class: "small", "data-do": "test", "data-test": test, "data-what": what, "data-n": n ?? false,
    "data-key": test + "-" + what, disabled: off && !ends, "aria-pressed": on ? "true" : "false" }, text);
  return h("details", { class: "card", id: "line-tests", "data-key": "tests", open: chosen.open.tests ?? (tests.loop !== "none" || Boolean(tests.sequence)) },
    h("summary", {}, t("doctor.tests")), h("div", { class: "stack" },
    h("p", { class: "soft" }, t("doctor.tests_text")),
    why ? h("p", { class: "notice" }, why) : "",
    tests.loops.length ? [h("h3", {}, t("doctor.loop")), h("div", { class: "acts" },
      act("loop", "none", t("doctor.loop.none"), { on: tests.loop === "none", ends: true }),
      tests.loops.map((loop) => act("loop", loop, t("doctor.loop." + loop), { on: tests.loop === loop })))] : "",
    tests.code ? [h("h3", {}, t("doctor.code")), h("div", { class: "acts" },
      act("code", "up", t("doctor.code.up")), act("code", "down", t("doctor.code.down"), { ends: true }))] : "",
    tests.prbs ? [h("h3", {}, t("doctor.prbs")), h("div", { class: "acts" },
      tests.sequence ? act("prbs", "off", t("doctor.prbs.off"), { ends: true }) : act("prbs", "on", t("doctor.prbs.on"))), sequence(tests.sequence)] : "",
    tests.defects.length ? [h("h3", {}, t("doctor.insert")), h("div", { class: "acts" },
      h("select", { id: "defect", "aria-label": t("doctor.insert"), disabled: off }, tests.defects.map((d) => h("option", { value: d, selected: d === chosen.defect }, t("doctor.defect." + d)))),
      act("insert", "1", t("doctor.insert_n", { n: 1 }), { n: "1" }), act("insert", "10", t("doctor.insert_n", { n: 10 }), { n: "10" }))] : ""));
}

const sequence = (s) => s ? h("dl", { class: "facts fill", id: "sequence" }, [
  ["ratio", s.bits ? s.ratio.toExponential(1) : "–"], ["errors", s.errors], ["bits", s.bits], ["seconds", Math.round(s.seconds)],
  ["sync", t(s.in_sync ? "doctor.in_sync" : "doctor.no_sync")], ["losses", s.sync_losses],
].map(([name, value]) => h("div", {}, h("dt", {}, t("doctor.sequence." + name)), h("dd", {}, String(value))))) : "";
