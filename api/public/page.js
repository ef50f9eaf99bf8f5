// The public page: this week's hexagons, the same as a list, and the places that are open to everybody.
(function () {
  "use strict";
  const find = (id) => document.getElementById(id);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const state = { release: null, kind: null, cell: null, shapes: {} };
  let map = null, cells = null, places = null, streets = null;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  async function read(name) {
    const answer = await fetch(name);
    if (!answer.ok) throw new Error(name);
    return answer.json();
  }

  const step = (band) => state.release.bands.indexOf(band);
  const nameOf = (feature) => (feature.properties.name ? "Around " + feature.properties.name : "Hexagon " + feature.id);
  const shown = () => state.release.features
    .filter((feature) => feature.properties.kinds[state.kind])
    .sort((a, b) => step(b.properties.kinds[state.kind]) - step(a.properties.kinds[state.kind]) || nameOf(a).localeCompare(nameOf(b)));

  function drawStreets() {
    if (streets) streets.remove();
    const P = window.protomapsL;
    if (!P) return;
    const kind = (f) => String(f.props.kind || f.props.class || f.props.highway || "").replace("_link", "");
    const major = (z, f) => ["motorway", "trunk", "primary", "secondary", "tertiary", "major", "major_road"].includes(kind(f));
    const path = (z, f) => ["footway", "path", "steps", "cycleway", "pedestrian", "track", "bridleway", "corridor", "minor_path"].includes(kind(f));
    const minor = (z, f) => !major(z, f) && !path(z, f);
    const area = (layer, fill) => ({ dataLayer: layer, symbolizer: new P.PolygonSymbolizer({ fill: colour(fill) }) });
    const road = (filter, fill, base, minzoom) => ({
      dataLayer: "roads", filter: filter, minzoom: minzoom,
      symbolizer: new P.LineSymbolizer({ color: colour(fill), width: (zoom) => base * Math.pow(1.5, zoom - 14) }),
    });
    const words = { labelProps: ["name"], fill: colour("label"), font: "600 13px system-ui, sans-serif", stroke: colour("paper"), width: 3 };
    streets = P.leafletLayer({
      url: new URL("/tiles/base.pmtiles", location.href).href, maxDataZoom: 16, backgroundColor: colour("paper"), attribution: "",
      paintRules: [area("green", "green"), area("water", "water"), Object.assign(area("buildings", "building"), { minzoom: 15 }),
        road(minor, "casing", 2.6, 13), road(major, "casing", 4.4, 10), road(minor, "road", 1.8, 13), road(major, "road", 3.4, 10)],
      labelRules: [{ dataLayer: "places", minzoom: 11, symbolizer: new P.CenteredTextSymbolizer(words) }],
    }).addTo(map);
  }

  async function startMap(all) {
    map = L.map("map", { zoomControl: true, scrollWheelZoom: false, zoomSnap: 0.5, minZoom: 9, maxZoom: 17 });
    map.attributionControl.setPrefix("Leaflet");
    map.attributionControl.addAttribution('© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap contributors</a>');
    cells = L.layerGroup().addTo(map);
    places = L.layerGroup().addTo(map);
    const points = all.features.map((f) => [f.geometry.coordinates[1], f.geometry.coordinates[0]]);
    const corners = state.release.features.flatMap((f) => f.geometry.coordinates[0].map((p) => [p[1], p[0]]));
    const around = corners.length ? corners : points.length ? points : [[-60, -150], [70, 150]];
    map.fitBounds(L.latLngBounds(around).pad(0.02), { animate: false });
    const there = await fetch("/tiles/base.pmtiles", { headers: { Range: "bytes=0-15" } });
    if (there.ok) drawStreets();
    dark.addEventListener("change", () => { if (there.ok) drawStreets(); drawPlaces(all); draw(); });
    drawPlaces(all);
  }

  function drawPlaces(all) {
    places.clearLayers();
    all.features.forEach((f) => {
      const [lon, lat] = f.geometry.coordinates;
      const dot = L.circleMarker([lat, lon], { radius: 3, weight: 1, color: colour("card"), fillColor: colour("place"), fillOpacity: 0.9 });
      const hours = f.properties.opening_hours ? " · " + f.properties.opening_hours : "";
      dot.bindTooltip(element("span", "", f.properties.name + hours)).addTo(places);
    });
  }

  function choose(cell, move) {
    state.cell = state.cell === cell ? null : cell;
    draw();
    if (move && state.cell && state.shapes[cell]) map.panTo(state.shapes[cell].getBounds().getCenter(), { animate: false });
  }

  function draw() {
    const list = find("list"), found = shown();
    cells.clearLayers();
    state.shapes = {};
    list.replaceChildren();
    found.forEach((feature) => {
      const band = feature.properties.kinds[state.kind], picked = state.cell === feature.id;
      const ring = feature.geometry.coordinates[0].map((p) => [p[1], p[0]]);
      const shape = L.polygon(ring, {
        fillColor: colour("b" + step(band)), fillOpacity: 0.6, color: picked ? colour("accent") : colour("ink"), weight: picked ? 4 : 1,
      });
      shape.bindTooltip(element("span", "", nameOf(feature) + ": " + band + " households"));
      shape.on("click", () => choose(feature.id, false));
      state.shapes[feature.id] = shape.addTo(cells);
      const row = element("button");
      row.type = "button";
      row.setAttribute("aria-pressed", String(picked));
      row.append(element("span", "swatch b" + step(band)), element("span", "name", nameOf(feature)), element("span", "band", band + " households"));
      row.addEventListener("click", () => choose(feature.id, true));
      list.append(element("li"));
      list.lastChild.append(row);
    });
    places.eachLayer((dot) => dot.bringToFront());
    const label = state.release.kinds[state.kind], total = state.release.totals[state.kind];
    find("empty").hidden = found.length > 0;
    find("empty").textContent = label + ": no hexagon has been numerous enough in two weeks running.";
    find("total").textContent = total ? "Together at least " + total.at_least + " households in " + total.cells + (total.cells === 1 ? " hexagon." : " hexagons.") : "";
  }

  function say(latest) {
    const privacy = state.release.privacy, [year, week] = latest.released.split("-W");
    find("network").textContent = latest.network;
    find("week").textContent = "Week " + Number(week) + " of " + year + ", as hexagons in which at least " + privacy.k + " households need the same kind of help.";
    find("rule").textContent = "A hexagon (" + privacy.method + ") is shown only when at least " + privacy.k + " households in it have asked for that kind of help, " +
      "in two weeks running, and many more homes lie in it. Its number is given as one of these ranges: " + state.release.bands.join(", ") + ".";
    const file = element("a", "", latest.file);
    file.href = latest.file;
    find("files").append("This week's file: ", file, ".");
  }

  function offerKinds() {
    const kinds = Object.keys(state.release.kinds);
    state.kind = kinds.find((kind) => state.release.totals[kind]) || kinds[0];
    Object.entries(state.release.kinds).forEach(([kind, label]) => {
      const input = element("input"), around = element("label");
      Object.assign(input, { type: "radio", name: "kind", value: kind, checked: kind === state.kind });
      input.addEventListener("change", () => { state.kind = kind; state.cell = null; draw(); });
      around.append(input, label);
      find("choose").append(around);
    });
    state.release.bands.forEach((band, index) => {
      const line = element("li");
      line.append(element("span", "swatch b" + index), band + " households");
      find("legend").append(line);
    });
    const place = element("li");
    place.append(element("span", "dot"), "a place that is open to everybody");
    find("legend").append(place);
  }

  async function start() {
    const latest = await read("latest.json");
    state.release = await read(latest.file);
    const all = await read("assets.geojson");
    say(latest);
    offerKinds();
    await startMap(all);
    draw();
    document.documentElement.dataset.ready = "yes";
  }

  start().catch(() => { find("week").textContent = "The figures could not be loaded. Try again in a moment."; });
})();
