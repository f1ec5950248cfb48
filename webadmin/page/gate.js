// The gate: first visit (set the password with the one-time code of the console) and sign-in.

import { post } from "./api.js";
import { h } from "./dom.js";
import { t } from "./words.js";

const frame = (hello, languageButton, title, ...content) =>
  h("main", { class: "card gate" },
    h("div", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "" }), h("span", {}, hello.name || "Trunkbox")),
    h("h1", {}, title), content,
    h("div", { class: "foot" }, languageButton, h("a", { class: "button plain", href: "/agent" }, t("gate.agent_page"))));

// form draws fields [{name, label, type, …}] and a button; send(values) may throw a Refused, whose
// sentence is then shown above the button.
export function form(fields, button, send) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const submit = h("button", { class: "main", type: "submit" }, button);
  const inputs = fields.map(({ label, help, ...attrs }) => ({ label, help, input: h("input", { id: "in-" + attrs.name, required: true, ...attrs }) }));
  return h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      submit.disabled = true;
      problem.hidden = true;
      try {
        await send(Object.fromEntries(inputs.map(({ input }) => [input.name, input.value])));
      } catch (refused) {
        problem.textContent = refused.message;
        problem.hidden = false;
      } finally {
        submit.disabled = false;
      }
    },
  },
    inputs.map(({ label, help, input }) => h("div", { class: "field" },
      h("label", { for: input.id }, label), input, help && h("span", { class: "help" }, help))),
    problem, submit);
}

// twoPasswords asks for a new password twice (and for the one before) and calls send(old, fresh, rest).
export function twoPasswords({ before, first = [], button }, send) {
  return form([
    ...first,
    ...(before ? [{ name: "old", label: t("password.old"), type: "password", autocomplete: "current-password" }] : []),
    { name: "fresh", label: t("password.new"), type: "password", autocomplete: "new-password", minlength: 10, help: t("password.help") },
    { name: "again", label: t("password.again"), type: "password", autocomplete: "new-password" },
  ], button, (values) => {
    if (values.fresh !== values.again) throw new Error(t("password.differ"));
    return send(values.old, values.fresh, values);
  });
}

export function firstVisit(hello, done, languageButton) {
  return frame(hello, languageButton, t("first.title"),
    h("p", { class: "soft" }, t("first.text")),
    twoPasswords({
      first: [{ name: "code", label: t("first.code"), autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false", help: t("first.code_help") }],
      button: t("first.button"),
    }, async (_, password, { code }) => {
      await post("/api/first", { code, password });
      await done();
    }));
}

export function signIn(hello, done, languageButton) {
  return frame(hello, languageButton, t("sign_in.title"),
    form([{ name: "password", label: t("sign_in.password"), type: "password", autocomplete: "current-password" }], t("sign_in.button"),
      async ({ password }) => {
        await post("/api/sign-in", { password });
        await done();
      }));
}

// agentSignIn is the gate of the agent's own page.
export function agentSignIn(hello, done, languageButton) {
  return h("main", { class: "card gate" },
    h("div", { class: "brand" }, h("img", { src: "/page/icon.svg", alt: "" }), h("span", {}, hello.name || "Trunkbox")),
    h("h1", {}, t("seat.sign_in")),
    h("p", { class: "soft" }, t("seat.sign_in_text")),
    form([
      { name: "extension", label: t("seat.extension"), inputmode: "numeric", autocomplete: "username", maxlength: 5 },
      { name: "password", label: t("seat.password"), type: "password", autocomplete: "current-password" },
    ], t("sign_in.button"), async (values) => {
      await post("/api/agent/sign-in", values);
      await done();
    }),
    h("div", { class: "foot" }, languageButton));
}
