// Keys of the review queue that the buttons themselves cannot have, and all of them for the map, which is a frame of
// its own. A key never does anything while somebody writes.
(function () {
  "use strict";
  const PRESSES = { j: "next", k: "previous", ArrowDown: "next", ArrowUp: "previous", Enter: "save", p: "aim", a: "ask", o: "outside", u: "undo", "?": "keys" };
  const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=listbox], [role=combobox], [role=dialog]";

  function button(key) {
    const name = /^[1-5]$/.test(key) ? "pick_" + key : PRESSES[key];
    return name ? document.querySelector(".st-key-" + name + " button:not(:disabled)") : null;
  }

  function focusSoon(tries) {
    const field = document.querySelector(".st-key-asking input");
    if (field) field.focus();
    else if (tries) setTimeout(() => focusSoon(tries - 1), 60);
  }

  function followSoon() {
    // the list scrolls along once the page has moved on
    for (const wait of [300, 900, 1800]) setTimeout(() => {
      const open = document.querySelector(".st-key-waiting [data-testid=stBaseButton-primary]");
      const list = open && open.closest(".st-key-waiting");
      if (list) list.scrollTop = Math.max(0, list.scrollTop + open.getBoundingClientRect().top - list.getBoundingClientRect().top - 80);
    }, wait);
  }

  // A page that is being drawn still has the buttons of the need before: a key pressed then waits until all is drawn,
  // so that none is lost and none decides about another need than the one that is read.
  const MOST_WAITING = 8, SETTLES_MS = 250, LOOKS_MS = 40, ASKS_MS = 3000, STARTS_MS = 10000, GIVES_UP_MS = 30000;
  const RUNS = "data-test-script-state";
  const waiting = [];
  let pressed = { key: "", at: -Infinity, isHeard: true };

  function isRunning() {
    const app = document.querySelector("[data-testid=stApp]");
    return Boolean(app) && (app.getAttribute(RUNS) || "notRunning") !== "notRunning";
  }

  // on a busy host a moment passes before a press is heard at all, and the page looks finished meanwhile
  new MutationObserver(function () {
    if (isRunning()) pressed.isHeard = true;
  }).observe(document.documentElement, { attributes: true, attributeFilter: [RUNS], subtree: true });

  function isDrawing() {
    const since = performance.now() - pressed.at;
    return isRunning() || since < SETTLES_MS || (!pressed.isHeard && since < STARTS_MS) || document.querySelector("[data-stale=true]") !== null;
  }

  function press(key) {
    const found = button(key);
    // the list of keys opens without anybody being asked
    pressed = { key: key, at: performance.now(), isHeard: !found || PRESSES[key] === "keys" };
    if (!found) return false;
    found.click();
    if (["next", "previous"].includes(PRESSES[key])) followSoon();
    if (key === "a") window.focus(), focusSoon(40);
    return true;
  }

  function pressWaiting(until) {
    if (isDrawing()) {
      // a key is rather lost than pressed on a page that nobody has read
      if (performance.now() > until) waiting.length = 0;
      else setTimeout(pressWaiting, LOOKS_MS, until);
      return;
    }
    if (waiting.length) press(waiting.shift());
    if (waiting.length) setTimeout(pressWaiting, LOOKS_MS, performance.now() + GIVES_UP_MS);
  }

  function wait(key) {
    // what follows "ask again" is the question itself: it belongs to no button
    const asks = pressed.key === "a" && performance.now() - pressed.at < ASKS_MS;
    if (asks || waiting.includes("a") || waiting.length >= MOST_WAITING) return;
    waiting.push(key);
    if (waiting.length === 1) pressWaiting(performance.now() + GIVES_UP_MS);
  }

  function named(key) {
    return key.length === 1 ? key.toLowerCase() : key;
  }

  function isKey(key) {
    return /^[1-5]$/.test(key) || Object.hasOwn(PRESSES, key);
  }

  if (window.barnraiserKey) return;
  window.barnraiserKey = function (pressedKey) {
    const key = named(pressedKey);
    if (!isKey(key)) return false;
    if (!waiting.length && !isDrawing()) return press(key);
    wait(key);
    return true;
  };

  window.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !document.querySelector(".st-key-deciding")) return;
    const at = event.target;
    if (!(at instanceof Element) || at.closest(FIELDS) || !isKey(named(event.key))) return;
    if (event.key === "Enter" && at.closest("button, a, summary, label, [role=tab], [role=menuitem]")) {
      // Enter presses what has the focus, and saves only where nothing has it
      event.stopPropagation();
    } else if (!at.closest("[role=radiogroup], [role=menu]")) {
      // the buttons' own shortcuts would not wait
      event.stopPropagation();
      if (window.barnraiserKey(event.key)) event.preventDefault();
    }
  }, true);
})();
