// What would be: cells that fare otherwise, changed places by number, and one pin for what is to come. Numbers alone
// come from the page; the words are ours. Better and worse differ in colour, in their sign and in their outline.
window.barnraiserIf = function (map, options) {
  "use strict";
  const colours = options.colours, say = window.barnraiserSay, box = map.getContainer();
  const cells = L.layerGroup().addTo(map), marks = L.layerGroup().addTo(map);
  const layers = window.barnraiser ? window.barnraiser.show : null;
  let pin = null, turn = 0, fitted = "", aimed = 0;

  function tell(what) {
    turn += 1;
    window.Streamlit.setComponentValue(Object.assign({ turn: turn }, what));
  }

  function at(found) {
    const place = found.wrap();
    return { lon: place.lng, lat: place.lat };
  }

  function tip(text) {
    const line = document.createElement("strong");
    line.textContent = text;
    return line;
  }

  function words(one) {
    if (!one.n) return say.word("as_many");
    return say.count((one.n < 0 ? "fewer_" : "more_") + (options.reach ? "out" : "without"), Math.abs(one.n));
  }

  function cell(one) {
    const isWorse = one.n > 0;
    const colour = !one.n ? colours.none : isWorse ? colours.gaps[3] : colours.accent;
    const strength = 0.35 + 0.4 * Math.min(1, Math.abs(one.n) / options.most);
    const shape = L.polygon(one.ring, {
      className: "br-if-cell", color: colour, fillColor: colour, weight: isWorse ? 3 : 2, dashArray: isWorse ? "5 4" : null, fillOpacity: strength,
    }).addTo(cells);
    shape.bindTooltip(tip(words(one)), { sticky: true, opacity: 1 });
    const sign = document.createElement("span");
    sign.textContent = !one.n ? "=" : (isWorse ? "+" : "\u2212") + Math.abs(one.n);
    const icon = L.divIcon({ className: "br-if-sign" + (isWorse ? " br-if-worse" : ""), html: sign, iconSize: [44, 20], iconAnchor: [22, 10] });
    const drawn = L.marker(shape.getBounds().getCenter(), { icon: icon, interactive: false, keyboard: false }).addTo(cells);
    drawn.getElement().setAttribute("aria-hidden", "true");
  }

  function mark(one) {
    const text = document.createElement("span");
    text.textContent = one.shut ? one.n + "\u00d7" : String(one.n);
    const icon = L.divIcon({ className: "br-offer" + (one.shut ? " br-if-shut" : " br-offer-on"), html: text, iconSize: [30, 30], iconAnchor: [15, 15] });
    const drawn = L.marker([one.lat, one.lon], { icon: icon, keyboard: true, draggable: options.edits && one.drag, zIndexOffset: 2000 - one.n }).addTo(marks);
    drawn.getElement().setAttribute("role", "img");
    drawn.getElement().setAttribute("aria-label", say.word(one.shut ? "change_closed" : options.edits && one.drag ? "change_dragged" : "change", { n: one.n }));
    drawn.on("dragend", () => tell({ moved: Object.assign({ n: one.n }, at(drawn.getLatLng())) }));
    if (one.from) L.polyline([[one.from[1], one.from[0]], [one.lat, one.lon]], { color: colours.ink, weight: 2, dashArray: "3 5", interactive: false }).addTo(marks);
  }

  function put(place) {
    if (pin) { pin.setLatLng(place); return; }
    const icon = L.divIcon({ className: "br-pin", html: document.createElement("span"), iconSize: [28, 36], iconAnchor: [14, 36] });
    pin = L.marker(place, { icon: icon, draggable: true, keyboard: true, zIndexOffset: 3000 }).addTo(map);
    pin.getElement().setAttribute("role", "img");
    pin.getElement().setAttribute("aria-label", say.word("next_pin"));
    pin.on("dragend", () => tell({ pin: at(pin.getLatLng()) }));
  }

  function take() {
    if (pin) map.removeLayer(pin);
    pin = null;
  }

  function fit(next) {
    const places = next.marks.map((one) => [one.lat, one.lon]).concat(next.cells.flatMap((one) => one.ring));
    const now = JSON.stringify([next.marks.map((one) => [one.lat, one.lon]), next.fit]);
    if (places.length && now !== fitted && !map.getBounds().contains(L.latLngBounds(places))) {
      map.fitBounds(L.latLngBounds(places).pad(0.15), { maxZoom: 16, animate: false });
    }
    fitted = now;
  }

  if (options.edits) {
    box.classList.add("br-aim", "br-drawing");
    map.on("click", (event) => { put(event.latlng); tell({ pin: at(event.latlng) }); });
    box.addEventListener("keydown", (event) => {
      if (event.target !== box || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      put(map.getCenter());
      tell({ pin: at(map.getCenter()) });
    }, true);
  }

  window.barnraiser = {
    show: function (next) {
      const done = layers ? layers(next) : window.barnraiserFit();
      cells.clearLayers();
      marks.clearLayers();
      options.most = Math.max(1, ...next.cells.map((one) => Math.abs(one.n)));
      options.reach = next.reach;
      next.cells.forEach(cell);
      next.marks.forEach(mark);
      // an answer to what was told before the last press is old
      if (next.turn >= turn) {
        if (next.pin) put(L.latLng(next.pin[1], next.pin[0]));
        else take();
      }
      fit(next);
      if (next.pin && next.aim !== aimed && !map.getBounds().contains(pin.getLatLng())) map.setView(pin.getLatLng(), Math.max(map.getZoom(), 15), { animate: false });
      aimed = next.aim;
      return done;
    },
  };
  if (!layers) document.documentElement.dataset.loads = 1;
};
