// Keys of the review queue that the buttons themselves cannot have, and all of them for the map, which is a frame of
// its own. A key never does anything while somebody writes.
(function () {
  "use strict";
  const PRESSES = { j: "next", k: "previous", ArrowDown: "next", ArrowUp: "previous", Enter: "save", p: "aim", a: "ask", o: "outside", u: "undo", "?": "keys" };
  const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=listbox], [role=combobox], [role=dialog]";

  function button(key) {
    const name = /^[1-5]$/.test(key) ? "pick_" + key : PRESSES[key] || PRESSES[key.toLowerCase()];
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

  window.barnraiserKey = function (key) {
    const found = button(key);
    if (!found) return false;
    found.click();
    if (["next", "previous"].includes(PRESSES[key])) followSoon();
    if (key === "a") window.focus(), focusSoon(40);
    return true;
  };

  if (window.barnraiserKeys) return;
  window.barnraiserKeys = true;
  window.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !document.querySelector(".st-key-deciding")) return;
    const at = event.target;
    if (!(at instanceof Element) || at.closest(FIELDS)) return;
    if (event.key === "Enter" && at.closest("button, a, summary, label, [role=tab], [role=menuitem]")) {
      // Enter presses what has the focus, and saves only where nothing has it
      event.stopPropagation();
    } else if (["ArrowDown", "ArrowUp", "?"].includes(event.key) && !at.closest("[role=radiogroup], [role=menu]")) {
      if (window.barnraiserKey(event.key)) event.preventDefault();
    } else if (event.key === "j" || event.key === "k") {
      followSoon();
    } else if (event.key === "a") {
      focusSoon(40);
    }
  }, true);
})();
