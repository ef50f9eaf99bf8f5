// The line between a page and the server, watched from the page: what is the matter is said where it can be read,
// and nothing that stands on the page or was typed is touched. The framework opens a lost socket again by itself.
(function () {
  "use strict";
  if (window.barnraiserLine) return;
  window.barnraiserLine = true;

  const LOOKS_MS = 500, LONG_MS = 3000, ASKS_EVERY_MS = 15000, PATIENCE_MS = 6000, BACK_MS = 4000;
  const PAUSES_MS = [1000, 2000, 4000, 8000];
  // What follows what is the matter, by the names under which the page hands its words over.
  const THEN = { away: ["kept", "goesOn"], dataless: ["kept", "goesOn"], over: ["kept"], lost: ["kept", "goesOn"], slow: ["kept"], back: [] };

  const box = document.createElement("div");
  box.id = "br-line";
  box.setAttribute("role", "status");
  box.hidden = true;
  document.body.appendChild(box);

  let said = null;
  let tries = 0;
  let asking = false;
  let nextAsk = performance.now() + ASKS_EVERY_MS;
  let lastAsked = -Infinity;
  let runsSince = null;
  let told = null;

  // The page has the words, in its own language, which may be another by now.
  function words() {
    const found = document.querySelector("[data-goes-on]");
    return found ? found.dataset : {};
  }

  function link(text) {
    const made = document.createElement("a");
    const page = /^\/dash\/[a-z-]{0,20}$/.test(location.pathname) ? location.pathname : "/dash/";
    made.href = "/enter?next=" + page;
    made.target = "_blank";
    made.rel = "noopener";
    made.textContent = text;
    return made;
  }

  function say(what) {
    if (what === said) return;
    said = what;
    box.hidden = !what;
    box.dataset.says = what || "";
    box.replaceChildren();
    if (!what) return;
    const told = words();
    const strong = document.createElement("strong");
    strong.textContent = told[what] || "";
    box.append(strong, " ", THEN[what].map((name) => told[name] || "").join(" "));
    if (what === "over") box.append(" ", link(told.signIn || ""), " ", told.inATab || "");
  }

  // Without its cookie's session a page has no socket either, so the session is asked for then, and only then:
  // asking counts as use, and a page that is left open must not keep a session from ending.
  function question(connected) {
    return connected ? "/health/ready" : "/v1/session";
  }

  async function meaning(answer, connected) {
    if ([502, 503, 504].includes(answer.status)) return "dataless";
    if (connected) return null;
    return answer.ok && (await answer.json()).kind === "public" ? "over" : "lost";
  }

  async function ask(connected) {
    asking = true;
    lastAsked = performance.now();
    const ends = new AbortController();
    const timer = setTimeout(() => ends.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(question(connected), { cache: "no-store", credentials: "same-origin", signal: ends.signal });
      told = await meaning(answer, connected);
    } catch (trouble) {
      told = "away";
    } finally {
      clearTimeout(timer);
      asking = false;
      tries = told ? tries + 1 : 0;
      nextAsk = performance.now() + (told ? PAUSES_MS[Math.min(tries, PAUSES_MS.length) - 1] : ASKS_EVERY_MS);
    }
  }

  // A server that was started again knows none of the parts of a page that are drawn by themselves, until all is drawn.
  function drawAgain() {
    const button = document.querySelector(".st-key-line_again button");
    if (button) button.click();
  }

  function recover() {
    const was = said;
    told = null;
    if (!was || was === "back") return;
    if (was !== "slow") drawAgain();
    say(was === "slow" ? null : "back");
    setTimeout(() => { if (said === "back") say(null); }, BACK_MS);
  }

  // The framework's own words for a lost connection speak to whoever started the server, and cover the page.
  function closeTheirs() {
    document.querySelectorAll("[role=dialog]").forEach((dialog) => {
      const close = dialog.textContent.includes("Connection error") && dialog.querySelector("button[aria-label=Close]");
      if (close) close.click();
    });
  }

  function look() {
    const app = document.querySelector("[data-testid=stApp]");
    if (!app) return;
    const connected = app.dataset.testConnectionState === "CONNECTED";
    const runs = app.dataset.testScriptState === "running" || app.dataset.testScriptState === "rerunRequested";
    const now = performance.now();
    runsSince = runs ? runsSince || now : null;
    const isLong = runsSince !== null && now - runsSince > LONG_MS;
    if (!connected) closeTheirs();
    const isQuiet = connected && !isLong;
    const due = told || isQuiet ? nextAsk : Math.min(nextAsk, lastAsked + LONG_MS);
    if (!asking && now >= due && !(isQuiet && !told && document.hidden)) ask(connected);
    if (told && (told === "away" || told === "dataless" || !connected)) say(told);
    else if (isLong) say("slow");
    else if (connected) recover();
  }

  window.addEventListener("offline", () => { nextAsk = 0; });
  window.addEventListener("online", () => { nextAsk = 0; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) nextAsk = 0; });
  setInterval(look, LOOKS_MS);
})();
