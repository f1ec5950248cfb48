// Form: draws one object of the settings from its fields and writes what is typed back into it.

import { fields } from "./fields.js";
import { h } from "./dom.js";
import { has, t } from "./words.js";

let serial = 0; // makes the ids of inputs unique on the page

// draw returns the fields of the object. ctx gives: names(of) the names to choose from, wording(of, name) how one is shown, choices
// field → words, problems path → sentence, changed(field, before, after), redraw().
export function draw(of, object, path, ctx) {
  return h("div", { class: "grid" }, fields[of].map((f) => field(of, f, object, `${path}.${f.name}`, ctx)));
}

function field(of, f, object, path, ctx) {
  const id = "f" + ++serial;
  const problem = problemOf(ctx.problems, path, f.kind !== "choices");
  const write = (value) => {
    const before = object[f.name];
    object[f.name] = value;
    ctx.changed(f, before, value);
  };
  const label = t(`field.${of}.${f.name}`);
  const help = `help.${of}.${f.name}`;
  const input = inputs[f.kind](f, object, { id, of, path, write, ctx, label });
  const single = !["check", "set", "choices", "rules", "destination"].includes(f.kind);
  return h("div", { class: "field" + (problem ? " wrong" : "") + (f.wide ? " wide" : ""), "data-path": path, role: single ? null : "group", "aria-label": single ? null : label },
    f.kind === "check" ? "" : single ? h("label", { for: id }, label) : h("span", { class: "label" }, label),
    input,
    problem && h("span", { class: "problem", role: "alert" }, problem),
    has(help) && h("span", { class: "help" }, t(help)));
}

// problemOf joins what is wrong with the field at path, and with what lies below it.
const problemOf = (problems, path, below) => Object.keys(problems).filter((p) => p === path || (below && p.startsWith(path + "."))).map((p) => problems[p]).join(" ");

const options = (values, chosen) => values.map(([value, text]) => h("option", { value, selected: value === chosen }, text));

// withLost keeps a chosen name that is no longer there visible instead of silently choosing another.
const withLost = (pairs, chosen) => (chosen && !pairs.some(([v]) => v === chosen) ? [...pairs, [chosen, chosen + " " + t("pick.missing")]] : pairs);

