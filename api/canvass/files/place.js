// Where: here by the position of the phone, at an address, at a pin on the map, or not known yet.
import * as chart from "/canvass/chart.js";
import * as ground from "/canvass/ground.js";
import * as suggest from "/canvass/suggest.js";
import { t } from "/canvass/words.js";

const $ = (id) => document.getElementById(id);
const form = $("form");
const GPS = { enableHighAccuracy: true, timeout: 30000, maximumAge: 0 };
let position = null;
let say = () => {};

const option = (value) => form.querySelector(`[name=where][value=${value}]`);
const typed = () => form.elements.address.value.trim();
export const way = () => (form.querySelector("[name=where]:checked") || { value: "none" }).value;
export const isForOther = () => form.elements.for_other.checked;
export const measured = () => (way() === "gps" ? position : null);
export const isKnown = () => ({ gps: Boolean(position), address: Boolean(typed()), pin: Boolean(chart.place()) }[way()] ?? true);

function tellPosition() {
  const found = position && t("Found, give or take {metres} m.", { metres: Math.ceil(position.accuracy_m) });
  $("position").textContent = way() === "gps" ? found || t("Looking for the position…") : "";
}

function locate() {
  position = null;
  tellPosition();
  if (!navigator.geolocation) return say(t("This phone does not tell its position."));
  return navigator.geolocation.getCurrentPosition(({ coords }) => {
    if (isForOther()) return;
    position = { lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy };
    say("");
    tellPosition();
  }, () => {
    $("position").textContent = "";
    say(t("The position was not found. Type an address, or leave the place for later."));
  }, GPS);
}

// What is shown of the ways, after any of them was chosen.
export function refresh() {
  const [forOther, hasMap] = [isForOther(), ground.list().length > 0];
  option("gps").disabled = forOther;
  option("pin").closest("label").hidden = !hasMap;
  if (forOther) {
    position = null;
    if (way() === "gps") option("none").checked = true;
  }
  if (way() === "pin" && !hasMap) option("none").checked = true;
  $("address-row").hidden = !["address", "pin"].includes(way());
  $("chart-row").hidden = way() !== "pin";
  tellPosition();
  chart.refresh();
}

// The place as it is sent: a point says how it came to be, and what was typed stands beside it.
export function place() {
  if (way() === "gps" && position) return { ...position, method: "gps" };
  if (way() === "pin") return { ...chart.place(), ...(typed() ? { typed: suggest.asTyped() } : {}) };
  return way() === "address" ? suggest.place() || { address: typed() } : null;
}

export const summary = () => (way() === "pin" ? [chart.told()] : []);
export const kept = () => ({ chosen: suggest.kept(), pin: chart.kept() });

export function restore({ chosen, pin } = {}) {
  position = null;
  suggest.restore(chosen);
  chart.restore(pin);
  refresh();
}

export function begin(complainTo) {
  say = complainTo;
  suggest.begin(({ lon, lat }) => { if (way() === "pin") chart.goTo(lon, lat); });
  chart.begin(() => say(""));
  form.addEventListener("change", (event) => {
    if (!["where", "for_other"].includes(event.target.name)) return;
    refresh();
    if (event.target.name === "where" && way() === "gps") locate();
  });
}
