// Settings: a draft of the whole document, edited section by section. Nothing takes effect before
// it was reviewed: the box says what a save will change and touch, then it is applied at once.

import { get, post, put } from "./api.js";
import { ask, h, show, tell } from "./dom.js";
import { parts, references } from "./fields.js";
import { draw } from "./form.js";
import { filesPane } from "./files.js";
import { promptsPane } from "./prompts.js";
import { either, spoken, t } from "./words.js";

const sections = ["agents", "queues", "menus", "routes", "prompts", "lines", "trunks", "outbound", "recording", "phones", "box", "files"];

let kept = null; // the room as it was, when only its section or the language changes

// settings draws the room. Its draft lives as long as the room is open: leaving with unsaved changes
// asks first.
export function settings(main, [section, name]) {
  const room = kept ?? {
    draft: null, saved: "", revision: "", problems: {}, prompts: [],
    open: new Set(), // items that are unfolded: the objects of the draft themselves
  };
  kept = null;
  room.section = sections.includes(section) ? section : "agents";
  room.wanted = name; // the entry to be unfolded
  const nav = h("nav", { class: "sections", "aria-label": t("nav.sections") });
  const pane = h("div", { class: "pane" });
  const bar = h("div", { class: "save-bar", hidden: true });
  main.append(h("h1", {}, t("room.settings")), h("div", { class: "settings" }, nav, h("div", { class: "pane" }, pane, bar)));

  room.refresh = () => {
    drawNav(nav, room);
    show(pane, drawSection(room));
    drawBar(bar, room);
  };
  room.touched = () => drawBar(bar, room);
  room.load = () => load(room);
  if (dirty(room)) unfold(room);
  else load(room).catch((refused) => show(pane, h("p", { class: "problem" }, refused.message)));
  window.onbeforeunload = () => (dirty(room) ? true : undefined);
  return (to) => leave(room, to);
}

async function load(room) {
  const [answer, prompts] = await Promise.all([get("/api/settings"), get("/api/prompts")]);
  room.draft = answer.settings;
  room.revision = answer.revision;
  room.saved = JSON.stringify(room.draft);
  room.problems = {};
  room.choices = answer.choices;
  room.fresh = answer.fresh;
  room.prompts = prompts.prompts;
  unfold(room);
}

// unfold draws the room with the entry that the address names open and in sight, the first time.
function unfold(room) {
  const all = room.draft[parts[room.section]?.[0].at];
  const at = room.wanted && Array.isArray(all) ? all.findIndex((item) => item.name === room.wanted) : -1;
  room.wanted = "";
  if (at >= 0) room.open.add(all[at]);
  room.refresh();
  if (at >= 0) document.getElementById(`item-${room.section}-${at}`)?.scrollIntoView({ block: "start" });
}

const dirty = (room) => room.draft !== null && JSON.stringify(room.draft) !== room.saved;

// leave keeps the draft when the address stays in this room, and asks before it is thrown away.
function leave(room, to) {
  if (to?.startsWith("#/settings") && dirty(room)) {
    kept = room;
    return true;
  }
  if (dirty(room) && !confirm(t("settings.leave"))) return false;
  window.onbeforeunload = null;
  return true;
}

function drawNav(nav, room) {
  show(nav, sections.map((name) => {
    const wrong = Object.keys(room.problems).filter((path) => sectionOf(path) === name).length;
    return h("a", { href: "#/settings/" + name, "aria-current": name === room.section && "page", onclick: (event) => {
      event.preventDefault();
      room.section = name;
      history.replaceState(null, "", "#/settings/" + name);
      room.refresh();
    } }, t("section." + name), wrong > 0 && h("span", { class: "count", title: t("settings.problems", { n: wrong }) }, "! " + wrong));
  }));
}

const sectionOf = (path) => ({ features: "phones", talks: "phones" })[path.split(".")[0]] ?? path.split(".")[0];

function drawSection(room) {
  const title = h("div", { class: "title-row" }, h("h2", {}, t("section." + room.section)), h("span", { class: "soft small" }, t("section.text." + room.section)));
  if (room.section === "prompts") return [title, promptsPane(room)];
  if (room.section === "files") return [title, filesPane(room)];
  return [title, parts[room.section].map((part) => (part.list ? drawList(room, part) : drawOne(room, part)))];
}

function drawOne(room, part) {
  return h("section", { class: "card", "aria-label": t("part." + part.of) },
    part !== parts[room.section][0] && h("div", { class: "card-head" }, h("h3", {}, t("part." + part.of))),
    draw(part.of, room.draft[part.at], part.at, context(room)));
}

