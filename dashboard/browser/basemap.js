// The base map: this host's own street tiles in quiet colours, so that the layers above carry the meaning.
window.barnraiserBase = function (map, options) {
  "use strict";
  const colours = options.colours;
  window.barnraiserSpeak(options.words);
  const MAJOR = ["motorway", "trunk", "primary", "secondary", "tertiary", "major", "major_road"];
  const PATHS = ["footway", "path", "steps", "cycleway", "pedestrian", "track", "bridleway", "corridor", "minor_path"];
  const kind = (feature) => String(feature.props.kind || feature.props.class || feature.props.highway || "").replace("_link", "");
  const isMajor = (zoom, feature) => MAJOR.includes(kind(feature));
  const isPath = (zoom, feature) => PATHS.includes(kind(feature));
  const isMinor = (zoom, feature) => !isMajor(zoom, feature) && !isPath(zoom, feature);
  const FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

  function style() {
    const css = document.createElement("style");
    const names = ["paper", "ink", "muted", "line", "card", "accent", "onaccent", "none", "helper", "asset"];
    const variables = names.map((name) => "--" + name + ": " + colours[name] + "; ").join("");
    css.textContent = ":root { " + variables + "color-scheme: " + colours.name + "; }\n" + options.css;
    document.head.appendChild(css);
    document.documentElement.dataset.theme = colours.name;
  }

  function paint() {
    const P = window.protomapsL;
    const area = (layer, fill) => ({ dataLayer: layer, symbolizer: new P.PolygonSymbolizer({ fill: fill }) });
    const road = (filter, color, base, minzoom) => ({
      dataLayer: "roads", filter: filter, minzoom: minzoom,
      symbolizer: new P.LineSymbolizer({ color: color, width: (zoom) => base * Math.pow(1.5, zoom - 14) }),
    });
    return [
      area("green", colours.green), area("water", colours.water), Object.assign(area("buildings", colours.building), { minzoom: 14 }),
      road(isPath, colours.casing, 0.5, 15),
      road(isMinor, colours.casing, 2.6, 13), road(isMajor, colours.casing, 4.4, 10),
      road(isMinor, colours.minor, 1.8, 13), road(isMajor, colours.major, 3.4, 10),
    ];
  }

  function names() {
    const P = window.protomapsL;
    const alongStreet = { labelProps: ["name"], fill: colours.label, font: "500 12px " + FONT, stroke: colours.halo, width: 2.5 };
    const ofPlace = { labelProps: ["name"], fill: colours.label, font: "600 13px " + FONT, stroke: colours.halo, width: 3 };
    return [
      { dataLayer: "places", minzoom: 11, symbolizer: new P.CenteredTextSymbolizer(ofPlace) },
      { dataLayer: "roads", minzoom: 15, filter: (z, f) => !isPath(z, f), symbolizer: new P.LineLabelSymbolizer(alongStreet) },
    ];
  }

  // A map as high as a telephone's screen would leave no room to scroll past it.
  window.barnraiserFit = function () {
    if (window.innerWidth > 520) return;
    const height = Math.min(440, options.height);
    map.getContainer().style.height = height + "px";
    map.invalidateSize({ animate: false });
    setTimeout(() => window.Streamlit.setFrameHeight(height), 0);
  };

  style();
  map.attributionControl.setPrefix("Leaflet");
  const credit = '© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap contributors</a>';
  map.attributionControl.addAttribution(credit);
  [["in", "zoom_in"], ["out", "zoom_out"]].forEach((pair) => {
    const button = map.getContainer().querySelector(".leaflet-control-zoom-" + pair[0]);
    if (!button) return;
    button.title = window.barnraiserSay.word(pair[1]);
    button.setAttribute("aria-label", button.title);
  });
  map.getContainer().setAttribute("aria-label", options.label);
  map.getContainer().setAttribute("role", "application");
  map.getContainer().style.background = colours.paper;
  if (options.url && window.protomapsL) {
    const url = new URL(options.url, location.href).href;
    const layer = window.protomapsL.leafletLayer({
      url: url, maxDataZoom: 16, backgroundColor: colours.paper, paintRules: paint(), labelRules: names(), attribution: "",
    });
    layer.addTo(map);
  }
  window.barnraiserFit();
  if (options.fit) {
    const box = options.fit;
    // Cells reach over the edge of the city that holds them.
    map.fitBounds(L.latLngBounds([[box[1], box[0]], [box[3], box[2]]]).pad(0.07), { animate: false });
  }
};
