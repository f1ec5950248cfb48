// Elements: how they are made, and how a live page is brought up to date without losing focus,
// scroll or a pressed button. Nothing here sets HTML from text, so no text can become markup.

// h makes an element. attrs: class, data-*, aria-*, on<event> functions; false and null leave an
// attribute out. Children may be nodes, texts, arrays of them, or nothing.
export function h(tag, attrs, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

// show replaces what root holds.
export function show(root, ...children) {
  root.replaceChildren(...children.flat(Infinity).filter(Boolean));
}

// morph makes the node old look like fresh, keeping every element that is still there. Siblings are
// matched by data-key, then by order. Listeners belong on the root (see press): those of fresh are lost.
export function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  morphChildren(old, [...fresh.childNodes]);
}

function morphChildren(parent, fresh) {
  const kept = new Map();
  for (const node of parent.childNodes) if (keyOf(node)) kept.set(keyOf(node), node);
  let place = parent.firstChild;
  for (const node of fresh) {
    const same = keyOf(node) ? kept.get(keyOf(node)) : place && !keyOf(place) ? place : null;
    if (!same) {
      parent.insertBefore(node, place);
      continue;
    }
    if (same === place) place = place.nextSibling;
    else parent.insertBefore(same, place);
    morph(same, node);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? (node.dataset.key ?? "") : "");

// press listens on root for elements with data-do="name" and calls deeds[name](dataset, element).
export function press(root, deeds) {
  root.addEventListener("click", (event) => {
    const target = event.target.closest("[data-do]");
    if (target && root.contains(target)) deeds[target.dataset.do]?.(target.dataset, target);
  });
}

// ask opens a dialog with a title, content and buttons [{text, style, value}] and resolves to the value
// of the button pressed, or undefined when it was dismissed.
export function ask(title, content, buttons) {
  return new Promise((resolve) => {
    let answer;
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" },
      h("form", { method: "dialog" },
        h("h2", { id: "dialog-title" }, title),
        h("div", { class: "dialog-body" }, content),
        h("div", { class: buttons.length > 4 ? "dialog-buttons many" : "dialog-buttons" },
          buttons.map((b) => h("button", { class: b.style ?? "", type: "submit", "data-answer": b.value ?? "",
            onclick: () => { answer = b.value; } }, b.text)))));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// tell shows a short message at the foot of the page and reads it out; kind is "good" or "bad".
export function tell(text, kind = "good") {
  const board = document.getElementById("messages");
  const line = h("p", { class: "message " + kind, role: kind === "bad" ? "alert" : "status" }, text);
  board.append(line);
  setTimeout(() => line.remove(), kind === "bad" ? 9000 : 4000);
}
