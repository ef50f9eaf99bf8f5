// Needs referred to a partner, for whoever has no program of their own. The key is kept in this script alone and sent
// in a header; nothing of it or of what is shown is stored, and the page forgets both when it is closed.
"use strict";
(function () {
  const $ = (id) => document.getElementById(id);
  const OWN = "/v1/partner/referrals";
  const STATES = {
    waiting: "Waits for your answer", accepted: "You said yes", served: "You served it", declined: "You declined",
    not_eligible: "You said: not eligible", full: "You said: full", withdrawn: "Taken back", expired: "Its time is over",
  };
  const SAY = {
    accepted: "We take it", served: "It is served", declined: "We decline", not_eligible: "Not eligible", full: "We are full",
  };
  const REASONS = {
    outside_area: "Outside our area", cannot_reach: "We cannot reach them", not_our_help: "Not the help we give",
    no_language: "No language in common", other: "Another reason",
  };
  let key = null;

  function say(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = !text;
  }

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  async function ask(path, body) {
    const headers = { Authorization: "Bearer " + key };
    const how = body ? { method: "POST", body: JSON.stringify(body) } : {};
    if (body) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(path, { headers, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", ...how });
    } catch {
      throw new Error("The server does not answer. Try again in a moment.");
    }
    if (answer.status === 401 || (answer.status === 404 && path === OWN)) {
      forget();
      throw new Error("This key opens nothing, or no longer. Ask the network for a new one.");
    }
    const told = await answer.json();
    if (!answer.ok) throw new Error(((told.errors || [])[0] || {}).reason || told.detail || "That did not work.");
    return told;
  }

  function forget() {
    key = null;
    $("list").replaceChildren();
    $("page").hidden = true;
    $("enter").hidden = false;
    $("key").value = "";
    $("key").focus();
  }

  async function attempt(doing) {
    say("");
    try {
      await doing();
    } catch (trouble) {
      say(trouble.message);
    }
  }

  async function draw() {
    const found = [];
    let next = null;
    do {
      const page = await ask(OWN + "?limit=1000" + (next ? "&cursor=" + encodeURIComponent(next) : ""));
      found.push(...page.items);
      next = page.next;
    } while (next);
    const open = found.filter((one) => one.answers.length);
    $("enter").hidden = true;
    $("page").hidden = false;
    $("lead").textContent = open.length === 1 ? "1 need is with you." : open.length ? open.length + " needs are with you." : "No need is with you now.";
    const rest = found.filter((one) => !one.answers.length).reverse().slice(0, 20);
    $("list").replaceChildren(...[...open, ...rest].map(line));
    $("title").focus();
  }

  function day(told) {
    return new Date(told).toLocaleDateString(undefined, { day: "numeric", month: "long" });
  }

  function line(one) {
    const made = element("li");
    const what = one.category ? one.category.replaceAll("_", " ") : "A need";
    made.append(element("h2", (what[0].toUpperCase() + what.slice(1)) + (one.service ? " · " + one.service : "")));
    const running = one.answers.length > 0;
    const when = running ? "until " + day(one.expires_at) : day(one.answered_at || one.expires_at);
    made.append(element("p", STATES[one.state] + " · " + when, one.is_due_soon ? "soon" : running ? "" : "over"));
    if (running) made.append(...doing(one));
    return made;
  }

  function doing(one) {
    const place = element("dl");
    const look = element("button", "Show where it is");
    look.type = "button";
    look.addEventListener("click", () => attempt(async () => {
      const need = await ask(OWN + "/" + one.id + "/need");
      place.replaceChildren();
      const at = need.geometry && need.geometry.coordinates;
      const facts = { place: at ? at[1] + ", " + at[0] : "no place is known", ...need.properties };
      for (const [name, value] of Object.entries(facts)) {
        place.append(element("dt", name.replaceAll("_", " ")), element("dd", Array.isArray(value) ? value.join(", ") || "–" : String(value ?? "–")));
      }
    }));
    const answers = one.answers.map((said) => button(one, said));
    return [look, place, ...answers];
  }

  function button(one, said) {
    if (said !== "declined") {
      const made = element("button", SAY[said], said === "accepted" || (one.state === "accepted" && said === "served") ? "main" : "");
      made.type = "button";
      made.addEventListener("click", () => send(one, { outcome: said }));
      return made;
    }
    const made = element("p");
    const label = element("label", SAY.declined + ": ");
    const choice = element("select");
    choice.append(new Option("choose why", ""), ...Object.entries(REASONS).map(([value, words]) => new Option(words, value)));
    choice.addEventListener("change", () => choice.value && send(one, { outcome: "declined", reason: choice.value }));
    label.append(choice);
    made.append(label);
    return made;
  }

  function send(one, body) {
    return attempt(async () => {
      await ask(OWN + "/" + one.id + "/answer", body);
      await draw();
    });
  }

  $("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    key = $("key").value.trim();
    $("key").value = "";
    attempt(draw);
  });
  $("again").addEventListener("click", () => attempt(draw));
  $("leave").addEventListener("click", () => { say(""); forget(); });
})();
