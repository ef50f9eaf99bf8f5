// The data layers: fetched from this host for what is in view. Every text is set as text, never as markup.
window.barnraiserLayers = function (map, options) {
  "use strict";
  const colours = options.colours;
  const state = { layers: [], category: null, minutes: 5, area: null, cell: null, step: 1, mode: "walk", openAt: null };
  const groups = {};
  const labels = new Map();
  let outline = null;
  let rings = null;
  let asking = null;
  let retry = null;
  let failures = 0;
  let soon = null;
  let picks = 0;
  let larger = null;
  // Each badge is an element of the page; a browser draws some hundreds of them at once without a pause.
  const MOST = 400;

  // Leaflet takes the keyboard when the map is pressed. The page must not move then, or what was pressed is left unclicked.
  const container = map.getContainer();
  container.focus = (how) => HTMLElement.prototype.focus.call(container, Object.assign({}, how, { preventScroll: true }));

  const SHAPES = {
    food: ["supermarket", "food_bank", "convenience", "greengrocer", "bakery", "marketplace", "soup_kitchen", "food"],
    health: ["pharmacy", "clinic", "hospital", "doctors", "health"],
    water: ["drinking_water", "toilets", "shower", "water", "hygiene", "public_bath", "laundry"],
    learning: ["school", "kindergarten", "library", "college", "university", "childcare"],
  };

  const ON = { walk: "on foot", wheelchair: "by wheelchair", bicycle: "by bicycle", car: "by car" };

  function element(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function amount(value) {
    const whole = Math.round(value);
    return Math.abs(value - whole) < 0.05 ? whole.toLocaleString("en") : value.toFixed(1);
  }

  // As it fits into a badge: the words beside it keep the whole number.
  function short(value) {
    if (value < 1000) return amount(value);
    return value < 9950 ? (value / 1000).toFixed(1).replace(".0", "") + "k" : Math.round(value / 1000) + "k";
  }

  function plural(value, one, many) {
    const text = amount(value);
    return text + " " + (text === "1" ? one : many);
  }

  function shapeOf(kind) {
    return Object.keys(SHAPES).find((shape) => SHAPES[shape].includes(kind)) || "community";
  }

  function labelOf(category) {
    return (labels.get(category) || String(category)).toLowerCase();
  }

  function setUp() {
    ["coverage", "assets", "needs", "helpers"].forEach((name, order) => {
      map.createPane(name).style.zIndex = 410 + 10 * order;
    });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "0");
    svg.setAttribute("height", "0");
    svg.setAttribute("aria-hidden", "true");
    svg.style.position = "absolute";
    const pattern = document.createElementNS(svg.namespaceURI, "pattern");
    const attributes = { id: "br-hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    Object.entries(attributes).forEach((pair) => pattern.setAttribute(pair[0], pair[1]));
    const stroke = document.createElementNS(svg.namespaceURI, "rect");
    Object.entries({ width: 2, height: 8, fill: colours.ink, "fill-opacity": 0.55 }).forEach((pair) => stroke.setAttribute(pair[0], pair[1]));
    pattern.appendChild(stroke);
    svg.appendChild(pattern);
    document.body.appendChild(svg);
  }

  const note = element("div", "br-note");
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

  function reachable(layer, words, action) {
    layer.on("add", () => {
      const node = layer.getElement();
      if (!node) return;
      node.setAttribute("aria-label", words);
      if (!action) {
        node.setAttribute("role", "img");
        return;
      }
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button");
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        action();
      });
    });
    return layer;
  }

  function ring(feature) {
    return feature.geometry.coordinates[0].map((pair) => [pair[1], pair[0]]);
  }

  function middle(points) {
    const open = points.slice(0, -1);
    return [0, 1].map((axis) => open.reduce((sum, point) => sum + point[axis], 0) / open.length);
  }

  function insideRing(lat, lon, corners) {
    let inside = false;
    for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i += 1) {
      const a = corners[i];
      const b = corners[j];
      if (a[1] > lat !== b[1] > lat && lon < ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
    }
    return inside;
  }

  function inArea(feature) {
    if (!rings) return true;
    const centre = middle(ring(feature));
    return rings.some((polygon) => insideRing(centre[0], centre[1], polygon[0]) && !polygon.slice(1).some((hole) => insideRing(centre[0], centre[1], hole)));
  }

  function colourOf(gap) {
    if (gap < 0.05) return null;
    return colours.gaps[Math.min(colours.gaps.length - 1, Math.max(0, Math.ceil(gap / (larger || state.step) - 0.001) - 1))];
  }

  function byCell(features) {
    const cells = new Map();
    features.filter(inArea).forEach((feature) => {
      const p = feature.properties;
      const known = cells.get(p.cell) || { cell: p.cell, feature: feature, demand: 0, covered: 0, gap: 0, rows: [] };
      known.demand += p.demand;
      known.covered += p.covered;
      known.gap += p.gap;
      known.rows.push(p);
      cells.set(p.cell, known);
    });
    return Array.from(cells.values());
  }

  function coverageWords(place) {
    const kind = state.category ? labelOf(state.category) + " " : "";
    const whole = plural(place.demand, kind + "need", kind + "needs");
    const limit = "within " + plural(state.minutes, "minute", "minutes") + " " + (ON[state.mode] || "");
    if (place.gap < 0.05) return (amount(place.demand) === "1" ? "The " : "All ") + whole + " here can be met " + limit;
    return amount(place.gap) + " of " + whole + " here " + (amount(place.gap) === "1" ? "finds" : "find") + " no help " + limit;
  }

  function coverageTip(place) {
    const tip = element("div", "br-tip");
    tip.appendChild(element("strong", "", coverageWords(place)));
    if (isLarger(place.feature)) {
      tip.appendChild(element("p", "", "Several cells together. Choose it to come closer."));
      return tip;
    }
    place.rows.slice().sort((a, b) => b.gap - a.gap).filter((row) => row.gap >= 0.05).slice(0, 3).forEach((row) => {
      const line = element("p", "");
      if (!state.category) line.appendChild(element("span", "br-kind", labelOf(row.category) + ": " + amount(row.gap) + " of " + amount(row.demand) + ". "));
      line.appendChild(document.createTextNode(row.why || ""));
      tip.appendChild(line);
    });
    return tip;
  }

  function isLarger(feature) {
    return feature.properties.level !== undefined;
  }

  function comeCloser(points) {
    map.fitBounds(L.latLngBounds(points), { padding: [16, 16] });
  }

  function drawCoverage(features, group) {
    const widest = features.filter(isLarger).reduce((most, feature) => Math.max(most, feature.properties.gap), 0);
    larger = widest ? Math.max(state.step, Math.ceil(widest / colours.gaps.length)) : null;
    byCell(features).forEach((place) => {
      const points = ring(place.feature);
      const fill = colourOf(place.gap);
      const nothing = place.gap >= 0.05 && place.covered < 0.05;
      const look = {
        pane: "coverage", fillColor: fill || colours.none, fillOpacity: fill ? 0.66 : 0.16, color: fill ? colours.ink : colours.none,
        weight: nothing ? 2 : 1, opacity: fill ? 0.55 : 0.6, className: "br-cell",
      };
      const act = isLarger(place.feature) ? () => comeCloser(points) : () => pick(place.cell);
      const cell = reachable(L.polygon(points, look), coverageWords(place), act);
      cell.brCell = place.cell;
      cell.brLook = look;
      cell.on("click", (event) => { L.DomEvent.stopPropagation(event); act(); });
      cell.bindTooltip(coverageTip(place), { sticky: true, direction: "top", opacity: 1 });
      group.addLayer(cell);
      if (nothing) {
        const hatch = { pane: "coverage", stroke: false, fillColor: "url(#br-hatch)", fillOpacity: 1, interactive: false };
        group.addLayer(L.polygon(points, hatch));
      }
    });
  }

  // Needs and helpers share the middle of a cell; side by side they do not hide each other.
  function badge(at, pane, name, text, words, action) {
    const both = state.layers.includes("needs") && state.layers.includes("helpers");
    const anchor = both ? [pane === "needs" ? 24 : -1, 12] : [12, 12];
    const width = text.length > 2 ? 15 + 7 * text.length : 23;
    const icon = L.divIcon({ className: "br-badge " + name + (width > 23 ? " br-wide" : ""), html: element("span", "", text), iconSize: [width, 23], iconAnchor: [anchor[0] + (width - 23) / 2, anchor[1]] });
    // Over a coloured cell the number only adds to it: pointing at it must still say why.
    const alone = !(action && pane === "needs" && state.layers.includes("coverage"));
    const marker = L.marker(at, { icon: icon, pane: pane, keyboard: false, interactive: alone });
    reachable(marker, words, alone ? action : null);
    if (!alone) return marker;
    if (action) marker.on("click", action);
    const tip = element("div", "br-tip");
    tip.appendChild(element("strong", "", words));
    return marker.bindTooltip(tip, { direction: "top", opacity: 1 });
  }

  function drawNeeds(features, group) {
    features.filter(inArea).forEach((feature) => {
      const p = feature.properties;
      const points = ring(feature);
      const urgent = (p.by_urgency && p.by_urgency.critical) || 0;
      const pressing = p.pressing ? ", " + amount(p.pressing) + " of them urgent or critical" : "";
      const words = plural(p.count, "open need here", "open needs here") + (urgent ? ", " + urgent + " of them critical" : pressing);
      const act = isLarger(feature) ? () => comeCloser(points) : () => pick(p.cell);
      group.addLayer(badge(middle(points), "needs", urgent ? "br-need br-urgent" : "br-need", short(p.count), words, act));
    });
  }

  function drawHelpers(features, group) {
    features.filter(inArea).forEach((feature) => {
      const p = feature.properties;
      const words = plural(p.count, "helper lives around here", "helpers live around here");
      group.addLayer(badge(middle(ring(feature)), "helpers", "br-helper", short(p.count), words, null));
    });
  }

  function drawAssets(features, group) {
    features.forEach((feature) => {
      const p = feature.properties;
      if (isLarger(feature)) {
        const points = ring(feature);
        const words = plural(p.count, "place that helps here", "places that help here");
        group.addLayer(badge(middle(points), "assets", "br-places", short(p.count), words, () => comeCloser(points)));
        return;
      }
      const at = [feature.geometry.coordinates[1], feature.geometry.coordinates[0]];
      const kind = String(p.kind || "").replace(/_/g, " ");
      const icon = L.divIcon({ className: "br-asset br-" + shapeOf(p.kind), html: element("span"), iconSize: [18, 18] });
      const marker = L.marker(at, { icon: icon, pane: "assets", keyboard: false });
      const tip = element("div", "br-tip");
      tip.appendChild(element("strong", "", p.name || kind));
      const offers = (p.categories || []).map(labelOf).join(", ");
      tip.appendChild(element("p", "", kind + (offers ? ": " + offers : "")));
      if (p.opening_hours) tip.appendChild(element("p", "", "Open " + p.opening_hours));
      if (p.step_free === "yes") tip.appendChild(element("p", "", "No steps at the door"));
      if (p.step_free === "no") tip.appendChild(element("p", "", "Steps at the door"));
      reachable(marker, (p.name || kind) + ", " + kind, null);
      group.addLayer(marker.bindTooltip(tip, { direction: "top", opacity: 1 }));
    });
  }

  const DRAW = { coverage: drawCoverage, needs: drawNeeds, helpers: drawHelpers, assets: drawAssets };

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

  function address(name) {
    const box = map.getBounds().pad(0.15);
    const clamp = (value, limit) => Math.max(-limit, Math.min(limit, value)).toFixed(5);
    const bbox = [clamp(box.getWest(), 180), clamp(box.getSouth(), 90), clamp(box.getEast(), 180), clamp(box.getNorth(), 90)];
    const query = new URLSearchParams({ bbox: bbox.join(",") });
    if (name !== "helpers") query.set("most", MOST);
    if (state.category) query.set("category", state.category);
    if (name === "coverage") {
      query.set("standard_min", state.minutes);
      query.set("mode", state.mode);
      if (state.openAt) query.set("open_at", state.openAt);
    }
    return "/v1/map/" + name + "?" + query;
  }

  async function draw(name, signal) {
    const found = await get(address(name), signal);
    const group = L.layerGroup();
    DRAW[name](found.features, group);
    if (groups[name]) map.removeLayer(groups[name]);
    groups[name] = group.addTo(map);
    return Boolean(found.truncated);
  }

  // Several reasons to load often come in one breath; one round of requests answers them all.
  function load() {
    clearTimeout(soon);
    soon = setTimeout(loadNow, 40);
  }

  // The same data is asked for again later and later, and at once when the reader moves the map.
  function tryAgain(trouble) {
    failures += 1;
    say(trouble.message === "401" ? "Your session has ended. Once you have signed in again, the map goes on by itself" : "The map cannot reach its data. Trying again …");
    retry = setTimeout(load, Math.min(16000, 1000 * 2 ** failures));
  }

  function scaleWords() {
    if (!larger || larger === state.step || !state.layers.includes("coverage")) return "";
    return "Larger cells from here: each colour stands for up to " + amount(larger) + " needs more without help";
  }

  async function learnWords() {
    if (labels.size) return;
    (await get("/v1/meta")).categories.forEach((c) => labels.set(c.value, c.label));
  }

  async function loadNow() {
    if (asking) asking.abort();
    clearTimeout(retry);
    asking = new AbortController();
    const signal = asking.signal;
    Object.keys(groups).filter((name) => !state.layers.includes(name)).forEach((name) => {
      map.removeLayer(groups[name]);
      delete groups[name];
    });
    try {
      await learnWords();
      if (signal.aborted) return;
      const cut = await Promise.all(state.layers.map((name) => draw(name, signal)));
      failures = 0;
      say(cut.some(Boolean) ? "Too much to draw at once: zoom in to see everything" : scaleWords());
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
    rings = null;
    if (!area) return;
    try {
      const found = (await get("/v1/areas/" + encodeURIComponent(area))).geometry;
      rings = found.type === "Polygon" ? [found.coordinates] : found.coordinates;
      outline = L.geoJSON(found, { interactive: false, style: { fill: false, color: colours.accent, weight: 3, dashArray: "2 6" } }).addTo(map);
      map.fitBounds(outline.getBounds(), { padding: [16, 16] });
    } catch (trouble) {
      say("The outline of this part of town cannot be drawn");
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

  setUp();
  let moved = false;
  const far = () => map.getContainer().classList.toggle("br-far", map.getZoom() < 15.5);
  map.on("zoomend", far);
  far();
  map.on("moveend", () => { if (moved) remember(); load(); });
  map.on("movestart", () => { moved = true; });

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
