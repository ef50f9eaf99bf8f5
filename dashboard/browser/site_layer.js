// Proposed places by number, over the layers the API serves. Numbers alone come from the page; the words are ours.
window.barnraiserSites = function (map) {
  "use strict";
  const marks = L.layerGroup().addTo(map);
  const layers = window.barnraiser.show;
  const say = window.barnraiserSay;
  let fitted = "";
  let picks = 0;

  function words(site) {
    return say.count("helps", site.helps);
  }

  function mark(site) {
    const text = document.createElement("span");
    text.textContent = String(site.n);
    const icon = L.divIcon({ className: "br-offer" + (site.on ? " br-offer-on" : ""), html: text, iconSize: [30, 30], iconAnchor: [15, 15] });
    const drawn = L.marker([site.lat, site.lon], { icon: icon, keyboard: true, zIndexOffset: 2000 - site.n }).addTo(marks);
    const tip = document.createElement("strong");
    tip.textContent = words(site);
    drawn.bindTooltip(tip, { direction: "top", offset: [0, -14], opacity: 1 });
    drawn.getElement().setAttribute("aria-label", say.word(site.on ? "site_chosen" : "site", { n: site.n, helps: words(site) }));
    const pick = () => { picks += 1; window.Streamlit.setComponentValue({ site: site.n, turn: picks }); };
    drawn.on("click", pick);
    drawn.getElement().addEventListener("keydown", (event) => { if (event.key === "Enter") pick(); });
  }

  function bringIntoView(sites) {
    const places = sites.map((site) => [site.lat, site.lon]);
    const now = JSON.stringify(places);
    if (places.length && now !== fitted && !map.getBounds().contains(L.latLngBounds(places))) {
      map.fitBounds(L.latLngBounds(places).pad(0.3), { maxZoom: 16, animate: false });
    }
    fitted = now;
  }

  window.barnraiser.show = function (next) {
    const done = layers(next);
    marks.clearLayers();
    next.sites.forEach(mark);
    bringIntoView(next.sites);
    return done;
  };
};
