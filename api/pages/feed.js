// The map of a feed's page: what the same address gives as GeoJSON, drawn over the base map of this host.
(function () {
  "use strict";
  const place = document.getElementById("map");
  const said = document.getElementById("said");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let map = null, streets = null, drawn = null;
  if (!place) return;

  const say = (text) => { if (said) said.textContent = text; };

  function drawStreets() {
    if (streets) streets.remove();
    const P = window.protomapsL;
    if (!P) return;
    const kind = (f) => String(f.props.kind || f.props.class || f.props.highway || "").replace("_link", "");
    const major = (z, f) => ["motorway", "trunk", "primary", "secondary", "tertiary", "major", "major_road"].includes(kind(f));
    const minor = (z, f) => !major(z, f);
    const area = (layer, fill) => ({ dataLayer: layer, symbolizer: new P.PolygonSymbolizer({ fill: colour(fill) }) });
    const road = (filter, fill, base, minzoom) => ({
      dataLayer: "roads", filter: filter, minzoom: minzoom,
      symbolizer: new P.LineSymbolizer({ color: colour(fill), width: (zoom) => base * Math.pow(1.5, zoom - 14) }),
    });
    streets = P.leafletLayer({
      url: new URL("/tiles/base.pmtiles", location.href).href, maxDataZoom: 16, backgroundColor: colour("paper"), attribution: "",
      paintRules: [area("green", "green"), area("water", "water"), Object.assign(area("buildings", "building"), { minzoom: 15 }),
        road(minor, "casing", 2.4, 13), road(major, "casing", 4.2, 10), road(minor, "road", 1.6, 13), road(major, "road", 3.2, 10)],
      labelRules: [],
    }).addTo(map);
  }

  const style = () => ({ color: colour("shape"), weight: 2, fillColor: colour("shape"), fillOpacity: 0.25 });

  function nameOf(feature) {
    const told = feature.properties;
    return String(told.name || told.label || [told.kind, told.category, told.urgency, told.band].filter(Boolean).join(" · ") || feature.id);
  }

  function draw(found) {
    if (drawn) drawn.remove();
    drawn = L.geoJSON(found, {
      style: style,
      pointToLayer: (feature, at) => L.circleMarker(at, Object.assign(style(), { radius: 6, fillOpacity: 0.7 })),
      onEachFeature: (feature, layer) => {
        const words = document.createElement("span");
        words.textContent = nameOf(feature);
        layer.bindTooltip(words);
      },
    }).addTo(map);
  }

  async function start() {
    say("Loading the map.");
    const answer = await fetch(place.dataset.from, { headers: { Accept: "application/geo+json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    const all = found.type === "Feature" ? { type: "FeatureCollection", features: [found] } : found;
    all.features = all.features.filter((one) => one.geometry);
    if (!all.features.length) { place.hidden = true; say("Nothing here has a place that is shown."); return; }
    map = L.map("map", { scrollWheelZoom: false, minZoom: 3, maxZoom: 18 });
    map.attributionControl.setPrefix("Leaflet");
    map.attributionControl.addAttribution('© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap contributors</a>');
    map.fitBounds(L.geoJSON(all).getBounds().pad(0.1), { animate: false, maxZoom: 16 });
    const there = await fetch("/tiles/base.pmtiles", { headers: { Range: "bytes=0-15" } });
    if (there.ok) drawStreets();
    draw(all);
    dark.addEventListener("change", () => { if (there.ok) drawStreets(); draw(all); });
    say(all.features.length + (all.features.length === 1 ? " place on the map." : " places on the map."));
    place.dataset.ready = "yes";
  }

  start().catch(() => { place.hidden = true; say("The map could not be drawn. The list holds the same."); });
})();
