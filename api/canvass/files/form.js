// The questions: one short list a screen. What is typed lives in this page alone until it is saved, and is put aside
// only while the page is in the background, where a phone may end it (the camera of a small phone does).
import * as questions from "/canvass/questions.js";
import * as queue from "/canvass/queue.js";
import * as place from "/canvass/place.js";
import { newId, seal } from "/canvass/sealing.js";
import { shrink } from "/canvass/photo.js";
import { language, t } from "/canvass/words.js";

const $ = (id) => document.getElementById(id);
const form = $("form");
const steps = Array.from(form.querySelectorAll("fieldset[data-step]"));
const FORM_VERSION = Number(document.body.dataset.form);
const DRAFT_HOURS = 12;
let kind = "";
let at = 0;
let photo = null;
let household = null;
let say = () => {};
let finished = () => {};

const mine = () => steps.filter((step) => step.dataset.for.split(" ").includes(kind));
const value = (name) => { const field = form.elements[name]; return (field.value || "").trim(); };
const checked = (name) => Array.from(form.querySelectorAll(`[name=${name}]:checked`), (one) => one.value);
const number = (name) => Number(value(name));

class Wrong extends Error {
  constructor(text, field) {
    super(text);
    this.field = field;
  }
}

function demand(holds, text, name) {
  if (!holds) throw new Wrong(t(text), name && form.querySelector(`[name=${name}]`));
}

const CHECKS = {
  what: () => demand(checked("category").length, "Choose what is needed.", "category"),
  who: () => {
    demand(value("public_name"), "Say what others may call them.", "public_name");
    demand(checked("helps").length, "Choose what they help with.", "helps");
    demand(form.elements.per_week.checkValidity() && value("per_week"), "Give a number from 1 to 50.", "per_week");
  },
  thing: () => {
    demand(value("asset_name"), "Give it a name.", "asset_name");
    demand(value("asset_kind"), "Say what it is.", "asset_kind");
    demand(checked("offers").length, "Choose what it helps with.", "offers");
  },
  household: () => demand(form.elements.household_size.checkValidity() && value("household_size"), "Give a number from 1 to 50.", "household_size"),
  where: () => {
    const isKnown = place.isKnown();
    demand(isKnown || place.way() !== "gps", "The position is not known. Wait, or choose another way.", "where");
    demand(isKnown || place.way() !== "address", "Type the address, or choose another way.", "address");
    demand(isKnown || place.way() !== "pin", "Move the map until the pin is at the place, or choose another way.", "where");
  },
  contact: () => {
    if (checked("consent")[0] !== "yes") return;
    demand(/^([+0-9 ()/.-]{3,40})?$/.test(value("phone")), "A telephone number has digits and spaces alone.", "phone");
    demand(/^([^@\s]{1,64}@[^@\s]{1,189})?$/.test(value("email")), "This is no e-mail address.", "email");
    demand(value("contact_name") || value("phone") || value("email"), "Write down how to reach them, or choose no.", "contact_name");
  },
};

function check(step) {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  (CHECKS[step.dataset.step] || (() => {}))();
  questions.check(step, (text, field) => { throw new Wrong(text, field); });
}

function complain(trouble) {
  if (!(trouble instanceof Wrong)) throw trouble;
  say(trouble.message);
  if (trouble.field) {
    trouble.field.setAttribute("aria-invalid", "true");
    trouble.field.setAttribute("aria-describedby", "trouble");
    trouble.field.focus();
  }
}

function show(step, { focus = true } = {}) {
  questions.refresh();
  const list = mine();
  at = Math.max(0, Math.min(step, list.length - 1));
  for (const one of steps) one.hidden = one !== list[at];
  const isLast = at === list.length - 1;
  $("next").hidden = isLast;
  $("save").hidden = !isLast;
  if (isLast) summarize();
  refresh();
  say("");
  if (focus) {
    scrollTo(0, 0);
    list[at].querySelector("h1").focus();
  }
}

// Whatever of the texts is made here and not in the page itself.
export function refresh() {
  questions.refresh();
  if (!kind) return;
  const list = mine();
  $("progress").textContent = t("Step {step} of {steps}", { step: at + 1, steps: list.length });
  $("picture").setAttribute("aria-label", t("The photo"));
  if (list[at].dataset.step === "check") summarize();
  place.refresh();
}

function consentChanged() {
  $("reach").hidden = checked("consent")[0] !== "yes";
}

function labelOf(field) {
  const label = field.closest("label");
  const text = label.querySelector("[data-t]") || label.querySelector("span");
  return text.textContent;
}

function summarize() {
  const rows = [];
  for (const step of mine().slice(0, -1)) {
    const title = step.querySelector("h1").textContent;
    const told = Array.from(step.querySelectorAll("input, textarea"))
      .filter((field) => !field.closest("[hidden]") || field.closest("[hidden]") === step)
      .filter((field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.type !== "file" && field.value.trim()))
      .map((field) => (["checkbox", "radio"].includes(field.type) ? labelOf(field) : `${labelOf(field)}: ${field.value.trim()}`));
    if (step.dataset.step === "where") told.push(...place.summary());
    if (step.dataset.step === "more" && photo) told.push(t("The photo"));
    rows.push([title, told.join(" · ") || "–"]);
  }
  $("summary").replaceChildren(...rows.flatMap(([title, told]) => {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = title;
    text.textContent = told;
    text.dir = "auto";
    return [term, text];
  }));
}

