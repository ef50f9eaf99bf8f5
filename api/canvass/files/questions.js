// Questions of campaigns, asked of needs after our own: kept on the phone for where there is no signal, shown while their
// conditions hold. What our own questions ask already is not asked twice; conditions see what was typed there.
import * as queue from "/canvass/queue.js";
import { language, t } from "/canvass/words.js";

const MOST_FORMS = 5;
const AGAIN_MS = 600000;
const MAX_CHARS = 2000;
const ASKED = new Set(["text", "integer", "decimal", "date", "select_one", "select_multiple", "note"]);
const page = document.getElementById("form");
const checked = (name) => Array.from(page.querySelectorAll(`[name="${name}"]:checked`), (one) => one.value).join(" ");
const written = (name) => page.elements[name].value.trim();
const OURS = {
  "need.category": () => checked("category"),
  "need.urgency": () => checked("urgency"),
  "household.size": () => written("household_size"),
  "household.languages": () => checked("spoken"),
  "household.access": () => checked("access"),
  "location.address": () => (checked("where") === "address" ? written("address") : ""),
  "contact.name": () => written("contact_name"),
  "contact.phone": () => written("phone"),
  "contact.email": () => written("email"),
  "contact.channel": () => checked("channel"),
  "contact.consent": () => checked("consent"),
  "entry.note": () => written("note"),
  "entry.for_other": () => checked("for_other") || "no",
};
// there before the other pages count the steps; one that asks nothing is for nobody
const steps = Array.from({ length: MOST_FORMS }, () => {
  const step = document.createElement("fieldset");
  step.dataset.step = "campaign";
  step.dataset.for = "";
  step.hidden = true;
  page.querySelector("[data-step=check]").before(step);
  return step;
});
let parts = [];
let built = "[]";

function make(tag, inside = [], values = {}) {
  const made = Object.assign(document.createElement(tag), values);
  made.append(...inside);
  return made;
}

// Days since 1970 for a day, so that days can be compared as numbers are.
function asNumber(value) {
  if (typeof value !== "string") return Number(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return Date.parse(value) / 86400000;
  return value.trim() ? Number(value) : NaN;
}

function today() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

function equal(a, b) {
  if (typeof a === "boolean" || typeof b === "boolean") return truth(a) === truth(b);
  return typeof a === "number" || typeof b === "number" ? asNumber(a) === asNumber(b) : a === b;
}

const truth = (value) => (typeof value === "number" ? Boolean(value) : value !== "" && value !== false);
const wordsIn = (value) => String(value).split(" ").filter(Boolean);
const WORKED_OUT = {
  and: (a, b) => truth(a()) && truth(b()),
  or: (a, b) => truth(a()) || truth(b()),
  not: (a) => !truth(a()),
  "=": (a, b) => equal(a(), b()),
  "!=": (a, b) => !equal(a(), b()),
  "<": (a, b) => asNumber(a()) < asNumber(b()),
  "<=": (a, b) => asNumber(a()) <= asNumber(b()),
  ">": (a, b) => asNumber(a()) > asNumber(b()),
  ">=": (a, b) => asNumber(a()) >= asNumber(b()),
  selected: (a, b) => wordsIn(a()).includes(String(b())),
  count: (a) => wordsIn(a()).length,
  length: (a) => String(a()).length,
  today,
  true: () => true,
  false: () => false,
};

// Conditions come as nested lists, an operation before its parts; nothing of them is ever run as a program.
function workOut(condition, part, self, on) {
  const [operation, ...inside] = condition;
  if (operation === "text" || operation === "number") return inside[0];
  if (operation === "self") return self;
  if (operation === "ref") return answerOf(part, inside[0], on);
  return WORKED_OUT[operation](...inside.map((inner) => () => workOut(inner, part, self, on)));
}

function isRelevant(part, one, on) {
  return !one.question.relevant || truth(workOut(one.question.relevant, part, "", on));
}

function answerOf(part, name, on = []) {
  const one = part.asked.get(name);
  if (!one || on.includes(name)) return "";
  const ours = OURS[one.question.field];
  if (ours) return ours();
  return one.box && isRelevant(part, one, [...on, name]) ? one.read() : "";
}

function say(texts, part) {
  const found = texts || {};
  const first = found[language()] || found[part.form.default_language] || Object.values(found)[0] || "";
  return first.replace(/\$\{([^}]*)\}/g, (_, name) => answerOf(part, name));
}

// A text that is written anew when the language, or an answer it repeats, changes.
function told(part, tag, texts, more = "") {
  const node = make(tag, [], { dir: "auto" });
  part.texts.push(() => { node.textContent = say(texts, part) + more; });
  return node;
}

