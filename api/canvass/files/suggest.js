// Addresses that are offered while one is typed, found on this phone among those of its turfs.
// Whoever uses a keyboard or hears the page meets a combobox as the WAI-ARIA practices describe it.
import * as ground from "/canvass/ground.js";
import { t } from "/canvass/words.js";

const $ = (id) => document.getElementById(id);
const MOST = 8;
const LEAST = 2;
const TYPO_FROM = 4;
const PLAIN = { "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ə": "e", "ة": "ه", "ى": "ي" };
let field = null;
let box = null;
let shown = [];
let active = -1;
let chosen = null;
let typed = "";
let onChoose = () => {};

// Without accents, capitals and marks, and with digits that are written alike.
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[ßøæœłđıþəةى]/g, (char) => PLAIN[char])
    .replace(/[٠-٩۰-۹]/g, (char) => String(char.charCodeAt(0) & 0xf))
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

// Whether a word begins as another does, with one letter wrong, missing, too many, or two that changed places.
export function begins(word, asked) {
  if (word.startsWith(asked)) return 0;
  if (asked.length < TYPO_FROM) return -1;
  let at = 0;
  while (at < asked.length && word[at] === asked[at]) at += 1;
  const [rest, left] = [asked.slice(at), word.slice(at)];
  const swapped = left.length > 1 && rest.startsWith(left[1] + left[0]) && left.slice(2).startsWith(rest.slice(2));
  const near = left.slice(1).startsWith(rest.slice(1)) || left.startsWith(rest.slice(1)) || left.slice(1).startsWith(rest);
  return swapped || near ? 1 : -1;
}

const isNumber = (word) => /^\p{N}/u.test(word);

// How far a street's name is from what was asked: 0 is how it is written; nothing when it is another.
function distance(name, asked) {
  const words = name.split(" ");
  let far = 0;
  for (const one of asked) {
    const found = words.map((word) => begins(word, one)).filter((wrong) => wrong >= 0);
    // some scripts put no blanks between words
    if (!found.length && !(one.length > 1 && name.includes(one))) return null;
    far += found.length ? Math.min(...found) : 1;
  }
  return far + (name.startsWith(asked.join(" ")) ? 0 : 0.5);
}

function streetsFor(asked) {
  const found = [];
  for (const street of ground.list().flatMap((one) => one.addresses)) {
    let best = null;
    for (const name of street.names) {
      const far = distance(fold(name), asked);
      if (far !== null && (!best || far < best.far)) best = { street, name, far, isAll: fold(name) === asked.join(" ") };
    }
    if (best) found.push(best);
  }
  return found.sort((a, b) => b.isAll - a.isAll || a.far - b.far || a.name.localeCompare(b.name));
}

const byNumber = new Intl.Collator("en", { numeric: true });

function doorsOf({ street, name, far }, number) {
  const near = (door) => { const own = fold(door.number).replace(" ", ""); return own === number ? 0 : Number(own.startsWith(number)) || 2; };
  return street.doors.map((door) => ({ door, name, town: street.town, far: far + near(door) / 10, near: near(door) }))
    .filter((one) => one.near < 2)
    .sort((a, b) => a.near - b.near || byNumber.compare(a.door.number, b.door.number));
}

// The same street or door of a source that names no town is not another one.
const once = (list) => list.filter((one, at) => !list.some((other, place) => other.label === one.label
  && (other.town ? !one.town : !one.town && place < at)));

// What is offered for a text: streets while there is no number, then their doors.
export function find(text) {
  const words = fold(text).split(" ").filter(Boolean);
  // the number may stand before the street or behind it, and a letter after it may stand apart
  const at = words.findIndex(isNumber);
  const isFirst = at === 0 && words.length > 1;
  const asked = at < 0 ? words : isFirst ? words.slice(1) : words.slice(0, at);
  if (asked.join("").length < LEAST) return [];
  const streets = streetsFor(asked);
  const number = at < 0 ? "" : words[at];
  const letter = at >= 0 && !isFirst && (words[at + 1] || "").length === 1 ? words[at + 1] : "";
  if (!number && streets.length > 1 && !streets[0].isAll) {
    const named = once(streets.map(({ street, name }) => ({ label: name, town: street.town, door: null })));
    if (named.length > 1) return named.slice(0, MOST);
  }
  const kept = streets.length && streets[0].isAll ? streets.filter((one) => one.isAll) : streets;
  const whole = letter ? kept.flatMap((one) => doorsOf(one, number + letter)) : [];
  const doors = whole.length ? whole : kept.flatMap((one) => doorsOf(one, number));
  if (number) doors.sort((a, b) => a.far - b.far);
  return once(doors.map(({ door, name, town }) => ({ label: ground.written(null, door.number, [name]), town, door }))).slice(0, MOST);
}

function close() {
  shown = [];
  active = -1;
  box.hidden = true;
  box.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function mark(at) {
  active = at;
  Array.from(box.children).forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
  if (at < 0) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", "offer-" + at);
  return box.children[at].scrollIntoView({ block: "nearest" });
}

function row(one, at) {
  const item = document.createElement("li");
  item.id = "offer-" + at;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const label = document.createElement("bdi");
  label.textContent = one.label;
  item.append(label);
  if (one.town) {
    const town = document.createElement("small");
    town.textContent = one.town;
    town.dir = "auto";
    item.append(" ", town);
  }
  item.addEventListener("click", () => choose(at));
  return item;
}

function open() {
  shown = find(field.value);
  active = -1;
  box.replaceChildren(...shown.map(row));
  box.hidden = !shown.length;
  field.setAttribute("aria-expanded", String(shown.length > 0));
  field.removeAttribute("aria-activedescendant");
  $("offered").textContent = shown.length ? t("Addresses offered: {count}", { count: shown.length }) : "";
}

function choose(at) {
  const one = shown[at];
  // what was typed is kept as it was typed; a street alone only goes on with the typing
  if (one.door) {
    typed = field.value.trim();
    chosen = { label: one.label, lon: one.door.lon, lat: one.door.lat, accuracy_m: one.door.accuracy_m };
    field.value = one.label;
    close();
    $("offered").textContent = t("Chosen: {address}", { address: one.label });
    onChoose(chosen);
  } else {
    field.value = one.label + " ";
    open();
  }
  field.focus();
}

// Words behind a chosen address, such as a stairway, leave it chosen; any other change does not.
function edited() {
  if (chosen && field.value.startsWith(chosen.label)) typed = field.value.trim();
  else chosen = null;
  open();
  if (chosen) close();
}

function pressed(event) {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) {
    if (!shown.length) open();
    if (!shown.length) return;
    event.preventDefault();
    const count = shown.length + 1;
    mark((active + 1 + moves[event.key] + count) % count - 1);
  } else if (event.key === "Enter" && active >= 0) {
    event.preventDefault();
    choose(active);
  } else if (event.key === "Escape" && shown.length) {
    event.preventDefault();
    close();
  }
}

export const place = () => chosen && { lon: chosen.lon, lat: chosen.lat, accuracy_m: chosen.accuracy_m, method: "suggestion", typed };
export const asTyped = () => (chosen ? typed : field.value.trim());
export const kept = () => (chosen ? { chosen, typed } : null);

export function restore(before) {
  ({ chosen, typed } = before || { chosen: null, typed: "" });
  close();
}

export function begin(chose) {
  onChoose = chose;
  field = $("address");
  box = $("offers");
  field.addEventListener("input", edited);
  field.addEventListener("keydown", pressed);
  field.addEventListener("blur", close);
  // pressing an offer must not take the focus from the field, which would close the list
  box.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("mousedown", (event) => event.preventDefault());
}
