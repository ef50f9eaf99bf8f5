// The quiet menu of the map: what it shows now as a picture, a page or a table, made by this host; and the page on paper.
window.barnraiserSave = function (map, options) {
  "use strict";
  const say = window.barnraiserSay;
  const KINDS = [
    [say.word("pdf"), "/v1/map/picture.pdf", { size: "a4" }],
    [say.word("png"), "/v1/map/picture.png", { size: "a4" }],
    [say.word("phone_png"), "/v1/map/picture.png", { size: "phone" }],
    [say.word("csv"), "/v1/coverage.csv", null],
  ];
  const state = { layers: [], category: null, minutes: 5, area: null, mode: "walk", openAt: null };
  const show = window.barnraiser.show;
  let busy = false;
  window.barnraiser.show = function (next) {
    Object.assign(state, next);
    return show(next);
  };

  function element(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const box = element("div", "br-save leaflet-control");
  const opener = element("button", "br-save-open", say.word("save"));
  const list = element("div", "br-save-list");
  const told = element("p", "br-save-told");
  opener.type = "button";
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", "br-save-list");
  list.id = "br-save-list";
  list.hidden = true;
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", say.word("save_what"));
  told.setAttribute("role", "status");

  function open(wanted) {
    list.hidden = !wanted;
    opener.setAttribute("aria-expanded", String(wanted));
    if (wanted) told.textContent = "";
  }

  function query(more) {
    const asked = new URLSearchParams({ standard_min: state.minutes, mode: state.mode });
    if (state.category) asked.set("category", state.category);
    if (state.openAt) asked.set("open_at", state.openAt);
    if (state.area) asked.set("area", state.area);
    if (!more) return asked;
    const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value)).toFixed(5);
    const seen = map.getBounds();
    asked.set("bbox", [clamp(seen.getWest(), 180), clamp(seen.getSouth(), 85), clamp(seen.getEast(), 180), clamp(seen.getNorth(), 85)].join(","));
    asked.set("layers", state.layers.join(","));
    asked.set("size", more.size);
    return asked;
  }

  async function reasonOf(answer) {
    if (answer.status === 401) return say.word("signed_out");
    try {
      const problem = await answer.json();
      const reason = (problem.errors || []).map((one) => one.reason).join("; ") || problem.detail || problem.title;
      return say.word("not_drawn", { reason: reason });
    } catch (trouble) {
      return say.word("refused", { status: answer.status });
    }
  }

  function nameOf(answer) {
    const found = /filename="([A-Za-z0-9._-]{1,80})"/.exec(answer.headers.get("Content-Disposition") || "");
    return found ? found[1] : "map";
  }

  // Drawn by the host: what is saved is the same in every browser, and nothing of it is run.
  async function save(path, more) {
    if (busy) return;
    busy = true;
    told.textContent = say.word("making");
    // Not the attribute that also takes the focus away, and with it the keys of whoever uses no mouse.
    list.querySelectorAll("button").forEach((button) => { button.setAttribute("aria-disabled", "true"); });
    try {
      const answer = await fetch(path + "?" + query(more), { credentials: "same-origin" });
      if (!answer.ok) {
        told.textContent = await reasonOf(answer);
        return;
      }
      const link = element("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = nameOf(answer);
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      told.textContent = say.word("saved", { name: link.download });
    } catch (trouble) {
      told.textContent = say.word("silent");
    } finally {
      busy = false;
      list.querySelectorAll("button").forEach((button) => { button.removeAttribute("aria-disabled"); });
    }
  }

  function item(words, action) {
    const button = element("button", "", words);
    button.type = "button";
    button.addEventListener("click", action);
    list.appendChild(button);
  }

  KINDS.forEach((kind) => item(kind[0], () => save(kind[1], kind[2])));
  item(say.word("print"), () => { open(false); window.parent.print(); });
  list.appendChild(told);
  box.append(opener, list);
  opener.addEventListener("click", () => open(list.hidden));
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Escape" || list.hidden) return;
    open(false);
    opener.focus();
  });
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  map.on("click movestart", () => open(false));
  const Control = L.Control.extend({ options: { position: "topright" }, onAdd: () => box });
  new Control().addTo(map);
};
