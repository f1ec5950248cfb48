// Clock: times are shown in the box's time zone and durations run on the box's clock, because the
// clock of the computer in front of the page may be wrong.

import { h } from "./dom.js";
import { locale } from "./words.js";

let ahead = 0; // ms the box's clock is ahead of ours
let zone;

export function setZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    zone = name;
  } catch {
    zone = undefined;
  }
}

export function setBoxTime(at) {
  ahead = Date.parse(at) - Date.now();
}

// known says whether the box gave a time at all (Go's zero time is none).
export const known = (at) => Boolean(at) && !at.startsWith("0001-");

// length writes seconds as 0:07, 12:30 or 3:04:05.
export function length(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  if (hours >= 48) return Math.floor(hours / 24) + " d " + (hours % 24) + " h";
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

const passed = (at) => length((Date.now() + ahead - Date.parse(at)) / 1000);

// since makes a <time> that counts up from at by itself.
export function since(at) {
  return known(at) ? h("time", { class: "since", datetime: at }, passed(at)) : "";
}

setInterval(() => {
  for (const node of document.querySelectorAll("time.since")) {
    const text = passed(node.dateTime);
    if (node.textContent !== text) node.textContent = text;
  }
}, 1000);

const write = (at, form) => (known(at) ? new Intl.DateTimeFormat(locale(), { ...form, timeZone: zone, hourCycle: "h23" }).format(new Date(at)) : "");

export const moment = (at) => write(at, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const fullMoment = (at) => write(at, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const timeOfDay = (at) => write(at, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1 });

export const hourOfDay = (at) => write(at, { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
export const dayOfYear = (at) => write(at, { year: "numeric", month: "2-digit", day: "2-digit" });

// dayStart and dayEnd are the box's midnight before and after a day "2026-03-05", as ISO times.
export const dayStart = (day) => boxInstant(day, 0);
export const dayEnd = (day) => boxInstant(day, 1);

function boxInstant(day, plus) {
  const wanted = Date.parse(day + "T00:00:00Z") + plus * 86_400_000;
  let at = wanted;
  for (let i = 0; i < 2; i++) at += wanted - wall(at);
  return new Date(at).toISOString();
}

// wall reads the box's wall clock at the instant ms, as if it were UTC.
function wall(ms) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(new Date(ms));
  const of = (type) => Number(parts.find((p) => p.type === type).value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}
