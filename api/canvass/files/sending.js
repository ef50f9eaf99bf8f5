// Sends what waits, a few at a time, whenever there seems to be a signal. An entry leaves this phone only when the
// server has named it as received; whatever else happens it stays and is sent again, and the server knows it again.
import * as queue from "/canvass/queue.js";

const MOST = 10;
const MOST_CHARS = 700000;
const PATIENCE_MS = 45000;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 300000;
const KEPT = new Set([408, 425, 429]);
let failures = 0;
let alone = 0;
let timer = 0;
let isBusy = false;
let tell = () => {};

export function onChange(listener) {
  tell = listener;
}

async function post(entries, token) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch("/v1/entries", {
      method: "POST", cache: "no-store", credentials: "omit", redirect: "error", signal: stop.signal,
      headers: { "Content-Type": "application/json", Authorization: "Bearer " + token },
      body: JSON.stringify({ entries: entries.map(({ id, kind, box }) => ({ id, kind, box })) }),
    }).then(async (answer) => ({
      status: answer.status, after: Number(answer.headers.get("Retry-After")) || 0,
      // what answers may not be our server at all, as where a network wants a sign-in first
      told: await answer.json().catch(() => null),
    }));
  } finally {
    clearTimeout(late);
  }
}

async function settle(entries, answer) {
  const sent = new Set(entries.map((entry) => entry.id));
  const results = ((answer.told && answer.told.results) || []).filter((result) => sent.has(result.id));
  const arrived = results.filter((result) => ["received", "already_received"].includes(result.status));
  const refused = results.filter((result) => result.status === "rejected" && [409, 422].includes(result.code));
  if (arrived.length) {
    await queue.remove(arrived.map((result) => result.id));
    await queue.keep("sent", ((await queue.own("sent")) || 0) + arrived.length);
  }
  for (const result of refused) await queue.mark([result.id], { state: "stuck", why: result.code });
  return arrived.length + refused.length;
}

// Tells how to go on: "more", "done", "later" or "stop".
async function sendSome() {
  const token = await queue.own("token");
  const entries = await queue.next(alone > 0 ? 1 : MOST, MOST_CHARS);
  if (!entries.length) return "done";
  if (!token) return "stop";
  const answer = await post(entries, token);
  if (answer.status === 401) {
    await queue.keep("unknown", true);
    return "stop";
  }
  if (await settle(entries, answer)) {
    alone = Math.max(0, alone - 1);
    return "more";
  }
  if (answer.status >= 400 && answer.status < 500 && !KEPT.has(answer.status)) {
    // one of them is at fault: they go one by one, and the one that fails alone is set aside
    if (entries.length === 1) await queue.mark([entries[0].id], { state: "stuck", why: answer.status });
    else alone = entries.length;
    return "more";
  }
  later(answer.after * 1000);
  return "later";
}

function later(least) {
  clearTimeout(timer);
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  failures += 1;
  // not all phones of a round at the same moment
  timer = setTimeout(send, Math.max(least, wait * (0.5 + Math.random())));
}

async function sendAll() {
  isBusy = true;
  await tell();
  try {
    for (let how = "more"; how === "more";) {
      how = await sendSome();
      if (how === "more" || how === "done") failures = 0;
      await tell();
    }
  } catch (trouble) {
    later(0);
  } finally {
    isBusy = false;
    await tell();
  }
}

export function busy() {
  return isBusy;
}

// Asked for by a person, or because a signal may have returned.
export function sendNow() {
  failures = 0;
  return send();
}

async function send() {
  clearTimeout(timer);
  if (isBusy) return;
  // of two open windows one sends
  if (navigator.locks) await navigator.locks.request("sending", { ifAvailable: true }, (lock) => (lock ? sendAll() : later(0)));
  else await sendAll();
}

export function begin() {
  addEventListener("online", sendNow);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sendNow(); });
  setInterval(() => { if (!isBusy && failures === 0) send(); }, 60000);
  return send();
}
