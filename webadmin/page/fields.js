// Fields: what can be set, as data. Each section of the settings is a list of fields; the form draws
// them, reads them and hangs problems beside them by their path.
//
// kind: text, number (unit, min, max), check, choice (one of the words the box gives for the field), secret, list (one a line), pem (certificates as text), set (names
// chosen from the draft), timers (one a line, NAME=ms), rules (of numbers, one a row), pick (one name from the draft or a prompt), destination, zone.

export const fields = {
  box: [
    { name: "name", kind: "text" },
    { name: "language", kind: "choice" },
    { name: "country", kind: "choice" },
    { name: "time_zone", kind: "zone" },
    { name: "time_from_line", kind: "check" },
  ],
  line: [
    { name: "name", kind: "text" },
    { name: "enabled", kind: "check" },
    { name: "driver", kind: "choice" },
    { name: "span", kind: "number", min: 0, max: 128 },
    { name: "kind", kind: "choice" },
    { name: "framing", kind: "choice" },
    { name: "line_code", kind: "choice" },
    { name: "clock", kind: "choice" },
    { name: "law", kind: "choice" },
    { name: "side", kind: "choice" },
    { name: "variant", kind: "choice" },
    { name: "overlap", kind: "check" },
    { name: "timers", kind: "timers" },
    { name: "n200", kind: "number", min: 1, max: 20 },
    { name: "group", kind: "text" },
    { name: "d_channel", kind: "choice" },
    { name: "interface", kind: "number", min: 0, max: 127 },
    { name: "hunting", kind: "choice" },
    { name: "selection", kind: "choice" },
    { name: "ddi_digits", kind: "number", min: 0, max: 20 },
    { name: "network_transfer", kind: "check" },
    { name: "block_ms", kind: "number", unit: "ms", min: 2, max: 20 },
    { name: "echo_tail_ms", kind: "number", unit: "ms", min: 0, max: 128 },
    { name: "echo_by", kind: "choice" },
    { name: "noise_reduction", kind: "check" },
    { name: "level_control", kind: "check" },
    { name: "return_seconds", kind: "number", unit: "s", min: 0, max: 3600 },
    { name: "restart", kind: "check" },
  ],
  trunk: [
    { name: "name", kind: "text" },
    { name: "enabled", kind: "check" },
    { name: "server", kind: "text" },
    { name: "transport", kind: "choice" },
    { name: "register", kind: "check" },
    { name: "user", kind: "text" },
    { name: "password", kind: "secret" },
    { name: "law", kind: "choice", words: "codec" },
    { name: "max_calls", kind: "number", min: 0, max: 1000 },
    { name: "encrypt", kind: "check" },
    { name: "suppress_silence", kind: "check" },
    { name: "numbers", kind: "rules", wide: true },
    { name: "roots", kind: "pem", wide: true },
  ],
  agent: [
    { name: "extension", kind: "text", digits: true },
    { name: "name", kind: "text" },
    { name: "password", kind: "secret" },
    { name: "caller_id", kind: "pick", of: "numbers", none: "pick.first_number" },
    { name: "outbound", kind: "check" },
    { name: "hide_number", kind: "check" },
    { name: "supervisor", kind: "check" },
    { name: "encrypt", kind: "check" },
    { name: "queues", kind: "set", of: "queues", wide: true },
  ],
  queue: [
    { name: "name", kind: "text" },
    { name: "extension", kind: "text", digits: true },
    { name: "strategy", kind: "choice" },
    { name: "ring_seconds", kind: "number", unit: "s", min: 5, max: 120 },
    { name: "wrap_up_seconds", kind: "number", unit: "s", min: 0, max: 3600 },
    { name: "retry_seconds", kind: "number", unit: "s", min: 1, max: 300 },
    { name: "max_wait_seconds", kind: "number", unit: "s", min: 0, max: 86400 },
    { name: "max_length", kind: "number", min: 0, max: 1000 },
    { name: "announce_seconds", kind: "number", unit: "s", min: 0, max: 3600 },
    { name: "auto_pause_missed", kind: "number", min: 0, max: 99 },
    { name: "music", kind: "pick", of: "prompts", none: "pick.builtin_music" },
    { name: "on_empty", kind: "choice" },
    { name: "record", kind: "choice" },
  ],
  menu: [
    { name: "name", kind: "text" },
    { name: "welcome", kind: "pick", of: "prompts", none: "pick.none" },
    { name: "prompt", kind: "pick", of: "prompts", none: "pick.none" },
    { name: "timeout_seconds", kind: "number", unit: "s", min: 1, max: 60 },
    { name: "retries", kind: "number", min: 0, max: 9 },
    { name: "direct_dial", kind: "check" },
    { name: "inter_digit_ms", kind: "number", unit: "ms", min: 0, max: 10000 },
    { name: "choices", kind: "choices", wide: true },
    { name: "on_fail", kind: "destination", wide: true },
  ],
  route: [
    { name: "line", kind: "pick", of: "lines", none: "pick.any_line" },
    { name: "called", kind: "text", digits: true },
    { name: "to", kind: "destination", wide: true },
  ],
  outbound: [
    { name: "prefix", kind: "text", digits: true },
    { name: "lines", kind: "set", of: "lines" },
    { name: "numbers", kind: "list", wide: true },
    { name: "barred", kind: "list", wide: true },
    { name: "through_calls", kind: "number", min: 0, max: 1000 },
    { name: "through_minutes", kind: "number", unit: "min", min: 0, max: 1440 },
    { name: "machine_detection", kind: "check" },
  ],
  recording: [
    { name: "start", kind: "choice" },
    { name: "stereo", kind: "check" },
    { name: "keep_days", kind: "number", unit: "d", min: 1, max: 3650 },
    { name: "floor_days", kind: "number", unit: "d", min: 0, max: 3650 },
    { name: "min_free_mb", kind: "number", unit: "mb", min: 64, max: 1048576 },
    { name: "consent", kind: "pick", of: "prompts", none: "pick.none" },
  ],
  features: [
    { name: "log_in_out", kind: "text" },
    { name: "pause_resume", kind: "text" },
    { name: "transfer", kind: "text" },
    { name: "conference", kind: "text" },
    { name: "record_pause", kind: "text" },
    { name: "malicious", kind: "text" },
    { name: "listen", kind: "text" },
    { name: "whisper", kind: "text" },
    { name: "barge", kind: "text" },
    { name: "echo", kind: "text" },
    { name: "milliwatt", kind: "text" },
  ],
  talks: [
    { name: "parties", kind: "number", min: 0, max: 64 },
    { name: "hold_seconds", kind: "number", unit: "s", min: 0, max: 3600 },
  ],
  phones: [
    { name: "realm", kind: "text" },
    { name: "external", kind: "text" },
    { name: "udp", kind: "text" },
    { name: "tcp", kind: "text" },
    { name: "tls", kind: "text" },
    { name: "rtp_first", kind: "number", min: 1024, max: 65535 },
    { name: "rtp_last", kind: "number", min: 1024, max: 65535 },
    { name: "session_seconds", kind: "number", unit: "s", min: 90, max: 86400 },
    { name: "keep_alive_seconds", kind: "number", unit: "s", min: 10, max: 3600 },
    { name: "suppress_silence", kind: "check" },
  ],
};

