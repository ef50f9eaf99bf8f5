// A turf: its edge, and its doors by what was met there last. Numbers alone come from the page; the words are ours.
window.barnraiserTurf = function (map) {
  "use strict";
  const say = window.barnraiserSay;
  const LETTERS = ["V", "H", "R", "C", "X"];
  const edge = L.layerGroup().addTo(map);
  const marks = L.layerGroup().addTo(map);
  let shown = "";

  function mark(door) {
    const met = door.met >= 0;
    const text = document.createElement("span");
    text.textContent = met ? LETTERS[door.met] : "";
    const name = "br-met " + (met ? "br-met-" + door.met : "br-met-none");
    const icon = L.divIcon({ className: name, html: text, iconSize: [18, 18], iconAnchor: [9, 9] });
    const drawn = L.marker([door.lat, door.lon], { icon: icon, keyboard: false }).addTo(marks);
    const tip = document.createElement("strong");
    tip.textContent = say.word("door", { n: door.n, met: say.word(met ? "met_" + door.met : "met_none") });
    drawn.bindTooltip(tip, { direction: "top", offset: [0, -8], opacity: 1 });
  }

  window.barnraiser = window.barnraiser || {};
  window.barnraiser.show = function (next) {
    marks.clearLayers();
    edge.clearLayers();
    next.edge.forEach((polygon) => L.polygon(polygon, { className: "br-turf-edge", fill: false, weight: 2, dashArray: "6 5", interactive: false }).addTo(edge));
    next.doors.forEach(mark);
    if (next.turf !== shown) {
      shown = next.turf;
      const bounds = L.latLngBounds(next.edge.flat(2));
      if (bounds.isValid()) map.fitBounds(bounds.pad(0.05), { animate: false, maxZoom: 18 });
    }
  };
  document.documentElement.dataset.loads = 1;
};
