// The administrator's page: decides between first visit, sign-in and the rooms (now, calls,
// recordings, lines, settings), and draws the frame around them. The address after # says which room.

import { get, onSignedOut, post } from "./api.js";
import { calls } from "./calls.js";
import { setZone } from "./clock.js";
import { ask, h, show, tell } from "./dom.js";
import { firstVisit, signIn, twoPasswords } from "./gate.js";
import { lines } from "./lines.js";
import { now } from "./now.js";
import { recordings } from "./recordings.js";
import { settings } from "./settings.js";
import { trace } from "./trace.js";
import { choose, load, spoken, t } from "./words.js";

const rooms = { now, calls, recordings, lines, settings };
const inner = { trace: "lines" }; // reached from another room, which stays the current one
const app = document.getElementById("app");
let hello = { name: "Trunkbox", state: "signed_out" };
let leave = () => true; // leaves the room; false: the person wants to stay
let here = ""; // the address of the room being shown

async function start() {
  hello = await get("/api/hello");
  await load(hello.language);
  setZone(hello.time_zone);
  draw();
}

function draw() {
  document.title = hello.name || "Trunkbox";
  if (hello.state === "signed_in") return enter();
  leave();
  leave = () => true;
  const gate = hello.state === "new" ? firstVisit : signIn;
  show(app, gate(hello, start, otherLanguage()));
  app.querySelector("input")?.focus();
}

function enter() {
  const address = location.hash || "#/now";
  if (leave(address) === false) {
    history.replaceState(null, "", here);
    return;
  }
  here = address;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close(); // it asked about the room that is left
  const [name, ...rest] = address.replace(/^#\//, "").split("/").map(decodeURIComponent);
  const room = rooms[name] || inner[name] ? name : "now";
  const main = h("main", { tabindex: "-1", "aria-label": t("room." + room) });
  show(app, head(inner[room] ?? room), main, h("footer", {}, t("footer", { version: hello.version || "–" })));
  leave = (room === "trace" ? trace : rooms[room])(main, rest, { hello, lost, redraw: enter }) ?? (() => true);
  window.scrollTo(0, 0);
  return main;
}

function head(room) {
  return h("header", { class: "top" },
    h("div", { class: "top-row" },
      h("div", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "" }), h("span", {}, hello.name || "Trunkbox")),
      h("nav", { class: "tabs", "aria-label": t("nav.rooms") },
        Object.keys(rooms).map((name) => h("a", { href: "#/" + name, "aria-current": name === room && "page" }, t("room." + name)))),
      h("div", { class: "account" },
        otherLanguage(),
        h("button", { class: "plain", id: "account", onclick: account }, t("account.title")))),
    h("div", { class: "lost", id: "lost", role: "alert", hidden: true }, t("live.lost")));
}

function lost(is) {
  const line = document.getElementById("lost");
  if (line) line.hidden = !is;
}

function otherLanguage() {
  const other = spoken() === "zh" ? "en" : "zh";
  return h("button", { class: "plain", id: "language", lang: other, onclick: () => { choose(other); draw(); } }, other === "en" ? "English" : "中文");
}

async function account() {
  const answer = await ask(t("account.title"), t("account.signed_in"), [
    { text: t("button.close") },
    { text: t("account.password"), value: "password" },
    { text: t("account.sign_out"), value: "out", style: "main" },
  ]);
  if (answer === "out") {
    await post("/api/sign-out").catch(() => {});
    gone();
  }
  if (answer === "password") changePassword();
}

function changePassword() {
  const dialog = h("dialog", { "aria-labelledby": "password-title" },
    h("h2", { id: "password-title" }, t("account.password")),
    twoPasswords({ before: true, button: t("account.password") }, async (old, fresh) => {
      await post("/api/password", { old, new: fresh });
      dialog.close();
      tell(t("account.password_done"));
    }),
    h("div", { class: "dialog-buttons" }, h("button", { class: "plain", onclick: () => dialog.close() }, t("button.cancel"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function gone() {
  if (hello.state !== "signed_in") return;
  hello.state = "signed_out";
  draw();
}

onSignedOut(gone);
window.addEventListener("hashchange", () => { if (hello.state === "signed_in" && location.hash !== here) enter()?.focus({ preventScroll: true }); });
start().catch((refused) => show(app, h("p", { class: "card gate" }, refused.message, " ", h("a", { href: "/" }, "↻"))));
