// Live: follows a stream of the box (server-sent events) and keeps following it. The box sends "now"
// on each change and "beat" every five seconds; silence for longer means the connection is lost,
// whatever the browser believes.

import { get } from "./api.js";

const silence = 12_000; // ms

// follow calls told(data) for each state and lost(true|false) when the connection goes or comes back.
// still is an address that answers 401 once nobody is signed in any more (a stream cannot say so).
// It returns a function that ends it.
export function follow(path, still, told, lost) {
  let source;
  let timer;
  let wait = 500; // ms until the next try
  let over = false;

  function open() {
    source = new EventSource(path);
    source.addEventListener("now", (event) => { heard(); told(JSON.parse(event.data)); });
    source.addEventListener("beat", heard);
    source.onerror = broken;
    timer = setTimeout(broken, silence);
  }
  function heard() {
    wait = 500;
    lost(false);
    clearTimeout(timer);
    timer = setTimeout(broken, silence);
  }
  function broken() {
    source.close();
    clearTimeout(timer);
    if (over) return;
    lost(true);
    get(still).catch(() => {});
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, 8_000);
  }
  open();
  return () => {
    over = true;
    clearTimeout(timer);
    source.close();
  };
}
