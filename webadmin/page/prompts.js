// Prompts: the announcements in the box, to hear, to replace, to add to.

import { del, get, upload } from "./api.js";
import { length } from "./clock.js";
import { ask, h, show, tell } from "./dom.js";
import { either, t } from "./words.js";

// promptsPane draws the list and the form for a new one. Prompts are kept apart from the settings: what
// is done here takes effect at once.
export function promptsPane(room) {
  const list = h("section", { class: "card", id: "prompts" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const file = h("input", { id: "prompt-file", type: "file", accept: ".wav,audio/wav", required: true });
  const lang = h("select", { id: "prompt-lang" }, ["zh", "en"].map((value) => h("option", { value, selected: value === room.draft.box.language }, t("choice.language." + value))));
  const name = h("input", { id: "prompt-name", type: "text", required: true, maxlength: 60, autocomplete: "off" });
  file.addEventListener("change", () => { if (!name.value && file.files[0]) name.value = file.files[0].name.replace(/\.wav$/i, ""); });

  async function load() {
    const { prompts } = await get("/api/prompts");
    room.prompts = prompts;
    const [sentences, pieces] = [prompts.filter((p) => !p.piece), prompts.filter((p) => p.piece)];
    show(list, h("ul", { class: "rows" }, sentences.map((p) => row(p, load))),
      pieces.length > 0 && h("details", { class: "pieces" }, h("summary", {}, t("prompts.pieces", { n: pieces.length })), h("ul", { class: "rows" }, pieces.map((p) => row(p, load)))));
  }

  const form = h("form", { class: "card stack", onsubmit: async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      await upload(`/api/prompts/${lang.value}/${encodeURIComponent(name.value.trim())}`, file.files[0], "audio/wav");
      form.reset();
      tell(t("prompts.stored"));
      await load();
    } catch (refused) {
      problem.textContent = refused.message;
      problem.hidden = false;
    }
  } },
    h("h3", {}, t("prompts.add")),
    h("div", { class: "grid fill" },
      h("div", { class: "field" }, h("label", { for: "prompt-file" }, t("prompts.file")), file, h("span", { class: "help" }, t("prompts.file_help"))),
      h("div", { class: "field" }, h("label", { for: "prompt-name" }, t("prompts.name")), name),
      h("div", { class: "field" }, h("label", { for: "prompt-lang" }, t("prompts.language")), lang)),
    problem,
    h("div", { class: "acts" }, h("button", { class: "main", type: "submit" }, t("prompts.upload"))));
  load().catch((refused) => show(list, h("p", { class: "problem" }, refused.message)));
  return [form, list];
}

// row is one prompt with its sound in each language.
function row(p, reload) {
  return h("li", {}, h("div", { class: "who" }, h("b", {}, p.name), h("span", { class: "soft" }, " ", either(p))),
    h("div", { class: "sounds" }, p.sounds.map((sound) => soundRow(p.name, sound, reload))));
}

function soundRow(name, sound, reload) {
  const path = `/api/prompts/${sound.lang}/${encodeURIComponent(name)}`;
  const of = " " + name + " " + sound.lang;
  const listen = h("button", { class: "small", type: "button", "aria-label": t("prompts.listen") + of, onclick: () => {
    const player = h("audio", { controls: true, autoplay: true, src: path });
    listen.replaceWith(player);
    player.focus();
  } }, t("prompts.listen"));
  const remove = async () => {
    if (!(await ask(t("prompts.delete_title"), h("p", {}, t("prompts.delete_sure", { name })), [
      { text: t("button.cancel") }, { text: t("button.remove"), value: "yes", style: "danger" }]))) return;
    try {
      await del(path);
      await reload();
    } catch (refused) {
      tell(refused.message, "bad");
    }
  };
  return h("div", { class: "agent-row" },
    h("div", { class: "who" }, h("span", {}, t("choice.language." + sound.lang)), h("span", { class: "chip" }, t(sound.own ? "prompts.own" : "prompts.builtin")), h("span", { class: "soft small" }, length(Math.ceil(sound.ms / 1000)))),
    h("div", { class: "acts" }, listen, sound.own && h("button", { class: "small danger", type: "button", "aria-label": t("button.remove") + of, onclick: remove }, t("button.remove"))));
}
