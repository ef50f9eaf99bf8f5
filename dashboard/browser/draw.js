// A shape that is drawn corner by corner: by clicks, or with keys at the cross in the middle of the map. Corners are
// dragged, or moved with the arrow keys; a press on a small dot between two puts another there.
window.barnraiserDraw = function (map, options) {
  "use strict";
  const STEP_PX = 4, BIG_STEP_PX = 40, SETTLE_MS = 350;
  const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const say = window.barnraiserSay;
  const box = map.getContainer();
  const drawn = L.layerGroup().addTo(map);
  let corners = [], turn = 0, shown = null, waiting = null;

  function tell() {
    clearTimeout(waiting);
    waiting = null;
    turn += 1;
    const told = corners.map((at) => { const found = L.latLng(at).wrap(); return [found.lng, found.lat]; });
    window.Streamlit.setComponentValue({ turn: turn, corners: told });
  }

  function dot(at, name, size, label) {
    const icon = L.divIcon({ className: name, html: document.createElement("span"), iconSize: [size, size], iconAnchor: [size / 2, size / 2] });
    const made = L.marker(at, { icon: icon, keyboard: true, draggable: name === "br-corner", bubblingMouseEvents: false }).addTo(drawn);
    made.getElement().setAttribute("aria-label", label);
    return made;
  }

  function edge() {
    if (corners.length > 1) L.polygon(corners, { className: "br-drawn", weight: 3, interactive: false }).addTo(drawn);
  }

  function corner(at, place) {
    const made = dot(at, "br-corner", 24, say.word("corner", { n: place + 1, all: corners.length }));
    made.getElement().dataset.corner = place;
    made.on("drag", () => { corners[place] = made.getLatLng(); redrawEdge(); });
    made.on("dragend", () => { draw(place); tell(); });
  }

  function between(place) {
    const [a, b] = [corners[place], corners[(place + 1) % corners.length]].map((at) => map.latLngToContainerPoint(at));
    const at = map.containerPointToLatLng(a.add(b).divideBy(2));
    const put = () => { if (corners.length >= options.most) return; corners.splice(place + 1, 0, at); draw(place + 1); tell(); };
    const made = dot(at, "br-between", 24, say.word("between", { one: place + 1, other: (place + 1) % corners.length + 1 }));
    made.getElement().dataset.between = place;
    made.on("click", put);
    made.put = put;
  }

  function redrawEdge() {
    drawn.eachLayer((layer) => { if (layer instanceof L.Polygon || layer.put) drawn.removeLayer(layer); });
    edge();
  }

  // Draws all of it anew; the corner that is named has the keyboard afterwards.
  function draw(focused) {
    drawn.clearLayers();
    edge();
    corners.forEach(corner);
    if (corners.length > 2) corners.forEach((at, place) => between(place));
    const next = focused === undefined ? null : box.querySelector("[data-corner='" + focused + "']");
    if (next) next.focus({ preventScroll: true });
  }

  function add(at) {
    if (corners.length >= options.most) return;
    corners.push(at);
    draw();
    tell();
  }

  function remove(place) {
    corners.splice(place, 1);
    draw(corners.length ? Math.min(place, corners.length - 1) : undefined);
    if (!corners.length) box.focus({ preventScroll: true });
    tell();
  }

  function move(place, event) {
    const step = event.shiftKey ? BIG_STEP_PX : STEP_PX;
    const by = ARROWS[event.key];
    const at = map.latLngToContainerPoint(corners[place]).add([by[0] * step, by[1] * step]);
    corners[place] = map.containerPointToLatLng(at);
    draw(place);
    map.panInside(corners[place], { padding: [40, 40], animate: false });
    clearTimeout(waiting);
    waiting = setTimeout(tell, SETTLE_MS);
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { corner: at, between: after } = event.target.dataset;
    const isRemoval = event.key === "Delete" || event.key === "Backspace";
    if (at !== undefined && event.key in ARROWS) move(Number(at), event);
    else if (at !== undefined && isRemoval) remove(Number(at));
    else if (after !== undefined && event.key === "Enter") drawn.eachLayer((layer) => { if (layer.getElement && layer.getElement() === event.target) layer.put(); });
    else if (event.target === box && event.key === "Enter") add(map.getCenter());
    else if (event.target === box && isRemoval && corners.length) { corners.pop(); draw(); tell(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  box.classList.add("br-aim", "br-drawing");
  box.addEventListener("keydown", pressed, true);
  map.on("click", (event) => add(event.latlng));
  map.on("zoomend", () => { if (!waiting) draw(); });
  window.barnraiser = {
    show: function (next) {
      window.barnraiserFit();
      // an answer to what was told before the last corner is old
      if (next.shape === shown && (waiting || next.turn < turn)) return;
      const isSame = next.shape === shown && JSON.stringify(next.corners) === JSON.stringify(corners.map((at) => [at.lng, at.lat]));
      corners = next.corners.map((at) => L.latLng(at[1], at[0]));
      if (!isSame) draw();
      if (next.shape !== shown && corners.length) map.fitBounds(L.latLngBounds(corners).pad(0.3), { animate: false, maxZoom: 17 });
      shown = next.shape;
    },
  };
  document.documentElement.dataset.loads = 1;
};
