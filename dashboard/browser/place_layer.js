// The places of a list: each by its number, the one that is open, and the circle that was asked for. Numbers alone come
// from the page; names stand in the list beside the map, which opens the same places with the keyboard.
window.barnraiserPlaces = function (map) {
  "use strict";
  const circle = L.layerGroup().addTo(map);
  const marks = L.layerGroup().addTo(map);
  let turn = 0, shown = null, open = null;

  function mark(place, isOpen) {
    const [n, lon, lat, isPast] = place;
    const text = document.createElement("span");
    text.textContent = String(n);
    const name = "br-place" + (isPast ? " br-place-past" : "") + (isOpen ? " br-place-open" : "");
    const icon = L.divIcon({ className: name, html: text, iconSize: [26, 26], iconAnchor: [13, 13] });
    const drawn = L.marker([lat, lon], { icon: icon, keyboard: false, zIndexOffset: isOpen ? 2000 : -n }).addTo(marks);
    const tip = document.createElement("strong");
    tip.textContent = window.barnraiserSay.word(isPast ? "number_to_confirm" : "number", { n: n });
    drawn.bindTooltip(tip, { direction: "top", offset: [0, -12], opacity: 1 });
    drawn.on("click", () => {
      turn += 1;
      window.Streamlit.setComponentValue({ turn: turn, chosen: n });
    });
  }

  function fit(next) {
    const bounds = L.latLngBounds(next.places.map((one) => [one[2], one[1]]));
    circle.eachLayer((one) => bounds.extend(one.getBounds()));
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.08), { animate: false, maxZoom: 16 });
  }

  window.barnraiser = window.barnraiser || {};
  window.barnraiser.show = function (next) {
    window.barnraiserFit();
    marks.clearLayers();
    circle.clearLayers();
    turn = Math.max(turn, next.turn);
    if (next.within) {
      const [lon, lat, metres] = next.within;
      L.circle([lat, lon], { radius: metres, className: "br-within", fill: false, weight: 2, dashArray: "6 5", interactive: false }).addTo(circle);
    }
    next.places.forEach((one) => mark(one, one[0] === next.open));
    if (next.list !== shown) fit(next);
    else if (next.open !== open) {
      const at = next.places.find((one) => one[0] === next.open);
      if (at && !map.getBounds().contains([at[2], at[1]])) map.panTo([at[2], at[1]], { animate: false });
    }
    shown = next.list;
    open = next.open;
  };
  document.documentElement.dataset.loads = 1;
};