function contact() {
  if (checked("consent")[0] !== "yes") return null;
  const given = { name: value("contact_name"), phone: value("phone"), email: value("email") };
  const kept = Object.fromEntries(Object.entries(given).filter(([, text]) => text));
  return { ...kept, preferred_channel: checked("channel")[0], consent: true };
}

// The bodies of the records this becomes: for a need one each kind of help, of the same household.
function bodies() {
  const location = place.place();
  if (kind === "asset") {
    return [{
      kind: value("asset_kind"), name: value("asset_name"), categories: checked("offers"), location,
      step_free: checked("step_free")[0], is_private: checked("is_private").length > 0,
    }];
  }
  const both = { languages: checked("spoken"), location, contact: contact() };
  if (kind === "helper") {
    return [{
      ...both, public_name: value("public_name"), categories: checked("helps"), vehicle: checked("vehicle")[0],
      capacity_per_week: number("per_week"),
    }];
  }
  const needs = checked("category");
  if (needs.length > 1) household = household || newId();
  return needs.map((category) => ({
    ...both, category, urgency: checked("urgency")[0], household_size: number("household_size"),
    access: checked("access"), ...(household ? { household_id: household } : {}),
  }));
}

function madeAt() {
  const now = new Date();
  return now.getUTCFullYear() >= 2000 && now.getUTCFullYear() < 2100 ? now.toISOString() : null;
}

async function save() {
  const key = await queue.own("key");
  if (!key) throw new Wrong(t("This phone has not met the server yet. Find a signal once, then save."));
  const common = {
    form: FORM_VERSION, made_at: madeAt(), language: language(), for_other: place.isForOther(),
    position: place.measured(), note: value("note") || null,
  };
  const entries = [];
  for (const [index, body] of bodies().entries()) {
    const id = newId();
    const box = await seal(key.public, { ...common, photo: index === 0 ? photo : null, body, ...(index === 0 && kind === "need" ? questions.answers() : {}) }, id, kind);
    entries.push({ id, kind, box, state: "waiting", at: Date.now() });
  }
  await queue.add(entries);
  return entries.length;
}

function typed() {
  const fields = Array.from(new FormData(form)).filter(([, text]) => typeof text === "string");
  return { kind, at, household, photo, fields, place: place.kept(), kept: Date.now() };
}

function fill(fields) {
  form.reset();
  for (const [name, text] of fields) {
    const field = form.elements[name];
    if (!field) continue;
    const options = field instanceof RadioNodeList ? Array.from(field) : [field];
    for (const one of options) {
      if (["checkbox", "radio"].includes(one.type)) one.checked = one.checked || one.value === text;
      else one.value = text;
    }
  }
}

function start(wanted) {
  kind = wanted;
  consentChanged();
  $("home").hidden = true;
  $("ask").hidden = false;
}

export function open(wanted) {
  form.reset();
  household = null;
  dropPhoto();
  start(wanted);
  place.restore();
  show(0);
}

// Another need of the household that was just written down: only what is needed is asked anew.
export function openAgain(kept) {
  fill(kept.fields.filter(([name]) => !["category", "urgency", "note", "where"].includes(name)));
  household = kept.household;
  dropPhoto();
  start("need");
  place.restore();
  show(0);
}

export async function restore() {
  await questions.begin();
  const kept = await queue.own("draft").catch(() => null);
  if (!kept || Date.now() - kept.kept > DRAFT_HOURS * 3600000) return false;
  fill(kept.fields.filter(([name, text]) => !(name === "where" && text === "gps")));
  ({ household, photo } = kept);
  start(kept.kind);
  place.restore(kept.place);
  show(kept.at);
  return true;
}

export const isOpen = () => !$("ask").hidden;

function dropPhoto() {
  photo = null;
  $("photo").value = "";
  $("picture-row").hidden = true;
}

async function takePhoto() {
  const [file] = $("photo").files;
  if (!file) return;
  try {
    photo = await shrink(file, $("picture"));
    $("picture-row").hidden = false;
    say("");
  } catch (trouble) {
    dropPhoto();
    say(t("This photo cannot be read. Take it again as JPEG, or go on without."));
  }
}

async function close(count, again) {
  await queue.keep("draft", undefined).catch(() => {});
  form.reset();
  kind = "";
  dropPhoto();
  $("ask").hidden = true;
  await finished(count, again);
}

async function submit() {
  const list = mine();
  try {
    check(list[at]);
    if (at < list.length - 1) return show(at + 1);
    $("save").disabled = true;
    if (kind === "need") household = household || newId();
    const kept = typed();
    const count = await save();
    return await close(count, kept.kind === "need" ? kept : null);
  } catch (trouble) {
    if (trouble.name === "QuotaExceededError") {
      return say(t("This phone is full. Nothing that was saved is lost. Send what waits or make room, then save again."));
    }
    if (trouble instanceof Wrong) return complain(trouble);
    return say(t("This could not be saved. What you typed is still here: try again."));
  } finally {
    $("save").disabled = false;
  }
}

export function begin(complainTo, whenFinished) {
  say = complainTo;
  finished = whenFinished;
  place.begin(say);
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  $("back").addEventListener("click", () => (at > 0 ? show(at - 1) : close(0, null)));
  $("photo").addEventListener("change", takePhoto);
  $("no-photo").addEventListener("click", () => { dropPhoto(); $("photo").focus(); });
  form.addEventListener("change", (event) => {
    if (event.target.name === "consent") consentChanged();
  });
  document.addEventListener("visibilitychange", () => {
    if (isOpen()) queue.keep("draft", document.hidden ? typed() : undefined).catch(() => {});
  });
}
