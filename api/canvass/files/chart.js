// The map of the ground this phone carries, drawn by ourselves. The pin stands in the middle and the map moves under it:
// by a finger, by a tap on the place, by buttons or by keys.
import * as ground from "/canvass/ground.js";
import { t } from "/canvass/words.js";

const $ = (id) => document.getElementById(id);
const DOUBT_PX = 16;
const LEAST_M = 5;
const MOST_PX_PER_M = 10;
const TAP_PX = 8;
const STEP_PX = 24;
const BIG_STEP_PX = 120;
const ZOOM = 1.6;
const SETTLE_MS = 500;
const NUMBERS_FROM = 2.2;
const STRAIGHT = 0.98;
const NAMES_FROM = 0.25;
const ARROWS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
let box = null;
let canvas = null;
let at = [0, 0];
let scale = 1;
let open = null;
let isSet = false;
let drawn = new Map();
let fingers = new Map();
let far = 0;
let settling = null;
let frame = 0;
let onSet = () => {};

function trace(lines, isClosed = false) {
  const path = new Path2D();
  for (const points of lines) {
    points.forEach(([x, y], place) => (place ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (isClosed) path.closePath();
  }
  return path;
}

function paths(one) {
  if (!drawn.has(one.id)) {
    const fill = (shapes) => trace(shapes.flat(), true);
    drawn.set(one.id, {
      green: fill(one.green), water: fill(one.water), buildings: fill(one.buildings), outline: fill(one.outline),
      paths: trace(one.paths), streets: trace(one.streets.flatMap(([, lines]) => lines)),
    });
  }
  return drawn.get(one.id);
}

const least = () => Math.min(canvas.clientWidth / (open.corners[1][0] - open.corners[0][0]), canvas.clientHeight / (open.corners[1][1] - open.corners[0][1]));
const toScreen = ([x, y]) => [canvas.clientWidth / 2 + (x - at[0]) * scale, canvas.clientHeight / 2 - (y - at[1]) * scale];
const within = (value, low, high) => Math.max(low, Math.min(high, value));

// Along the longest straight piece that is seen, where no other name is.
function writeNames(ink, colours) {
  const taken = [];
  ink.font = "600 13px system-ui, sans-serif";
  ink.textAlign = "center";
  ink.textBaseline = "middle";
  for (const [name, lines] of ground.list().flatMap((one) => one.streets)) {
    const wide = ink.measureText(name).width;
    const piece = longest(lines, wide);
    if (!piece) continue;
    const [[ax, ay], [bx, by]] = piece;
    const middle = [(ax + bx) / 2, (ay + by) / 2];
    if (taken.some(([x, y, reach]) => Math.hypot(x - middle[0], y - middle[1]) < (reach + wide) / 2 + 6)) continue;
    taken.push([...middle, wide]);
    const turn = Math.atan2(by - ay, bx - ax);
    const upright = Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn;
    ink.save();
    ink.translate(...middle);
    ink.rotate(upright);
    write(ink, name, 0, 0, colours);
    ink.restore();
  }
}

function longest(lines, wide) {
  let [found, long] = [null, wide + 8];
  const isSeen = ([x, y]) => x > 0 && y > 0 && x < canvas.clientWidth && y < canvas.clientHeight;
  for (const points of lines.map((one) => one.map(toScreen))) {
    for (let from = 0; from < points.length - 1; from += 1) {
      let along = 0;
      for (let to = from + 1; to < points.length; to += 1) {
        const [a, b] = [points[from], points[to]];
        along += Math.hypot(b[0] - points[to - 1][0], b[1] - points[to - 1][1]);
        const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
        if (length < STRAIGHT * along) break;
        if (length > long && isSeen([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])) [found, long] = [[a, b], length];
      }
    }
  }
  return found;
}

function write(ink, words, x, y, colours) {
  ink.lineWidth = 4;
  ink.lineJoin = "round";
  ink.strokeStyle = colours("--map-halo");
  ink.strokeText(words, x, y);
  ink.fillStyle = colours("--ink");
  ink.fillText(words, x, y);
}

function writeNumbers(ink, colours) {
  ink.font = "12px system-ui, sans-serif";
  ink.textAlign = "center";
  ink.textBaseline = "middle";
  const taken = [];
  for (const door of ground.list().flatMap((one) => one.addresses).flatMap((street) => street.doors)) {
    const [x, y] = toScreen(door.xy);
    if (x < 0 || y < 0 || x > canvas.clientWidth || y > canvas.clientHeight) continue;
    if (taken.some((other) => Math.abs(other[0] - x) < 26 && Math.abs(other[1] - y) < 14)) continue;
    taken.push([x, y]);
    write(ink, door.number, x, y, colours);
  }
}

function draw() {
  frame = 0;
  if (!open || !canvas.clientWidth) return;
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const style = getComputedStyle(box);
  const colours = (name) => style.getPropertyValue(name).trim();
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * ratio));
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const ink = canvas.getContext("2d");
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  ink.fillStyle = colours("--map-land");
  ink.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  const k = scale * ratio;
  ink.setTransform(k, 0, 0, -k, wide / 2 - at[0] * k, high / 2 + at[1] * k);
  ink.lineCap = ink.lineJoin = "round";
  const all = ground.list().map(paths);
  const fill = (name, colour) => { ink.fillStyle = colours(colour); all.forEach((one) => ink.fill(one[name], "evenodd")); };
  const line = (name, colour, px) => { ink.strokeStyle = colours(colour); ink.lineWidth = px / scale; all.forEach((one) => ink.stroke(one[name])); };
  fill("green", "--map-green");
  fill("water", "--map-water");
  fill("buildings", "--map-building");
  line("paths", "--map-edge", 1.5);
  const street = within(6 * scale, 3, 16);
  line("streets", "--map-edge", street + 2);
  line("streets", "--map-street", street);
  ink.setLineDash([8 / scale, 6 / scale]);
  line("outline", "--accent", 2.5);
  ink.setLineDash([]);
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (scale > NUMBERS_FROM) writeNumbers(ink, colours);
  if (scale > NAMES_FROM) writeNames(ink, colours);
  box.style.setProperty("--doubt", Math.max(DOUBT_PX, LEAST_M * scale) + "px");
}

