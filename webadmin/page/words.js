// Words: the page speaks Chinese or English from one table (words.json, "key": [zh, en]).

let table = {};
let language = "zh";

// load fetches the table. The language is the one chosen here before, else the given one (the box's),
// else the browser's.
export async function load(boxLanguage) {
  table = await (await fetch("/page/words.json")).json();
  const chosen = localStorage.getItem("language") ?? boxLanguage;
  set(chosen === "en" || chosen === "zh" ? chosen : navigator.language.startsWith("zh") ? "zh" : "en");
}

// choose sets the language and remembers it in this browser.
export function choose(lang) {
  localStorage.setItem("language", lang);
  set(lang);
}

function set(lang) {
  language = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export const spoken = () => language;
export const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

// t gives the text of key; {name} in it is replaced by values.name. An unknown key gives its last part:
// a word that the switch invented later is better shown than hidden.
export function t(key, values) {
  const pair = table[key];
  const text = pair ? pair[language === "zh" ? 0 : 1] : key.slice(key.lastIndexOf(".") + 1);
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

// has says whether the table knows key.
export const has = (key) => key in table;

// capital begins a text that was the middle of a sentence.
export const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// either picks from something the box says in both languages: {zh, en}.
export const either = (said) => (language === "zh" ? said.zh : said.en) || said.en || said.zh || "";
