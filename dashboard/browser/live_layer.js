// The data layers: fetched from this host for what is in view, and drawn anew only where something was asked anew.
window.barnraiserLayers = function (map, options) {
  "use strict";
  const colours = options.colours;
  const speak = window.barnraiserSay;
  const state = { layers: [], category: null, minutes: 5, area: null, cell: null, step: 1, mode: "walk", openAt: null };
  const words = window.barnraiserWords(state);
  const ground = window.barnraiserGround();
  const marks = window.barnraiserMarks(map, state, colours, words, ground, pick);
  const groups = {};
  let outline = null;
  let asking = null;
  let retry = null;
  let failures = 0;
  let soon = null;
  let picks = 0;
  let gliding = null;
  // Each badge is an element of the page; a browser draws some hundreds of them at once without a pause.
  const MOST = 400;
  const WIDEST_DEG = 20;

  // Leaflet takes the keyboard when the map is pressed. The page must not move then, or what was pressed is left unclicked.
  const container = map.getContainer();
  container.focus = (how) => HTMLElement.prototype.focus.call(container, Object.assign({}, how, { preventScroll: true }));

  const note = words.element("div", "br-note");
  note.setAttribute("role", "status");
  note.hidden = true;
  map.getContainer().appendChild(note);

  function say(text) {
    note.textContent = text || "";
    note.hidden = !text;
  }

  function pick(cell) {
    state.cell = state.cell === cell ? null : cell;
    markSelected();
    picks += 1;
    window.Streamlit.setComponentValue({ selected: { cell: state.cell, turn: picks } });
  }

  function markSelected() {
    if (!groups.coverage) return;
    groups.coverage.eachLayer((layer) => {
      if (!layer.brCell) return;
      const chosen = layer.brCell === state.cell;
      layer.setStyle(chosen ? { color: colours.accent, weight: 4, opacity: 1 } : layer.brLook);
      const node = layer.getElement();
      if (node) node.setAttribute("aria-pressed", chosen ? "true" : "false");
      if (chosen) layer.bringToFront();
    });
  }

  async function get(path, signal) {
    const answer = await fetch(path, { signal: signal, credentials: "same-origin", headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function boundsAt(centre, zoom) {
    const [middle, half] = [map.project(centre, zoom), map.getSize().divideBy(2)];
    return L.latLngBounds(map.unproject(middle.subtract(half), zoom), map.unproject(middle.add(half), zoom));
  }

  function address(name, view) {
    const box = view.pad(0.15);
    const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value)).toFixed(5);
    const bbox = [clamp(box.getWest(), 180), clamp(box.getSouth(), 90), clamp(box.getEast(), 180), clamp(box.getNorth(), 90)];
    // A view wider than a box may be shows the whole network.
    const wide = bbox[2] - bbox[0] > WIDEST_DEG || bbox[3] - bbox[1] > WIDEST_DEG;
    const query = new URLSearchParams(wide ? {} : { bbox: bbox.join(",") });
    if (name !== "helpers") query.set("most", MOST);
    if (state.category) query.set("category", state.category);
    if (name === "coverage") {
      query.set("standard_min", state.minutes);
      query.set("mode", state.mode);
      if (state.openAt) query.set("open_at", state.openAt);
    }
    return "/v1/map/" + name + "?" + query;
  }

  async function draw(name, view, signal) {
    const found = await get(address(name, view), signal);
    if (gliding) await gliding.over;
    if (signal.aborted) return false;
    const group = L.layerGroup();
    marks[name](found.features, group);
    if (groups[name]) map.removeLayer(groups[name]);
    groups[name] = group.addTo(map);
    return Boolean(found.truncated);
  }

  // Several reasons to load often come in one breath; one round of requests answers them all.
  function load() {
    clearTimeout(soon);
    soon = setTimeout(() => loadNow(map.getBounds()), 10);
  }

  // The same data is asked for again later and later, and at once when the reader moves the map.
  function tryAgain(trouble) {
    failures += 1;
    say(speak.word(trouble.message === "401" ? "over" : "away"));
    retry = setTimeout(load, Math.min(16000, 1000 * 2 ** failures));
  }

  async function learnWords() {
    if (words.labels.size) return;
    (await get("/v1/meta")).categories.forEach((c) => words.labels.set(c.value, speak.word("kind_" + c.value) || c.label));
  }

  async function loadNow(view) {
    if (asking) asking.abort();
    clearTimeout(retry);
    clearTimeout(soon);
    asking = new AbortController();
    const signal = asking.signal;
    Object.keys(groups).filter((name) => !state.layers.includes(name)).forEach((name) => {
      map.removeLayer(groups[name]);
      delete groups[name];
    });
    try {
      await learnWords();
      if (signal.aborted) return;
      const cut = await Promise.all(state.layers.map((name) => draw(name, view, signal)));
      if (signal.aborted) return;
      failures = 0;
      say(cut.some(Boolean) ? speak.word("too_much") : marks.scaleWords());
      markSelected();
      document.documentElement.dataset.loads = Number(document.documentElement.dataset.loads || 0) + 1;
    } catch (trouble) {
      if (trouble.name === "AbortError") return;
      tryAgain(trouble);
    }
  }

  async function frame(area) {
    if (outline) map.removeLayer(outline);
    outline = null;
    ground.keep(null);
    if (!area) return;
    try {
      const found = (await get("/v1/areas/" + encodeURIComponent(area))).geometry;
      ground.keep(found);
      outline = L.geoJSON(found, { interactive: false, style: { fill: false, color: colours.accent, weight: 3, dashArray: "2 6" } }).addTo(map);
      map.fitBounds(outline.getBounds(), { padding: [16, 16] });
    } catch (trouble) {
      say(speak.word("no_outline"));
    }
  }

  function remember() {
    try {
      const top = window.parent;
      const url = new URL(top.location.href);
      const at = map.getCenter();
      url.searchParams.set("at", [at.lng.toFixed(5), at.lat.toFixed(5), Number(map.getZoom().toFixed(1))].join(","));
      top.history.replaceState(top.history.state, "", url);
    } catch (trouble) {
      say("");
    }
  }

  let moved = false;
  const far = () => map.getContainer().classList.toggle("br-far", map.getZoom() < 15.5);
  map.on("zoomend", far);
  far();
  map.on("movestart", () => { moved = true; });

  // What is shown at the end of a glide is known when it begins: it is fetched meanwhile, and drawn once the map rests.
  map.on("zoomanim", (event) => {
    if (gliding) gliding.end();
    gliding = { zoom: event.zoom, centre: event.center };
    gliding.over = new Promise((end) => { gliding.end = end; });
    loadNow(boundsAt(event.center, event.zoom));
  });
  map.on("moveend", () => {
    if (moved) remember();
    const [arrived, meant] = [gliding, gliding && map.project(gliding.centre, gliding.zoom)];
    gliding = null;
    if (arrived) arrived.end();
    if (!arrived || map.getZoom() !== arrived.zoom || map.project(map.getCenter(), arrived.zoom).distanceTo(meant) > 2) load();
  });

  window.barnraiser = {
    show: async function (next) {
      window.barnraiserFit();
      const newArea = next.area !== state.area;
      Object.assign(state, next);
      if (newArea) await frame(state.area);
      load();
    },
  };
};
