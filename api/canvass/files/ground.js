// The ground this phone carries with its turfs: streets, water, buildings and addresses, as everybody may know them.
// It is kept for where there is no signal, and leaves the phone with its turf.
import * as queue from "/canvass/queue.js";
import { t } from "/canvass/words.js";

const KEPT = "ground:";
const DEGREE_M = 111320;
const FRESH_MS = 6 * 3600000;
const AT_M = 8;
const NEAR_M = 300;
const WAYS = [
  (values) => t("{metres} m east of {address}", values),
  (values) => t("{metres} m north-east of {address}", values),
  (values) => t("{metres} m north of {address}", values),
  (values) => t("{metres} m north-west of {address}", values),
  (values) => t("{metres} m west of {address}", values),
  (values) => t("{metres} m south-west of {address}", values),
  (values) => t("{metres} m south of {address}", values),
  (values) => t("{metres} m south-east of {address}", values),
];
let grounds = [];
let plane = null;
let changed = () => {};

export const list = () => grounds;
export const onChange = (listener) => { changed = listener; };

// Metres east and north of one corner for all turfs: near enough to true for a town.
export const toMetres = (lon, lat) => [(lon - plane.lon) * plane.east_m, (lat - plane.lat) * DEGREE_M];
export const toDegrees = (x, y) => [plane.lon + x / plane.east_m, plane.lat + y / DEGREE_M];

function line(told, steps) {
  const found = [];
  let [east, north] = [0, 0];
  for (let at = 0; at < steps.length; at += 2) {
    east += steps[at];
    north += steps[at + 1];
    found.push(toMetres(told.origin_lon + east * told.step_deg, told.origin_lat + north * told.step_deg));
  }
  return found;
}

function unpack({ name, told }) {
  const lines = (steps) => steps.map((one) => line(told, one));
  const shapes = (rings) => rings.map(lines);
  const place = (east, north) => [told.origin_lon + east * told.step_deg, told.origin_lat + north * told.step_deg];
  return {
    name, id: told.turf_id, attribution: told.attribution, corners: [[0, 0], [told.width, told.height]].map((one) => toMetres(...place(...one))),
    outline: shapes(told.outline), water: shapes(told.water), green: shapes(told.green), buildings: shapes(told.buildings),
    paths: lines(told.paths), streets: told.streets.map(([street, found]) => [street, lines(found)]),
    addresses: told.addresses.map(([names, town, doors]) => ({
      names, town,
      doors: doors.map(([number, east, north]) => {
        const [lon, lat] = place(east, north);
        return { number, lon, lat, xy: toMetres(lon, lat), accuracy_m: told.door_m };
      }),
    })),
  };
}

function use(kept) {
  const whole = kept.filter((one) => one.told && one.told.addresses && one.told.outline);
  const [first] = whole;
  plane = first ? {
    lon: first.told.origin_lon, lat: first.told.origin_lat,
    east_m: DEGREE_M * Math.max(0.01, Math.cos(first.told.origin_lat * Math.PI / 180)),
  } : null;
  grounds = whole.map(unpack);
  document.documentElement.dataset.grounds = grounds.length;
  changed();
}

export async function begin() {
  use(await queue.listOwn(KEPT));
}

async function fetchOne(token, walk) {
  const headers = { Authorization: "Bearer " + token, Accept: "application/json" };
  const answer = await fetch("/v1/my-turfs/" + walk.turf.id + "/ground", { headers, credentials: "omit", cache: "no-store", redirect: "error" });
  return answer.status === 200 ? answer.json() : null;
}

// A ground is asked for once and again after some hours; one that is too large for a full phone is done without.
export async function learn(token, walks) {
  const kept = await queue.listOwn(KEPT);
  const carried = new Set(walks.map((walk) => walk.turf.id));
  const gone = kept.filter((one) => !carried.has(one.id));
  for (const one of gone) await queue.keep(KEPT + one.id, undefined);
  let isNew = gone.length > 0;
  for (const walk of walks) {
    const known = kept.find((one) => one.id === walk.turf.id);
    const age = known ? Date.now() - known.at : Infinity;
    if (known && known.name === walk.turf.name && age >= 0 && age < FRESH_MS) continue;
    const told = await fetchOne(token, walk).catch(() => null);
    if (!told) continue;
    await queue.keep(KEPT + walk.turf.id, { id: walk.turf.id, name: walk.turf.name, at: Date.now(), told }).catch(() => {});
    isNew = true;
  }
  if (isNew) use(await queue.listOwn(KEPT));
}

export const written = (street, number, names = street.names) => (names[0] + " " + number).trim();

function nearestDoor(xy) {
  let [found, away] = [null, NEAR_M];
  for (const one of grounds) {
    for (const street of one.addresses) {
      for (const door of street.doors) {
        const far = Math.hypot(door.xy[0] - xy[0], door.xy[1] - xy[1]);
        if (far < away) [found, away] = [{ label: written(street, door.number), xy: door.xy }, far];
      }
    }
  }
  return found && { ...found, away };
}

function awayFrom([x, y], [ax, ay], [bx, by]) {
  const long = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = long ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long)) : 0;
  return Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y);
}

function nearestStreet(xy) {
  let [found, away] = [null, NEAR_M];
  for (const [name, lines] of grounds.flatMap((one) => one.streets)) {
    for (const points of lines) {
      for (let at = 1; at < points.length; at += 1) {
        const far = awayFrom(xy, points[at - 1], points[at]);
        if (far < away) [found, away] = [name, far];
      }
    }
  }
  return found;
}

// Says in words where a place is, for whoever does not see the map.
export function describe(xy) {
  const door = nearestDoor(xy);
  if (!door) {
    const street = nearestStreet(xy);
    return street ? t("near {street}", { street }) : t("no address is near");
  }
  if (door.away <= AT_M) return t("at {address}", { address: door.label });
  const turn = Math.atan2(xy[1] - door.xy[1], xy[0] - door.xy[0]);
  const way = WAYS[(Math.round(turn / (Math.PI / 4)) + 8) % 8];
  return way({ metres: Math.round(door.away / 5) * 5 || 5, address: door.label });
}