const redraw = () => { frame = frame || requestAnimationFrame(draw); };
export const accuracy = () => Math.max(LEAST_M, Math.ceil(DOUBT_PX / scale));

export function told() {
  if (!isSet) return "";
  return t("Pin: {place}, give or take {metres} m.", { place: ground.describe(at), metres: accuracy() });
}

// Said once the map rests, so that nobody hears every step of the way.
function settle() {
  clearTimeout(settling);
  settling = setTimeout(() => { $("pin-told").textContent = told(); }, SETTLE_MS);
}

function moved(isMeant = true) {
  const [[west, south], [east, north]] = open.corners;
  at = [within(at[0], west, east), within(at[1], south, north)];
  scale = within(scale, least(), MOST_PX_PER_M);
  if (isMeant) {
    isSet = true;
    onSet();
    settle();
  }
  redraw();
}

function pan(dx, dy) {
  at = [at[0] - dx / scale, at[1] + dy / scale];
  moved();
}

function zoom(by, spot = [canvas.clientWidth / 2, canvas.clientHeight / 2]) {
  const off = [(spot[0] - canvas.clientWidth / 2), (canvas.clientHeight / 2 - spot[1])];
  const before = scale;
  scale = within(scale * by, least(), MOST_PX_PER_M);
  at = at.map((value, axis) => value + off[axis] / before - off[axis] / scale);
  moved();
}

const spotOf = (event) => { const edge = canvas.getBoundingClientRect(); return [event.clientX - edge.left, event.clientY - edge.top]; };

function down(event) {
  canvas.setPointerCapture(event.pointerId);
  if (!fingers.size) far = 0;
  fingers.set(event.pointerId, spotOf(event));
}

function drag(event) {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = spotOf(event);
  const other = Array.from(fingers).find(([id]) => id !== event.pointerId);
  fingers.set(event.pointerId, now);
  far += Math.hypot(now[0] - before[0], now[1] - before[1]);
  if (far < TAP_PX) return;
  if (!other) return pan(now[0] - before[0], now[1] - before[1]);
  const spread = (spot) => Math.max(10, Math.hypot(spot[0] - other[1][0], spot[1] - other[1][1]));
  pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  return zoom(spread(now) / spread(before), [(now[0] + other[1][0]) / 2, (now[1] + other[1][1]) / 2]);
}

