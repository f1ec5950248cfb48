// The agent's own page: state, caller, log in and out, break.

import { get, onSignedOut, post } from "./api.js";
import { setBoxTime, setZone, since } from "./clock.js";
import { h, morph, press, show, tell } from "./dom.js";
import { agentSignIn } from "./gate.js";
import { follow } from "./live.js";
import { agentDeeds, look, partyOf, pauseWord, toldOf } from "./marks.js";
import { askReason } from "./now.js";
import { capital, choose, load, spoken, t } from "./words.js";

const app = document.getElementById("app");
let hello;
let end = () => {};

async function start() {
  hello = await get("/api/agent/hello");
  await load(hello.language);
  setZone(hello.time_zone);
  draw();
}

function draw() {
  end();
  end = () => {};
  document.title = hello.name || "Trunkbox";
  if (hello.state !== "signed_in") {
    show(app, agentSignIn(hello, start, otherLanguage()));
    app.querySelector("input")?.focus();
    return;
  }
  const seat = h("div", { class: "seat" }, h("p", { class: "empty" }, t("live.waiting")));
  const lost = h("div", { class: "lost", role: "alert", hidden: true }, t("live.lost"));
  show(app,
    h("header", { class: "top" },
      h("div", { class: "top-row" },
        h("div", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "" }), h("span", {}, hello.name || "Trunkbox")),
        h("div", { class: "account" }, otherLanguage(), h("button", { class: "plain", id: "sign-out", onclick: signOut }, t("account.sign_out")))), lost),
    h("main", {}, seat));
  press(seat, {
    in: () => attempt(post("/api/agent/in")),
    out: () => attempt(post("/api/agent/out")),
    resume: () => attempt(post("/api/agent/resume")),
    pause: async () => {
      const reason = await askReason();
      if (reason) attempt(post("/api/agent/pause", { reason }));
    },
  });
  end = follow("/api/agent/stream", "/api/agent/me", (me) => {
    setBoxTime(me.at);
    const fresh = h("div", { class: "seat" }, page(me));
    if (seat.firstElementChild?.classList.contains("empty")) seat.replaceChildren();
    morph(seat, fresh);
  }, (is) => { lost.hidden = !is; });
}

async function attempt(request) {
  try {
    await request;
  } catch (refused) {
    tell(refused.message, "bad");
  }
}

async function signOut() {
  await post("/api/agent/sign-out").catch(() => {});
  gone();
}

function gone() {
  if (hello.state !== "signed_in") return;
  hello.state = "signed_out";
  draw();
}

function otherLanguage() {
  const other = spoken() === "zh" ? "en" : "zh";
  return h("button", { class: "plain", id: "language", lang: other, onclick: () => { choose(other); draw(); } }, other === "en" ? "English" : "中文");
}

function page({ agent: a, call, queues }) {
  const button = ([deed, word]) => h("button", { class: deed === "in" || deed === "resume" ? "main" : "", "data-do": deed, "data-key": deed }, t("agent.do." + word));
  return [
    h("div", { class: "title-row" }, h("h1", {}, a.name || a.extension), h("span", { class: "soft" }, a.extension)),
    h("section", { class: "card state " + look("agent", a.state), "aria-live": "polite" },
      h("span", { class: "big" }, t("agent.state." + a.state)),
      a.state !== "logged_out" && a.reason ? h("span", {}, pauseWord(a.reason)) : "",
      since(a.since)),
    a.phone ? "" : h("p", { class: "notice bad" }, t("seat.no_phone")),
    call ? h("section", { class: "card", "data-key": "call" },
      h("p", { class: "soft" }, t("call.direction." + call.direction), " · ", t("call.state." + call.state)),
      h("p", { class: "caller" }, partyOf(call)),
      call.caller_name ? h("p", {}, call.caller_name) : "",
      toldOf(call).map((told) => h("p", { class: "soft" }, told)),
      h("p", { class: "soft" }, since(call.began))) : "",
    h("div", { class: "acts", "data-key": "acts" },
      agentDeeds(a).map(button)),
    h("section", { class: "card", "data-key": "queues" },
      h("div", { class: "card-head" }, h("h2", {}, t("seat.queues"))),
      (queues ?? []).length === 0 ? h("p", { class: "empty" }, t("seat.no_queues")) :
        h("ul", { class: "rows" }, queues.map((q) => h("li", { class: "agent-row", "data-key": q.name },
          h("b", {}, q.name), h("span", { class: q.waiting > 0 ? "chip warn" : "chip" }, t("seat.waiting", { n: q.waiting })))))),
    h("p", { class: "soft small" }, capital(t("agent.today", { taken: a.taken, missed: a.missed }))),
  ];
}

onSignedOut(gone);
start().catch((refused) => show(app, h("p", { class: "card gate" }, refused.message, " ", h("a", { href: "/agent" }, "↻"))));
