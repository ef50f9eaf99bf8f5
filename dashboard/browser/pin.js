// One need on a map: the places that are offered, by number, and one pin that is set by a click, dragged, moved by
// arrow keys, or put where typed coordinates say.
window.barnraiserPin = function (map, options) {
  "use strict";
  const STEP_PX = 4, BIG_STEP_PX = 40, SETTLE_MS = 350;
  const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const say = window.barnraiserSay;
  const box = map.getContainer();
  const offers = L.layerGroup().addTo(map);
  let marker = null, turn = 0, shown = null, aimed = 0, waiting = null;

  function tell(what) {
    turn += 1;
    window.Streamlit.setComponentValue(Object.assign({ turn: turn }, what));
  }

  function tellPin() {
    clearTimeout(waiting);
    waiting = null;
    const at = marker.getLatLng().wrap();
    tell({ pin: { lon: at.lng, lat: at.lat } });
  }

  function put(at) {
    if (marker) {
      marker.setLatLng(at);
      return;
    }
    const icon = L.divIcon({ className: "br-pin", html: document.createElement("span"), iconSize: [28, 36], iconAnchor: [14, 36] });
    marker = L.marker(at, { icon: icon, draggable: true, keyboard: true, autoPan: true, zIndexOffset: 1000 }).addTo(map);
    marker.getElement().setAttribute("aria-label", say.word("your_pin"));
    marker.on("dragend", tellPin);
  }

  function take() {
    if (marker) map.removeLayer(marker);
    marker = null;
  }

  function offer(one) {
    const text = document.createElement("span");
    text.textContent = String(one.n);
    const name = "br-offer" + (one.on ? " br-offer-on" : "");
    const icon = L.divIcon({ className: name, html: text, iconSize: [30, 30], iconAnchor: [15, 15] });
    const drawn = L.marker([one.lat, one.lon], { icon: icon, keyboard: true, zIndexOffset: one.on ? 500 : -one.n }).addTo(offers);
    const label = say.word(one.on ? "offer_chosen" : "offer", { n: one.n });
    drawn.getElement().setAttribute("aria-label", label);
    drawn.getElement().dataset.number = one.n;
    drawn.on("click", () => tell({ chosen: one.n }));
  }

  function fit(next) {
    const places = next.offers.map((one) => [one.lat, one.lon]);
    if (next.pin) places.push([next.pin[1], next.pin[0]]);
    if (places.length) map.fitBounds(L.latLngBounds(places).pad(0.2), { maxZoom: 17, animate: false });
  }

  function aim(next) {
    const chosen = next.offers.find((one) => one.on);
    if (!marker) {
      put(chosen ? L.latLng(chosen.lat, chosen.lon) : map.getCenter());
      tellPin();
    }
    window.focus();
    box.focus({ preventScroll: true });
  }

  function move(event) {
    const step = event.shiftKey ? BIG_STEP_PX : STEP_PX;
    const by = ARROWS[event.key];
    const at = map.latLngToContainerPoint(marker.getLatLng()).add([by[0] * step, by[1] * step]);
    marker.setLatLng(map.containerPointToLatLng(at));
    map.panInside(marker.getLatLng(), { padding: [40, 40], animate: false });
    clearTimeout(waiting);
    waiting = setTimeout(tellPin, SETTLE_MS);
  }

  // The page around the map knows the other keys; a map that is focused hears them first.
  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const control = event.target.closest(".leaflet-control, .br-offer");
    if (event.key in ARROWS && marker) {
      event.preventDefault();
      event.stopPropagation();
      move(event);
    } else if (event.key === "Enter" && control) {
      if (control.dataset.number) tell({ chosen: Number(control.dataset.number) });
    } else if (window.parent.barnraiserKey && (event.key.length === 1 || event.key === "Enter")) {
      if (waiting) tellPin();
      if (window.parent.barnraiserKey(event.key)) event.preventDefault();
    }
  }

  box.classList.add("br-aim");
  box.addEventListener("keydown", pressed, true);
  map.on("click", (event) => { put(event.latlng); tellPin(); });
  window.barnraiser = {
    show: function (next) {
      window.barnraiserFit();
      offers.clearLayers();
      next.offers.forEach(offer);
      // an answer to what was told before the last move is old
      const isOld = waiting || next.turn < turn;
      if (!isOld) {
        if (next.pin) put(L.latLng(next.pin[1], next.pin[0]));
        else take();
      }
      if (next.need !== shown) fit(next);
      else if (next.pin && !isOld && !map.getBounds().contains(marker.getLatLng())) map.setView(marker.getLatLng(), Math.max(map.getZoom(), 16));
      shown = next.need;
      if (next.aim && next.aim !== aimed) aim(next);
      aimed = next.aim;
    },
  };
  document.documentElement.dataset.loads = 1;
};