function up(event) {
  const spot = fingers.get(event.pointerId);
  fingers.delete(event.pointerId);
  if (!spot || event.type === "pointercancel" || far >= TAP_PX || fingers.size) return;
  pan(canvas.clientWidth / 2 - spot[0], canvas.clientHeight / 2 - spot[1]);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const by = ARROWS[event.key];
  const step = event.shiftKey ? BIG_STEP_PX : STEP_PX;
  if (by) pan(-by[0] * step, by[1] * step);
  else if (event.key === "+" || event.key === "=") zoom(ZOOM);
  else if (event.key === "-") zoom(1 / ZOOM);
  else if (event.key === "Enter") $("next").click();
  else return;
  event.preventDefault();
}

function look(one, { centre, zoomTo } = {}) {
  open = one;
  $("chart-turf").value = one.id;
  const [xs, ys] = [0, 1].map((axis) => one.outline.flat(2).map((spot) => spot[axis]));
  const [[west, east], [south, north]] = [xs, ys].map((all) => [Math.min(...all), Math.max(...all)]);
  at = centre || [(west + east) / 2, (south + north) / 2];
  scale = zoomTo || 0.9 * Math.min(canvas.clientWidth / (east - west), canvas.clientHeight / (north - south));
  moved(Boolean(centre));
}

// Moves the pin to an address that was chosen.
export function goTo(lon, lat) {
  const xy = ground.toMetres(lon, lat);
  const holds = ({ corners: [[west, south], [east, north]] }) => xy[0] >= west && xy[0] <= east && xy[1] >= south && xy[1] <= north;
  const one = ground.list().find(holds);
  if (one && canvas.clientWidth) look(one, { centre: xy, zoomTo: Math.max(scale, 2) });
}

export function place() {
  if (!isSet || !open) return null;
  const [lon, lat] = ground.toDegrees(...at);
  return { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)), accuracy_m: accuracy(), method: "pin" };
}

export const kept = () => { const found = place(); return found && { ...found, scale }; };

// Takes up a pin that was set before, or begins anew.
export function restore(before) {
  isSet = false;
  open = null;
  $("pin-told").textContent = "";
  if (!before || !ground.list().length) return;
  [open] = ground.list();
  at = ground.toMetres(before.lon, before.lat);
  scale = before.scale;
  isSet = true;
}

// Called whenever the map comes to be seen, and when its words change.
export function refresh() {
  box.setAttribute("aria-label", t("Map. Move it with the arrow keys until the pin is at the place; plus and minus zoom."));
  $("chart-row").querySelectorAll("[data-zoom]").forEach((one) => one.setAttribute("aria-label", one.dataset.zoom === "in" ? t("Zoom in") : t("Zoom out")));
  const list = ground.list();
  if (open) open = list.find((one) => one.id === open.id) || null;
  const names = list.map((one) => { const option = new Option(one.name, one.id); option.dir = "auto"; return option; });
  $("chart-turf").replaceChildren(...names);
  $("chart-turf").closest("label").hidden = list.length < 2;
  $("credit").textContent = Array.from(new Set(list.map((one) => one.attribution))).join(", ");
  if (!canvas.clientWidth || !list.length) return;
  if (!open) look(list[0]);
  $("chart-turf").value = open.id;
  if (isSet) $("pin-told").textContent = told();
  redraw();
}

export function begin(whenSet) {
  onSet = whenSet;
  box = $("chart");
  canvas = box.querySelector("canvas");
  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", drag);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 200), spotOf(event));
  }, { passive: false });
  box.addEventListener("keydown", pressed);
  for (const button of $("chart-row").querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => zoom(button.dataset.zoom === "in" ? ZOOM : 1 / ZOOM));
  }
  $("chart-turf").addEventListener("change", (event) => {
    const one = ground.list().find(({ id }) => id === event.target.value);
    if (one) { isSet = false; $("pin-told").textContent = ""; look(one); }
  });
  ground.onChange(() => { drawn = new Map(); refresh(); whenSet(); });
  if (globalThis.ResizeObserver) new ResizeObserver(redraw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