// parts says what each section of the page edits: one object or a list of them, how a new one begins
// (where the box does not say), and what its heading is made of.
export const parts = {
  box: [{ at: "box", of: "box" }],
  lines: [{ at: "lines", of: "line", list: true, title: (x) => [x.name, x.kind] }],
  trunks: [{ at: "trunks", of: "trunk", list: true, title: (x) => [x.name, x.server] }],
  agents: [{ at: "agents", of: "agent", list: true, title: (x) => [x.extension, x.name, (x.queues ?? []).join(", ")],
    fresh: { extension: "", name: "", password: "", queues: [], caller_id: "", outbound: true, hide_number: false, supervisor: false, encrypt: false, logged_in: false } }],
  queues: [{ at: "queues", of: "queue", list: true, title: (x) => [x.name, x.extension] }],
  menus: [{ at: "menus", of: "menu", list: true, title: (x) => [x.name, (x.choices ?? []).map((c) => c.key + " → " + (c.to.target || "–")).join(", ")] }],
  routes: [{ at: "routes", of: "route", list: true, ordered: true, title: (x) => [x.called || "*", x.to.target],
    fresh: { line: "", called: "", to: { kind: "menu", target: "" } } }],
  outbound: [{ at: "outbound", of: "outbound" }],
  recording: [{ at: "recording", of: "recording" }],
  phones: [{ at: "phones", of: "phones" }, { at: "features", of: "features" }, { at: "talks", of: "talks" }],
};

// references are the places that name a queue, menu or line, so that a new name is followed everywhere.
export const references = {
  queues: (s, rename) => {
    for (const agent of s.agents) agent.queues = (agent.queues ?? []).map(rename);
    for (const to of destinations(s)) if (to.kind === "queue") to.target = rename(to.target);
  },
  menus: (s, rename) => {
    for (const to of destinations(s)) if (to.kind === "menu") to.target = rename(to.target);
  },
  trunks: (s, rename) => references.lines(s, rename),
  lines: (s, rename) => {
    for (const route of s.routes) route.line = rename(route.line);
    s.outbound.lines = (s.outbound.lines ?? []).map(rename);
  },
};

const destinations = (s) => [...s.routes.map((r) => r.to), ...s.menus.flatMap((m) => [m.on_fail, ...(m.choices ?? []).map((c) => c.to)])];
