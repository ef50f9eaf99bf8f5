// The hotline: what somebody on the line needs, typed by whoever answers. What was typed stays in this tab until the
// server has said that it has it; each call has one id, so that sending it again makes nothing twice.
"use strict";
(function () {
  const $ = (id) => document.getElementById(id);
  const KINDS = [
    ["food", "Food"], ["water", "Drinking water"], ["medicine", "Medicine"], ["shelter", "Shelter"], ["transport", "Transport"],
    ["childcare", "Childcare"], ["company", "Company"], ["household", "Household help"], ["paperwork", "Paperwork"], ["hygiene", "Hygiene"],
  ];
  const TONGUES = ["en", "es", "fi", "sv", "ar", "so", "uk", "ru", "zh", "et", "fa", "fr", "ku", "vi"];
  const FIELDS = ["people", "urgency", "language", "address", "name", "phone", "note"];
  const KEPT = "hotline";
  const LONGEST_S = 60;
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  let queue = [], call = newCall(), offers = [], chosen = -1, asked = 0, timer = 0, wait_s = 2, sending = false, over = false;

  KINDS.forEach(([value, label], index) => {
    const row = document.createElement("label"), input = document.createElement("input"), shown = document.createElement("span");
    const key = document.createElement("b");
    input.type = "radio"; input.name = "category"; input.value = value;
    key.textContent = String((index + 1) % 10);
    key.setAttribute("aria-hidden", "true");
    shown.append(key, label);
    row.append(input, shown);
    $("choices").append(row);
  });
  TONGUES.forEach((code) => $("language").append(new Option(names.of(code), code)));

  function newCall() {
    const bytes = crypto.getRandomValues(new Uint8Array(16)), at = Date.now();
    for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(at / 2 ** (8 * (5 - i))) % 256;
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  const category = () => (document.querySelector("input[name=category]:checked") || {}).value || "";

  function typed() {
    const draft = { call, category: category(), consent: $("consent").checked };
    FIELDS.forEach((name) => { draft[name] = $(name).value; });
    return draft;
  }

  function keep() {
    sessionStorage.setItem(KEPT, JSON.stringify({ draft: typed(), queue }));
  }

  function fill(draft) {
    call = draft.call;
    FIELDS.forEach((name) => { $(name).value = draft[name]; });
    $("consent").checked = draft.consent;
    document.querySelectorAll("input[name=category]").forEach((input) => { input.checked = input.value === draft.category; });
  }

  function fresh() {
    call = newCall();
    $("form").reset();
    hide();
    say("");
    keep();
    document.querySelector("input[name=category]").focus();
  }

  function say(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = !text;
  }

  function tell(text, late) {
    $("state").textContent = text;
    $("state").className = late ? "state late" : "state";
  }

  function entry() {
    const body = { category: category(), urgency: $("urgency").value, household_size: Number($("people").value) };
    if ($("language").value) body.languages = [$("language").value];
    const address = $("address").value.trim();
    if (address) body.location = { address };
    const contact = {};
    ["name", "phone", "note"].forEach((name) => { if ($(name).value.trim()) contact[name] = $(name).value.trim(); });
    if (Object.keys(contact).length) body.contact = { ...contact, consent: true, ...(contact.phone ? { preferred_channel: "phone" } : {}) };
    return { id: call, kind: "need", device_at: new Date().toISOString(), body };
  }

  function fault() {
    const people = Number($("people").value);
    if (!category()) return ["What is needed? Choose one.", document.querySelector("input[name=category]")];
    if (!Number.isInteger(people) || people < 1 || people > 50) return ["Say for how many people, 1 to 50.", $("people")];
    if ($("phone").value.trim() && !/^[+0-9 ()/.-]{3,40}$/.test($("phone").value.trim())) return ["This phone number cannot be used.", $("phone")];
    const told = ["name", "phone", "note"].some((name) => $(name).value.trim());
    if (told && !$("consent").checked) return ["Ask whether this may be kept, and tick it. Without a yes, empty name, phone and what they said.", $("consent")];
    return null;
  }

  function save() {
    const wrong = fault();
    if (wrong) {
      say(wrong[0]);
      wrong[1].focus();
      return;
    }
    queue.push(entry());
    fresh();
    wait_s = 2;
    send();
  }

  async function ask(method, path, body) {
    const how = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
    if (body !== undefined) {
      how.body = JSON.stringify(body);
      how.headers["Content-Type"] = "application/json";
    }
    const answer = await fetch(path, how);
    return { status: answer.status, body: answer.status === 204 ? {} : await answer.json() };
  }

  // one at a time: what the server refuses comes back to be corrected, and the others go on
  async function send() {
    if (sending || !queue.length) return;
    sending = true;
    clearTimeout(timer);
    const next = queue[0];
    tell(queue.length > 1 ? `Sending, ${queue.length} left …` : "Sending …");
    try {
      const answer = await ask("POST", "/v1/submissions", { entries: [next] });
      const result = (answer.body.results || [])[0];
      if (result && result.status !== "rejected") {
        queue.shift();
        tell("Saved. The next call, please.");
        wait_s = 2;
      } else if (result) {
        giveBack(next, result);
      } else {
        later(answer.status);
      }
    } catch (trouble) {
      later(0);
    }
    sending = false;
    keep();
    if (queue.length && !timer) send();
  }

  function giveBack(refused, result) {
    queue.shift();
    const now = typed(), begun = now.category || now.address || now.name || now.phone || now.note;
    const reason = ((result.errors || [])[0] || {}).reason || "it cannot be used";
    if (begun) {
      // whoever is on the line now comes first
      queue.push(refused);
      tell("A call before this one was not taken: " + reason + ". It stays here; finish this one first.", true);
      timer = setTimeout(() => { timer = 0; send(); }, LONGEST_S * 1000);
      return;
    }
    const body = refused.body, contact = body.contact || {};
    fill({
      call: newCall(), category: body.category, urgency: body.urgency, people: body.household_size, language: (body.languages || [""])[0],
      address: (body.location || {}).address || "", name: contact.name || "", phone: contact.phone || "", note: contact.note || "", consent: Boolean(body.contact),
    });
    tell("");
    say("This was not taken: " + reason + ".");
  }

  function later(status) {
    over = status === 401;
    const many = queue.length === 1 ? "1 call is" : `${queue.length} calls are`;
    tell(`${many} not sent yet. What you typed is kept in this tab.`, true);
    if (over) {
      const link = document.createElement("a");
      link.href = "/enter?next=/dash/hotline";
      link.target = "_blank";
      link.textContent = "Sign in again in another tab";
      $("state").append(" ", link, ".");
    }
    timer = setTimeout(() => { timer = 0; send(); }, wait_s * 1000);
    wait_s = Math.min(wait_s * 2, LONGEST_S);
  }

  // -- addresses while they are typed

  async function suggest() {
    const q = $("address").value.trim(), mine = asked += 1;
    if (q.length < 2) {
      hide();
      return;
    }
    try {
      const answer = await ask("POST", "/v1/geocode/suggest", { q, limit: 5 });
      // what was asked for earlier may be answered later
      if (mine === asked && document.activeElement === $("address")) show(answer.body.suggestions || []);
    } catch (trouble) {
      hide();
    }
  }

  function show(found) {
    offers = found;
    chosen = -1;
    $("offers").replaceChildren(...found.map((one, index) => {
      const row = document.createElement("li");
      row.id = "offer-" + index;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.textContent = one.label;
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
      return row;
    }));
    $("offers").hidden = !found.length;
    $("address").setAttribute("aria-expanded", String(Boolean(found.length)));
    $("address").removeAttribute("aria-activedescendant");
  }

  function hide() {
    show([]);
  }

  function mark(index) {
    chosen = (index + offers.length) % offers.length;
    [...$("offers").children].forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    $("address").setAttribute("aria-activedescendant", "offer-" + chosen);
  }

  function take(index) {
    const one = offers[index];
    $("address").value = one.kind === "street" ? one.label + " " : one.label;
    hide();
    keep();
  }

  let pause = 0;
  $("address").addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(suggest, 150); });
  $("address").addEventListener("blur", hide);
  $("address").addEventListener("keydown", (event) => {
    if (!offers.length || event.ctrlKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      mark(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      take(chosen);
    } else if (event.key === "Escape") {
      hide();
    } else {
      return;
    }
    event.preventDefault();
  });

  // -- whoever asked for a person by text message

  async function lookWho() {
    try {
      const answer = await ask("GET", "/v1/text-conversations?state=handed_over&limit=100");
      const found = (answer.body.items || []).filter((one) => !one.taken_at);
      $("waiting").hidden = !found.length;
      const known = new Set([...$("people-waiting").children].map((row) => row.dataset.id));
      // what is being read stays as it is
      [...$("people-waiting").children].forEach((row) => { if (!found.some((one) => one.id === row.dataset.id) && !row.dataset.open) row.remove(); });
      found.filter((one) => !known.has(one.id)).forEach((one) => $("people-waiting").append(whoWaits(one)));
    } catch (trouble) {
      // it is asked again in a while
    }
    setTimeout(lookWho, 30000);
  }

  function whoWaits(one) {
    const row = document.createElement("li"), told = document.createElement("span");
    const see = document.createElement("button"), done = document.createElement("button");
    const at = new Date(one.handed_over_at).toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
    row.dataset.id = one.id;
    told.textContent = one.language ? `${at}, in ${names.of(one.language)}` : at;
    see.type = done.type = "button";
    see.textContent = "Show number";
    see.title = "It is noted that you looked";
    done.textContent = "I see to it";
    see.className = "quiet";
    see.addEventListener("click", async () => {
      see.disabled = true;
      try {
        const shown = await ask("POST", `/v1/needs/${one.need_id}/reveal`, { what: "contact", reason: "asked for a person by text message" });
        told.textContent += ": " + ((shown.body.contact || {}).phone || "no number is kept");
        row.dataset.open = "1";
        see.remove();
      } catch (trouble) {
        see.disabled = false;
      }
    });
    done.addEventListener("click", async () => {
      done.disabled = true;
      try {
        const taken = await ask("POST", `/v1/text-conversations/${one.id}/taken`, { taken: true });
        if (taken.status === 200) row.remove();
      } finally {
        done.disabled = false;
        $("waiting").hidden = !$("people-waiting").children.length;
      }
    });
    row.append(told, see, done);
    return row;
  }

  // -- the page

  if (window.top !== window) document.documentElement.className = "framed";

  $("form").addEventListener("submit", (event) => { event.preventDefault(); save(); });
  $("form").addEventListener("input", () => { say(""); keep(); });
  $("clear").addEventListener("click", fresh);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
      return;
    }
    const writes = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (!writes && !event.ctrlKey && !event.altKey && !event.metaKey && /^[0-9]$/.test(event.key)) {
      const input = document.querySelectorAll("input[name=category]")[(Number(event.key) + 9) % 10];
      input.checked = true;
      input.focus();
      keep();
    }
  });
  window.addEventListener("online", () => { wait_s = 2; send(); });
  window.addEventListener("beforeunload", (event) => { if (queue.length) event.preventDefault(); });

  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    if (kept) {
      queue = kept.queue;
      fill(kept.draft);
    }
  } catch (trouble) {
    sessionStorage.removeItem(KEPT);
  }
  (document.querySelector("input[name=category]:checked") || document.querySelector("input[name=category]")).focus();
  send();
  lookWho();
})();
