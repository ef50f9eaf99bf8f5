// The doors this phone carries: kept for where there is no signal, in walking order, each with what was met there.
import * as ground from "/canvass/ground.js";
import * as queue from "/canvass/queue.js";
import * as words from "/canvass/words.js";

const { t } = words;
const $ = (id) => document.getElementById(id);
const MET = {
  visited: () => t("Somebody opened"),
  nobody_home: () => t("Nobody home"),
  refused: () => t("They did not want to talk"),
  come_back: () => t("Come back later"),
  not_found: () => t("No such door"),
};
const WAITS = "visit:";
const MOST = 100;
const AGAIN_MS = 60000;
let walks = [];
let noted = {};
let isBusy = false;

async function ask(path, token, body) {
  const headers = { Authorization: "Bearer " + token, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  const how = { method: body ? "POST" : "GET", headers, credentials: "omit", cache: "no-store", redirect: "error" };
  const answer = await fetch(path, body ? { ...how, body: JSON.stringify(body) } : how);
  return { status: answer.status, told: await answer.json().catch(() => null) };
}

// What is no longer carried leaves the phone as soon as the server says so, with all that was noted of it.
async function learn(token) {
  const { status, told } = await ask("/v1/my-turfs", token);
  if (status !== 200 || !told || !told.items) return;
  const found = await Promise.all(told.items.map(({ id }) => ask("/v1/my-turfs/" + id, token)));
  walks = found.filter((one) => one.status === 200 && one.told && one.told.doors).map((one) => one.told);
  const carried = new Set(walks.map((walk) => walk.turf.id));
  noted = Object.fromEntries(Object.entries(noted).filter(([key]) => carried.has(key.split("/")[0])));
  await queue.keep("walks", walks);
  await queue.keep("noted", noted);
  await ground.learn(token, walks);
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let now = Date.now();
  for (let at = 5; at >= 0; at -= 1) { bytes[at] = now % 256; now = Math.floor(now / 256); }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// On the disk before anybody is told so. Of a door that was noted only that is remembered, not what was met there.
async function note(walk, door, outcome, row) {
  const visit = { id: newId(), turf_id: walk.turf.id, position: door.position, outcome, device_at: new Date().toISOString() };
  await queue.keep(WAITS + visit.id, visit);
  noted[walk.turf.id + "/" + door.position] = true;
  await queue.keep("noted", noted);
  row.querySelector(".met").textContent = MET[outcome]() + " ✓";
  row.classList.add("noted");
  tell();
  send();
}

function doorRow(walk, door) {
  const row = document.createElement("li");
  const name = document.createElement("p");
  const met = document.createElement("span");
  const choices = document.createElement("div");
  name.id = "door-" + walk.turf.id + "-" + door.position;
  name.className = "door";
  name.textContent = (door.street + " " + door.number).trim() + " ";
  met.className = "met soft";
  met.setAttribute("role", "status");
  if (noted[walk.turf.id + "/" + door.position]) { met.textContent = "✓"; row.classList.add("noted"); }
  name.append(met);
  choices.className = "row";
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-labelledby", name.id);
  for (const [outcome, text] of Object.entries(MET)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = text();
    button.addEventListener("click", () => note(walk, door, outcome, row).catch(() => { met.textContent = t("This phone is full."); }));
    choices.append(button);
  }
  row.append(name, choices);
  return row;
}

function walkPart(walk) {
  const part = document.createElement("section");
  const title = document.createElement("h2");
  const list = document.createElement("ul");
  title.textContent = walk.turf.name;
  title.dir = "auto";
  list.append(...walk.doors.map((door) => doorRow(walk, door)));
  part.append(title);
  if (walk.turf.note) {
    const said = document.createElement("p");
    said.textContent = walk.turf.note;
    said.dir = "auto";
    part.append(said);
  }
  part.append(list);
  return part;
}

function tell() {
  const all = walks.reduce((sum, walk) => sum + walk.doors.length, 0);
  const done = walks.reduce((sum, walk) => sum + walk.doors.filter((door) => noted[walk.turf.id + "/" + door.position]).length, 0);
  $("to-turf").hidden = !all;
  $("turf-far").textContent = t("{done} of {all} doors", { done, all });
}

async function sendSome(token) {
  const waiting = (await queue.listOwn(WAITS)).slice(0, MOST);
  if (!waiting.length) return false;
  const { told } = await ask("/v1/visits", token, { sent_at: new Date().toISOString(), visits: waiting });
  const settled = ((told && told.results) || []).filter(({ id }) => waiting.some((visit) => visit.id === id));
  for (const { id } of settled) await queue.keep(WAITS + id, undefined);
  return settled.length > 0;
}

// A visit leaves this phone only when the server has named it.
async function send() {
  const token = await queue.own("token");
  if (isBusy || !token) return;
  isBusy = true;
  try {
    while (await sendSome(token)) tell();
  } catch (trouble) {
    // there is no signal; it is tried again
  } finally {
    isBusy = false;
  }
  document.documentElement.dataset.visits = (await queue.listOwn(WAITS)).length;
}

export function refresh() {
  $("walks").replaceChildren(...walks.map(walkPart));
  tell();
}

function show(isTurf) {
  $("turf").hidden = !isTurf;
  $("home").hidden = isTurf;
  (isTurf ? $("turf") : $("home")).querySelector("h1").focus();
}

export async function begin() {
  walks = (await queue.own("walks")) || [];
  noted = (await queue.own("noted")) || {};
  $("to-turf").addEventListener("click", () => { refresh(); show(true); });
  $("from-turf").addEventListener("click", () => show(false));
  refresh();
  const again = async () => {
    const token = await queue.own("token");
    if (!token) return;
    await send();
    await learn(token).then($("turf").hidden ? refresh : tell).catch(() => {});
  };
  addEventListener("online", again);
  setInterval(again, AGAIN_MS);
  return again();
}