function drawList(room, part) {
  const all = (room.draft[part.at] ??= []);
  const change = (f) => { f(); room.refresh(); };
  return [
    room.problems[part.at] && h("p", { class: "problem", role: "alert" }, room.problems[part.at]),
    all.length === 0 && h("p", { class: "card empty" }, t("settings.none")),
    all.map((item, i) => {
      const path = `${part.at}.${i}`;
      const wrong = Object.keys(room.problems).some((p) => p === path || p.startsWith(path + "."));
      const head = part.title(item).filter(Boolean);
      const body = h("div", { class: "item-body" });
      const fill = () => show(body,
        room.problems[path] && h("p", { class: "problem" }, room.problems[path]),
        draw(part.of, item, path, context(room, part, item)),
        h("div", { class: "acts" },
          part.ordered && i > 0 && h("button", { class: "small", type: "button", onclick: () => change(() => all.splice(i - 1, 2, item, all[i - 1])) }, t("button.up")),
          part.ordered && i < all.length - 1 && h("button", { class: "small", type: "button", onclick: () => change(() => all.splice(i, 2, all[i + 1], item)) }, t("button.down")),
          h("button", { class: "small danger", type: "button", onclick: () => change(() => all.splice(i, 1)) }, t("button.remove"))));
      const open = room.open.has(item) || wrong;
      if (open) fill();
      return h("details", { class: "card item", id: "item-" + path.replace(".", "-"), open, ontoggle: (event) => {
        if (event.target.open === room.open.has(item)) return;
        if (event.target.open) room.open.add(item);
        else room.open.delete(item);
        if (event.target.open && !body.firstChild) fill();
      } },
        h("summary", {}, h("b", {}, head[0] ?? t("settings.unnamed")), head.slice(1).map((text) => h("span", { class: "soft" }, text)),
          wrong && h("span", { class: "chip bad" }, t("settings.wrong"))),
        body);
    }),
    h("div", {}, h("button", { id: "add", type: "button", onclick: () => change(() => {
      const item = structuredClone(room.fresh[part.of] ?? part.fresh);
      all.push(item);
      room.open.add(item);
    }) }, t("add." + part.of))),
  ];
}

// context is what a form may ask of the room.
function context(room, part, item) {
  const d = room.draft;
  const named = { queues: () => d.queues, menus: () => d.menus, lines: () => [...d.lines, ...(d.trunks ?? [])] };
  return {
    problems: room.problems,
    choices: room.choices,
    names: (of) => (of === "prompts" ? room.prompts.filter((p) => !p.piece).map((p) => p.name) : of === "numbers" ? (d.outbound.numbers ?? []) : named[of]().map((x) => x.name).filter(Boolean)),
    wording: (of, name) => (of === "prompts" ? name + wording(room.prompts.find((p) => p.name === name)) : name),
    changed: (field, before, after) => {
      if (field.name === "name" && item && before) references[part.at]?.(d, (name) => (name === before ? after : name));
      room.touched();
    },
    redraw: () => room.refresh(),
  };
}

// wording is what a prompt says, cut short.
function wording(prompt) {
  const text = prompt ? either(prompt) : "";
  return text && " – " + (text.length > 40 ? text.slice(0, 40) + "…" : text);
}

function drawBar(bar, room) {
  bar.hidden = !dirty(room);
  if (bar.hidden) return;
  if (bar.firstChild && bar.dataset.language === spoken()) return;
  bar.dataset.language = spoken();
  show(bar, h("b", {}, t("settings.unsaved")),
    h("span", { class: "push" }),
    h("button", { type: "button", id: "discard", onclick: () => {
      room.draft = JSON.parse(room.saved);
      room.problems = {};
      room.refresh();
    } }, t("settings.discard")),
    h("button", { type: "button", class: "main", id: "review", onclick: () => review(room) }, t("settings.review")));
}

// review shows what saving will change; it saves when the person says so.
async function review(room) {
  let answer;
  try {
    answer = await post("/api/settings/check", { settings: room.draft });
  } catch (refused) {
    tell(refused.message, "bad");
    return;
  }
  mark(room, answer.problems);
  if (answer.problems.length > 0) return;
  if (answer.changes.length === 0) {
    room.saved = JSON.stringify(room.draft);
    room.refresh();
    tell(t("settings.no_changes"));
    return;
  }
  const restarts = answer.changes.some((c) => c.touches === "line_restarts");
  const sure = await ask(t("settings.review_title"), [
    h("p", { class: "soft" }, t("settings.review_text")),
    h("ul", { class: "changes" }, answer.changes.map((c) => h("li", { class: c.touches }, either(c)))),
    restarts && h("p", { class: "notice bad" }, h("span", { class: "mark", "aria-hidden": "true" }, "!"), t("settings.line_restarts")),
  ], [{ text: t("button.cancel") }, { text: t("settings.save"), value: "save", style: "main" }]);
  if (!sure) return;
  try {
    await put("/api/settings", { settings: room.draft, revision: room.revision });
    await load(room);
    tell(t(restarts ? "settings.saved_waits" : "settings.saved"));
  } catch (refused) {
    if (refused.problems.length > 0) mark(room, refused.problems);
    tell(refused.message, "bad");
  }
}

// mark hangs problems beside their fields and goes to the first one.
function mark(room, problems) {
  room.problems = {};
  for (const p of problems) room.problems[p.path] = [room.problems[p.path], either(p)].filter(Boolean).join(" ");
  const first = problems[0] && sectionOf(problems[0].path);
  if (first && !problems.some((p) => sectionOf(p.path) === room.section) && sections.includes(first)) room.section = first;
  room.refresh();
  const shown = document.querySelector(".problem");
  shown?.scrollIntoView({ block: "center" });
  shown?.closest(".field")?.querySelector("input, select, textarea")?.focus({ preventScroll: true });
  if (problems.length > 0) tell(shown ? t("settings.problems", { n: problems.length }) : problems.map(either).join(" "), "bad");
}
