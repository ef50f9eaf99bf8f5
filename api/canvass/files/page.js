// The first screen: enrolling this phone, choosing what to write down, and what still waits here.
import * as form from "/canvass/form.js";
import * as ground from "/canvass/ground.js";
import * as queue from "/canvass/queue.js";
import * as sending from "/canvass/sending.js";
import * as turf from "/canvass/turf.js";
import * as words from "/canvass/words.js";

const { t } = words;
const $ = (id) => document.getElementById(id);
const FILE_KIND = "barnraiser sealed entries";
let household = null;

function say(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
  if (text) $("done").hidden = true;
}

function praise(text) {
  $("done").textContent = text;
  $("done").hidden = !text;
  if (text) $("trouble").hidden = true;
}

async function ask(path, token, method) {
  const headers = { Authorization: "Bearer " + token, Accept: "application/json" };
  const answer = await fetch(path, { method, headers, credentials: "omit", cache: "no-store", redirect: "error" });
  return { status: answer.status, told: await answer.json().catch(() => null) };
}

// The key may have changed since; a phone that has none asks until it has one.
async function learnKey(token) {
  const { status, told } = await ask("/v1/entries/key", token, "GET");
  if (status === 200 && told && told.public) await queue.keep("key", told);
}

async function enrol(code) {
  const { status, told } = await ask("/v1/devices/enrol", code, "POST");
  if (status === 401) return say(t("This code was used already or is too old. Ask for a new one."));
  if (status !== 200 || !told || !told.token) return say(t("The server does not answer as it should. Try again."));
  await queue.keep("token", told.token);
  await queue.keep("unknown", undefined);
  await learnKey(told.token).catch(() => {});
  dispatchEvent(new Event("known"));
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  praise(t("This phone may now hand in entries."));
  await home();
  return sending.sendNow();
}

function codeIn(text) {
  const found = /bre_[A-Za-z0-9_-]+/.exec(text);
  return found ? found[0] : "";
}

async function tryToEnrol(text) {
  const code = codeIn(text);
  if (!code) return say(t("This is no code of a phone. It begins with bre_."));
  try {
    return await enrol(code);
  } catch (trouble) {
    return say(t("There is no signal. A phone needs one the first time."));
  }
}

async function home({ focus = true } = {}) {
  const token = await queue.own("token");
  $("welcome").hidden = Boolean(token);
  $("home").hidden = !token;
  if (!token) $("code").value = codeIn(location.hash) || $("code").value;
  await tellQueue();
  if (focus) (token ? $("home") : $("welcome")).querySelector("h1").focus();
}

function waits(count) {
  if (count === 0) return t("Nothing waits to be sent");
  return count === 1 ? t("1 not sent yet") : t("{count} not sent yet", { count });
}

function stuckRow(entry) {
  const row = document.createElement("li");
  const text = document.createElement("p");
  const when = new Date(entry.at).toLocaleString(words.language());
  text.textContent = t("The server did not take the entry of {when} ({why}). Save it to a file for an organizer, or try again.", { when, why: entry.why });
  const again = document.createElement("button");
  again.type = "button";
  again.className = "plain";
  again.textContent = t("Try again");
  again.addEventListener("click", async () => { await queue.mark([entry.id], { state: "waiting" }); sending.sendNow(); });
  row.append(text, again);
  return row;
}

async function tellQueue() {
  const { waiting, stuck } = await queue.counts();
  const [sent, unknown] = [(await queue.own("sent")) || 0, await queue.own("unknown")];
  const told = waits(waiting + stuck.length);
  $("waiting").textContent = sending.busy() && waiting ? told + " · " + t("sending…") : told;
  $("queued").textContent = unknown
    ? t("The server does not know this phone any more. Save the entries to a file for an organizer, or ask for a new code.")
    : told;
  $("sent").textContent = t("{count} sent from this phone", { count: sent });
  $("stuck").replaceChildren(...stuck.map(stuckRow));
  document.documentElement.dataset.waiting = waiting;
  document.documentElement.dataset.stuck = stuck.length;
}

async function saveToFile() {
  const entries = (await queue.all()).map(({ id, kind, box }) => ({ id, kind, box }));
  if (!entries.length) return praise(t("Nothing waits to be sent"));
  const blob = new Blob([JSON.stringify({ what: FILE_KIND, entries })], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `entries-${entries.length}-${entries[0].id.slice(0, 8)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return praise(t("Give the file to an organizer. The entries stay here too, and none counts twice."));
}

async function takeFile() {
  const [file] = $("take").files;
  $("take").value = "";
  if (!file) return;
  try {
    const told = JSON.parse(await file.text());
    const isWhole = (one) => [one.id, one.kind, one.box].every((text) => typeof text === "string" && text);
    if (told.what !== FILE_KIND || !told.entries.every(isWhole)) throw new TypeError();
    await queue.add(told.entries.map(({ id, kind, box }) => ({ id, kind, box, state: "waiting", at: Date.now() })));
    praise(t("{count} entries were taken in and will be sent.", { count: told.entries.length }));
    await tellQueue();
    sending.sendNow();
  } catch (trouble) {
    say(trouble.name === "QuotaExceededError" ? t("This phone is full.") : t("This is no file of entries."));
  }
}

async function finished(count, kept) {
  household = kept;
  $("again-row").hidden = !kept;
  await home();
  if (count) {
    praise(count === 1 ? t("Saved on this phone.") : t("{count} entries are saved on this phone.", { count }));
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    sending.sendNow();
  }
}

function listen() {
  $("enrol").addEventListener("submit", (event) => { event.preventDefault(); tryToEnrol($("code").value); });
  for (const button of document.querySelectorAll("[data-kind]")) {
    button.addEventListener("click", () => { praise(""); say(""); form.open(button.dataset.kind); });
  }
  $("again").addEventListener("click", () => { praise(""); form.openAgain(household); });
  $("send").addEventListener("click", () => sending.sendNow());
  $("rescue").addEventListener("click", () => saveToFile().catch(() => say(t("This could not be saved. What you typed is still here: try again."))));
  $("take").addEventListener("change", takeFile);
}

function keepPages() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/canvass/worker.js", { scope: "/canvass/" }).catch(() => {});
  const tell = () => { if (navigator.serviceWorker.controller) document.documentElement.dataset.offline = "ready"; };
  navigator.serviceWorker.addEventListener("controllerchange", tell);
  navigator.serviceWorker.ready.then(tell);
}

async function begin() {
  listen();
  keepPages();
  form.begin(say, finished);
  await words.begin(() => { form.refresh(); turf.refresh(); tellQueue(); });
  const code = codeIn(location.hash);
  if (location.hash) history.replaceState(null, "", "/canvass/");
  if (code) $("code").value = code;
  // before a draft is taken up, which may have a pin
  await ground.begin().catch(() => {});
  if (!(await form.restore())) await home({ focus: false });
  sending.onChange(tellQueue);
  const token = await queue.own("token");
  if (code) await tryToEnrol(code);
  else if (token) learnKey(token).catch(() => {});
  turf.begin().catch(() => {});
  document.documentElement.dataset.begun = "yes";
  await sending.begin();
}

begin().catch(() => say(t("This browser cannot keep entries. Leave private browsing, or use another browser.")));
