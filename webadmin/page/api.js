// The box's API as the page uses it: JSON in, JSON out, refusals as Refused with a sentence to show.

import { either, t } from "./words.js";

// Refused is an answer that is not 2xx. said is {zh, en}; problems lists the fields that are wrong.
export class Refused extends Error {
  constructor(status, said, problems) {
    super(said ? either(said) : t("error.unreachable"));
    this.status = status;
    this.problems = problems ?? [];
  }
}

let signedOut = () => {};

// onSignedOut is called when the box no longer knows this session.
export function onSignedOut(f) {
  signedOut = f;
}

export const get = (path) => send("GET", path);
export const post = (path, body) => send("POST", path, JSON.stringify(body ?? {}), "application/json");
export const put = (path, body) => send("PUT", path, JSON.stringify(body), "application/json");
export const del = (path) => send("DELETE", path);
export const upload = (path, file, type) => send("POST", path, file, type);

async function send(method, path, body, type) {
  const headers = { "X-Trunkbox-Page": "1" };
  if (type) headers["Content-Type"] = type;
  let response;
  try {
    response = await fetch(path, { method, headers, body });
  } catch {
    throw new Refused(0);
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 401 && !path.includes("sign-in")) signedOut();
  throw new Refused(response.status, answer?.error, answer?.problems);
}
