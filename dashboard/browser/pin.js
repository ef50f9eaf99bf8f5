// One pin: set by a click, moved by dragging, or put where typed coordinates say.
window.barnraiserPin = function (map, options) {
  "use strict";
  let marker = null;
  let turn = 0;

  function icon() {
    const drop = document.createElement("span");
    return L.divIcon({ className: "br-pin", html: drop, iconSize: [28, 36], iconAnchor: [14, 36] });
  }

  function tell(at) {
    turn += 1;
    const place = at.wrap();
    window.Streamlit.setComponentValue({ pin: { lon: place.lng, lat: place.lat, turn: turn } });
  }

  function put(at) {
    if (marker) {
      marker.setLatLng(at);
      return;
    }
    marker = L.marker(at, { icon: icon(), draggable: true, keyboard: true, alt: "The place you chose" }).addTo(map);
    marker.on("dragend", () => tell(marker.getLatLng()));
  }

  function take() {
    if (marker) map.removeLayer(marker);
    marker = null;
  }

  map.getContainer().classList.add("br-aim");
  map.on("click", (event) => { put(event.latlng); tell(event.latlng); });
  window.barnraiser = {
    show: function (next) {
      window.barnraiserFit();
      if (!next.pin) {
        take();
        return;
      }
      const at = L.latLng(next.pin[1], next.pin[0]);
      put(at);
      if (!map.getBounds().contains(at)) map.setView(at, Math.max(map.getZoom(), 16));
    },
  };
  document.documentElement.dataset.loads = 1;
};
