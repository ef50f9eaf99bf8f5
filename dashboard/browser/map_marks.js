// The marks of each layer: cells, badges and places, each of which can be reached by key and says what it is.
window.barnraiserMarks = function (map, state, colours, words, ground, pick) {
  "use strict";
  const { element, short } = words;
  const say = window.barnraiserSay;
  const { ring, middle, inArea } = ground;
  let larger = null;

  const SHAPES = {
    food: ["supermarket", "food_bank", "convenience", "greengrocer", "bakery", "marketplace", "soup_kitchen", "food"],
    health: ["pharmacy", "clinic", "hospital", "doctors", "health"],
    water: ["drinking_water", "toilets", "shower", "water", "hygiene", "public_bath", "laundry"],
    learning: ["school", "kindergarten", "library", "college", "university", "childcare"],
  };

  function shapeOf(kind) {
    return Object.keys(SHAPES).find((shape) => SHAPES[shape].includes(kind)) || "community";
  }

  // Leaflet moves each mark in three dimensions, for which a browser keeps a picture of each; two are enough.
  const Flat = L.Marker.extend({
    _setPos: function (at) {
      L.Marker.prototype._setPos.call(this, at);
      this._icon.style.transform = "translate(" + at.x + "px, " + at.y + "px)";
    },
  });

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

  function reachable(layer, said, action) {
    layer.on("add", () => {
      const node = layer.getElement();
      if (!node) return;
      node.setAttribute("aria-label", said);
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

  function colourOf(gap) {
    if (gap < 0.05) return null;
    return colours.gaps[Math.min(colours.gaps.length - 1, Math.max(0, Math.ceil(gap / (larger || state.step) - 0.001) - 1))];
  }

  function byCell(features) {
    const cells = new Map();
    features.filter(inArea).forEach((feature) => {
      const p = feature.properties;
      const known = cells.get(p.cell) || { cell: p.cell, feature: feature, demand: 0, covered: 0, gap: 0, rows: [], isLarger: isLarger(feature) };
      known.demand += p.demand;
      known.covered += p.covered;
      known.gap += p.gap;
      known.rows.push(p);
      cells.set(p.cell, known);
    });
    return Array.from(cells.values());
  }

  function isLarger(feature) {
    return feature.properties.level !== undefined;
  }

  function comeCloser(points) {
    map.fitBounds(L.latLngBounds(points), { padding: [16, 16] });
  }

  function drawCoverage(features, group) {
    const hatched = [];
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
      const cell = reachable(L.polygon(points, look), words.coverage(place), act);
      cell.brCell = place.cell;
      cell.brLook = look;
      cell.on("click", (event) => { L.DomEvent.stopPropagation(event); act(); });
      cell.bindTooltip(words.coverageTip(place), { sticky: true, direction: "top", opacity: 1 });
      group.addLayer(cell);
      if (nothing) hatched.push([points]);
    });
    // one shape for all that is hatched: hundreds of patterns are slow to paint
    const hatch = { pane: "coverage", stroke: false, fillColor: "url(#br-hatch)", fillOpacity: 1, interactive: false };
    if (hatched.length) group.addLayer(L.polygon(hatched, hatch));
  }

  // Needs and helpers share the middle of a cell; side by side they do not hide each other.
  function badge(at, pane, name, text, said, action) {
    const both = state.layers.includes("needs") && state.layers.includes("helpers");
    const anchor = both ? [pane === "needs" ? 24 : -1, 12] : [12, 12];
    const width = text.length > 2 ? 15 + 7 * text.length : 23;
    const icon = L.divIcon({ className: "br-badge " + name + (width > 23 ? " br-wide" : ""), html: element("span", "", text), iconSize: [width, 23], iconAnchor: [anchor[0] + (width - 23) / 2, anchor[1]] });
    // Over a coloured cell the number only adds to it: pointing at it must still say why.
    const alone = !(action && pane === "needs" && state.layers.includes("coverage"));
    const marker = new Flat(at, { icon: icon, pane: pane, keyboard: false, interactive: alone });
    reachable(marker, said, alone ? action : null);
    if (!alone) return marker;
    if (action) marker.on("click", action);
    const tip = element("div", "br-tip");
    tip.appendChild(element("strong", "", said));
    return marker.bindTooltip(tip, { direction: "top", opacity: 1 });
  }

  function drawNeeds(features, group) {
    features.filter(inArea).forEach((feature) => {
      const p = feature.properties;
      const points = ring(feature);
      const urgent = (p.by_urgency && p.by_urgency.critical) || 0;
      const act = isLarger(feature) ? () => comeCloser(points) : () => pick(p.cell);
      group.addLayer(badge(middle(points), "needs", urgent ? "br-need br-urgent" : "br-need", short(p.count), words.needs(p), act));
    });
  }

  function drawHelpers(features, group) {
    features.filter(inArea).forEach((feature) => {
      const p = feature.properties;
      const said = say.count("helpers_here", p.count);
      group.addLayer(badge(middle(ring(feature)), "helpers", "br-helper", short(p.count), said, null));
    });
  }

  function drawAssets(features, group) {
    features.forEach((feature) => {
      const p = feature.properties;
      if (isLarger(feature)) {
        const points = ring(feature);
        const said = say.count("places_here", p.count);
        group.addLayer(badge(middle(points), "assets", "br-places", short(p.count), said, () => comeCloser(points)));
        return;
      }
      const at = [feature.geometry.coordinates[1], feature.geometry.coordinates[0]];
      const kind = String(p.kind || "").replace(/_/g, " ");
      const icon = L.divIcon({ className: "br-asset br-" + shapeOf(p.kind), html: element("span"), iconSize: [18, 18] });
      const marker = new Flat(at, { icon: icon, pane: "assets", keyboard: false });
      reachable(marker, (p.name || kind) + ", " + kind, null);
      group.addLayer(marker.bindTooltip(words.assetTip(p, kind), { direction: "top", opacity: 1 }));
    });
  }

  function scaleWords() {
    if (!larger || larger === state.step || !state.layers.includes("coverage")) return "";
    return say.count("scale", larger);
  }

  setUp();
  return { coverage: drawCoverage, needs: drawNeeds, helpers: drawHelpers, assets: drawAssets, scaleWords };
};
