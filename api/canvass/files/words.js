// The language of the pages. All of them are on the phone, so it can be changed at a door without a signal; what was
// typed stays, because only texts are exchanged.
import * as queue from "/canvass/queue.js";

const select = document.getElementById("language");
const known = Array.from(select.options, (option) => option.value);
let words = {};

export function t(text, values = {}) {
  return (words[text] || text).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

export function language() {
  return document.documentElement.lang;
}

async function use(code) {
  const answer = code === "en" ? null : await fetch("/canvass/words/" + code + ".json");
  words = answer ? await answer.json() : {};
  const chosen = select.options[known.indexOf(code)];
  document.documentElement.lang = code;
  document.documentElement.dir = chosen.dir;
  select.value = code;
  document.getElementById("unreviewed").hidden = !chosen.text.endsWith("*");
  for (const place of document.querySelectorAll("[data-t]")) {
    place.dataset.t = place.dataset.t || place.textContent;
    place.textContent = t(place.dataset.t);
  }
}

export async function begin(changed) {
  const wanted = [await queue.own("language").catch(() => null), ...navigator.languages.map((one) => one.split("-")[0]), "en"];
  await use(wanted.find((one) => known.includes(one))).catch(() => use("en"));
  select.addEventListener("change", async () => {
    const before = language();
    await use(select.value).catch(() => use(before));
    queue.keep("language", language()).catch(() => {});
    changed();
  });
}
