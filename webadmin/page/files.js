// Files: the settings as a file to keep or to bring back, and the versions the box kept.

import { get, upload } from "./api.js";
import { fullMoment } from "./clock.js";
import { h, show, tell } from "./dom.js";
import { t } from "./words.js";

// filesPane draws export, import and history. An imported or older document only becomes the draft: it
// is reviewed and saved like any other change.
export function filesPane(room) {
  const problem = h("div", { role: "alert" });
  const take = (settings) => {
    room.draft = settings;
    room.problems = {};
    room.refresh();
    tell(t("files.taken"));
  };
  const file = h("input", { id: "import-file", type: "file", accept: ".json,application/json", "aria-label": t("files.import"), onchange: async () => {
    show(problem);
    try {
      take((await upload("/api/settings/read", file.files[0], "application/json")).settings);
    } catch (refused) {
      show(problem, h("p", { class: "problem" }, refused.message));
    }
  } });
  const versions = h("ul", { class: "rows", id: "versions" });
  get("/api/settings/history").then(({ versions: all }) => show(versions,
    all.length === 0 && h("li", { class: "soft" }, t("files.no_history")),
    all.map((v) => h("li", { class: "agent-row" },
      h("div", { class: "who" }, h("b", {}, fullMoment(v.at)), h("span", { class: "soft" }, v.by ? t("files.by", { by: t("by." + v.by) }) : "")),
      h("div", { class: "acts" }, h("button", { class: "small", type: "button", onclick: async () => {
        try {
          take((await get("/api/settings/history/" + v.version)).settings);
        } catch (refused) {
          tell(refused.message, "bad");
        }
      } }, t("files.take"))))))).catch((refused) => show(versions, h("li", { class: "problem" }, refused.message)));
  return [
    h("section", { class: "card stack" },
      h("h3", {}, t("files.export")),
      h("p", { class: "soft" }, t("files.export_text")),
      h("p", {}, h("a", { class: "button", id: "export", href: "/api/settings/export", download: "" }, t("files.export_button")))),
    h("section", { class: "card stack" }, h("h3", {}, t("files.import")), h("p", { class: "soft" }, t("files.import_text")), file, problem),
    h("section", { class: "card" }, h("div", { class: "card-head" }, h("h3", {}, t("files.history"))), versions),
  ];
}