const inputs = {
  text: (f, o, { id, write }) => h("input", { id, type: "text", value: o[f.name] ?? "", inputmode: f.digits ? "tel" : null, autocomplete: "off", spellcheck: "false", oninput: (e) => write(e.target.value.trim()) }),

  number: (f, o, { id, write }) => h("div", { class: "with-unit" },
    h("input", { id, type: "number", min: f.min, max: f.max, step: 1, value: String(o[f.name] ?? 0), oninput: (e) => write(Math.trunc(Number(e.target.value)) || 0) }),
    f.unit && h("span", { class: "soft" }, t("unit." + f.unit))),

  check: (f, o, { id, write, label }) => h("label", { class: "check", for: id }, h("input", { id, type: "checkbox", checked: Boolean(o[f.name]), onchange: (e) => write(e.target.checked) }), label),

  choice: (f, o, { id, write, ctx }) => h("select", { id, onchange: (e) => write(e.target.value) },
    options(withLost(ctx.choices[f.words ?? f.name].map((v) => [v, t(`choice.${f.words ?? f.name}.${v || "none"}`)]), o[f.name]), o[f.name])),

  pick: (f, o, { id, write, ctx }) => h("select", { id, onchange: (e) => write(e.target.value) },
    options(withLost([["", t(f.none)], ...ctx.names(f.of).map((n) => [n, ctx.wording(f.of, n)])], o[f.name]), o[f.name] ?? "")),

  zone: (f, o, { id, write }) => [
    h("input", { id, type: "text", value: o[f.name] ?? "", list: id + "-zones", autocomplete: "off", spellcheck: "false", oninput: (e) => write(e.target.value.trim()) }),
    h("datalist", { id: id + "-zones" }, (Intl.supportedValuesOf?.("timeZone") ?? []).map((zone) => h("option", { value: zone })))],

  list: (f, o, { id, write }) => h("textarea", { id, rows: 3, value: (o[f.name] ?? []).join("\n"), autocomplete: "off", spellcheck: "false",
    oninput: (e) => write(e.target.value.split(/[\n,，;；]/).map((one) => one.trim()).filter(Boolean)) }),

  pem: (f, o, { id, write }) => h("textarea", { id, rows: 4, class: "pem", value: o[f.name] ?? "", placeholder: "-----BEGIN CERTIFICATE-----",
    autocomplete: "off", spellcheck: "false", oninput: (e) => write(e.target.value.trim()) }),

  timers: (f, o, { id, write }) => h("textarea", { id, rows: 2, value: Object.entries(o[f.name] ?? {}).map(([name, ms]) => `${name}=${ms}`).join("\n"),
    placeholder: "T310=60000", autocomplete: "off", spellcheck: "false",
    oninput: (e) => write(Object.fromEntries(e.target.value.split(/[\n,，;；]/).map((one) => one.split("=")).filter(([name]) => name.trim())
      .map(([name, ms]) => [name.trim().toUpperCase(), Math.trunc(Number(ms)) || 0]))) }),

  rules: (f, o, { ctx, path }) => {
    const all = (o[f.name] ??= []);
    const part = (rule, i, name) => h("input", { type: "text", inputmode: "tel", size: 8, "aria-label": t("rule." + name), placeholder: t("rule." + name), value: String(rule[name] ?? ""),
      oninput: (e) => { rule[name] = name === "strip" ? Math.trunc(Number(e.target.value)) || 0 : e.target.value.trim(); ctx.changed(f); } });
    return h("div", { class: "choices" },
      all.map((rule, i) => h("div", { class: "choice-row", "data-path": `${path}.${i}` },
        h("select", { "aria-label": t("rule.direction"), onchange: (e) => { rule.direction = e.target.value; ctx.changed(f); } },
          options(ctx.choices.direction.map((v) => [v, t("choice.direction." + v)]), rule.direction)),
        part(rule, i, "match"), part(rule, i, "strip"), part(rule, i, "add"),
        h("button", { class: "small danger", type: "button", "aria-label": t("button.remove"), onclick: () => { all.splice(i, 1); ctx.changed(f); ctx.redraw(); } }, "✕"),
        choiceProblem(ctx, `${path}.${i}`))),
      h("div", {}, h("button", { class: "small", type: "button", onclick: () => {
        all.push({ direction: "out", match: "", strip: 0, add: "" });
        ctx.changed(f);
        ctx.redraw();
      } }, t("rule.new"))));
  },

  set: (f, o, { ctx, write }) => {
    const there = ctx.names(f.of);
    const chosen = new Set(o[f.name] ?? []);
    const all = [...there, ...[...chosen].filter((name) => !there.includes(name))];
    if (all.length === 0) return h("p", { class: "soft small" }, t("pick.nothing"));
    return h("div", { class: "checks" }, all.map((name) => h("label", { class: "check" },
      h("input", { type: "checkbox", checked: chosen.has(name), onchange: (e) => {
        if (e.target.checked) chosen.add(name);
        else chosen.delete(name);
        write(all.filter((one) => chosen.has(one)));
      } }), there.includes(name) ? name : name + " " + t("pick.missing"))));
  },

  secret: (f, o, { id, write }) => {
    const input = h("input", { id, type: "password", value: o[f.name] ?? "", autocomplete: "off", spellcheck: "false", oninput: (e) => write(e.target.value) });
    const shown = (yes) => {
      input.type = yes ? "text" : "password";
      toggle.textContent = t(yes ? "secret.hide" : "secret.show");
    };
    const toggle = h("button", { class: "small", type: "button", onclick: () => shown(input.type === "password") }, t("secret.show"));
    return h("div", { class: "with-unit" }, input, toggle, h("button", { class: "small", type: "button", onclick: () => {
      input.value = newPassword();
      write(input.value);
      shown(true);
    } }, t("secret.make")));
  },

  destination: (f, o, { ctx }) => h("div", { class: "to-row" }, destination(o[f.name] ??= { kind: "hangup", target: "" }, ctx)),

  choices: (f, o, { ctx, path }) => {
    const all = (o[f.name] ??= []);
    const free = () => [..."1234567890*#"].find((key) => !all.some((c) => c.key === key));
    return h("div", { class: "choices" },
      all.map((c, i) => h("div", { class: "choice-row", "data-path": `${path}.${i}` },
        h("select", { "aria-label": t("choices.key"), onchange: (e) => { c.key = e.target.value; ctx.changed(f); } },
          options([..."1234567890*#"].map((key) => [key, t("choices.press", { key })]), c.key)),
        destination(c.to, ctx),
        h("button", { class: "small danger", type: "button", "aria-label": t("button.remove") + " " + c.key, onclick: () => { all.splice(i, 1); ctx.changed(f); ctx.redraw(); } }, "✕"),
        choiceProblem(ctx, `${path}.${i}`))),
      free() && h("div", {}, h("button", { class: "small", type: "button", onclick: () => {
        all.push({ key: free(), to: { kind: "queue", target: ctx.names("queues")[0] ?? "" } });
        ctx.changed(f);
        ctx.redraw();
      } }, t("choices.add"))));
  },
};

const choiceProblem = (ctx, path) => problemOf(ctx.problems, path, true) && h("p", { class: "problem", role: "alert" }, problemOf(ctx.problems, path, true));

const targets = { queue: "queues", menu: "menus", prompt: "prompts" };

// destination is two inputs: what kind of place, and which one.
function destination(to, ctx) {
  const kinds = ["queue", "menu", "extension", "outside", "prompt", "hangup"];
  const kind = h("select", { "aria-label": t("destination.kind"), onchange: (e) => {
    to.kind = e.target.value;
    to.target = targets[to.kind] ? (ctx.names(targets[to.kind])[0] ?? "") : "";
    ctx.changed({});
    ctx.redraw();
  } }, options(kinds.map((k) => [k, t("destination." + k)]), to.kind));
  const label = t("destination.target");
  const set = (e) => { to.target = e.target.value.trim(); ctx.changed({}); };
  if (to.kind === "hangup") return [kind, h("span", {})];
  if (to.kind === "extension" || to.kind === "outside") return [kind, h("input", { type: "text", inputmode: "tel", "aria-label": label, value: to.target, oninput: set })];
  return [kind, h("select", { "aria-label": label, onchange: set }, options(withLost(ctx.names(targets[to.kind]).map((n) => [n, ctx.wording(targets[to.kind], n)]), to.target), to.target))];
}

// newPassword makes 16 letters and digits that cannot be mistaken for each other: 57^16, about 93 bits.
function newPassword() {
  const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let password = "";
  while (password.length < 16) {
    const [n] = crypto.getRandomValues(new Uint8Array(1));
    if (n < letters.length * Math.floor(256 / letters.length)) password += letters[n % letters.length];
  }
  return password;
}