function typedBox(part, question, name) {
  const types = { integer: "number", decimal: "number", date: "date" };
  const field = make("input", [], { name, type: types[question.type] || "text", maxLength: MAX_CHARS, autocomplete: "off" });
  if (question.type === "text") field.dir = "auto";
  if (question.type === "integer") field.inputMode = "numeric";
  if (question.type === "decimal") field.step = "any";
  field.required = Boolean(question.required);
  const label = make("label", [told(part, "span", question.labels, question.required ? " *" : "")]);
  if (question.hints) label.append(" ", told(part, "small", question.hints));
  label.append(field);
  return { box: label, field, read: () => field.value.trim() };
}

function chosenBox(part, question, name) {
  const type = question.type === "select_one" ? "radio" : "checkbox";
  const choices = (question.choices || []).map((choice) => make("label", [
    make("input", [], { type, name, value: choice.name }), told(part, "span", choice.labels),
  ], { className: "choice" }));
  const legend = make("legend", [make("h2", [told(part, "span", question.labels, question.required ? " *" : "")])]);
  const hint = question.hints ? [make("p", [told(part, "small", question.hints)], { className: "soft" })] : [];
  const box = make("fieldset", [legend, ...hint, ...choices]);
  return { box, field: box.querySelector("input"), read: () => checked(name) };
}

function ask(part, question) {
  if (question.field || !ASKED.has(question.type)) return { question, box: null };
  const name = `campaign/${part.form.id}/${question.name}`;
  if (question.type === "note") return { question, box: make("p", [told(part, "span", question.labels)]), read: () => "" };
  return { question, ...(question.type.startsWith("select") ? chosenBox : typedBox)(part, question, name) };
}

function build(forms) {
  built = JSON.stringify(forms);
  parts = forms.slice(0, MOST_FORMS).map((form, at) => {
    const part = { form, step: steps[at], texts: [], asked: new Map() };
    for (const question of form.questions) part.asked.set(question.name, ask(part, question));
    const title = make("h1", [form.title], { tabIndex: -1, dir: "auto" });
    part.step.replaceChildren(make("legend", [title]), ...Array.from(part.asked.values(), ({ box }) => box).filter(Boolean));
    return part;
  });
  for (const step of steps.slice(parts.length)) step.replaceChildren();
  refresh();
}

export function refresh() {
  for (const step of steps) step.dataset.for = "";
  for (const part of parts) {
    for (const one of part.asked.values()) {
      if (!one.box) continue;
      one.box.hidden = !isRelevant(part, one, []);
      if (!one.box.hidden && one.read && one.question.type !== "note") part.step.dataset.for = "need";
    }
    for (const write of part.texts) write();
  }
}

// Complains with a text and the field it is about.
export function check(step, complain) {
  const part = parts.find((one) => one.step === step);
  for (const one of part ? part.asked.values() : []) {
    const { question, box, field } = one;
    if (!field || box.hidden) continue;
    const answer = one.read();
    const isNone = answer === "" && field.validity.valid !== false;
    if (question.required && answer === "" && !field.validity.badInput) complain(t("Answer this question."), field);
    const isWrong = field.validity.badInput || (question.type === "integer" && !isNone && !/^[+-]?\d{1,9}$/.test(answer));
    const holds = answer === "" || !question.constraint || truth(workOut(question.constraint, part, answer, []));
    if (isWrong || !holds) complain(say(question.constraint_messages, part) || t("This answer cannot be used."), field);
  }
}

// What was answered, by form, for the entry it goes with.
export function answers() {
  const found = parts.map((part) => {
    const own = Array.from(part.asked.entries()).filter(([, one]) => one.field && !one.box.hidden);
    return { form: part.form.id, answers: Object.fromEntries(own.map(([name, one]) => [name, one.read()]).filter(([, text]) => text)) };
  }).filter((one) => Object.keys(one.answers).length);
  return found.length ? { custom: found } : {};
}

async function learn() {
  const token = await queue.own("token");
  if (!token) return;
  const headers = { Authorization: "Bearer " + token, Accept: "application/json" };
  const answer = await fetch("/canvass/forms.json", { headers, credentials: "omit", cache: "no-store", redirect: "error" });
  const found = answer.status === 200 ? (await answer.json()).items : null;
  if (!Array.isArray(found)) return;
  await queue.keep("forms", found);
  // nothing changes under the hands of whoever is asking
  if (document.getElementById("ask").hidden && JSON.stringify(found) !== built) build(found);
  document.documentElement.dataset.forms = found.length;
}

export async function begin() {
  build((await queue.own("forms").catch(() => null)) || []);
  page.addEventListener("input", refresh);
  page.addEventListener("change", refresh);
  const again = () => learn().catch(() => {});
  addEventListener("online", again);
  addEventListener("known", again);
  setInterval(again, AGAIN_MS);
  again();
}
