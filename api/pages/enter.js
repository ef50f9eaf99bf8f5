// Signing in. The secret of a one-time link stands behind the "#": it is read here, taken out of the address and
// sent in a header, so that no log and no history keeps it.
"use strict";
(function () {
  const $ = (id) => document.getElementById(id);
  const invitation = location.hash.length > 1 ? location.hash.slice(1) : null;
  const wanted = new URLSearchParams(location.search).get("next") || "";
  const onward = /^\/dash\/[a-z-]{0,20}$/.test(wanted) ? wanted : "/dash/";

  if (invitation) {
    history.replaceState(null, "", location.pathname + location.search);
    $("title").textContent = "Welcome";
    $("lead").textContent = "Choose a password for this map. If you already have one here, give that.";
    $("row-login").hidden = true;
    $("row-name").hidden = false;
    $("hint").hidden = false;
    $("foot").hidden = true;
    $("password").autocomplete = "new-password";
    $("password").minLength = 12;
    $("go").textContent = "Come in";
    $("password").focus();
  } else {
    $("login").focus();
  }

  function say(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = !text;
  }

  $("show").addEventListener("change", () => {
    $("password").type = $("show").checked ? "text" : "password";
  });

  function told() {
    const body = { password: $("password").value };
    if (invitation) {
      if ($("name").value.trim()) body.name = $("name").value.trim();
      return body;
    }
    body.login = $("login").value;
    if ($("code").value.trim()) body.code = $("code").value.trim();
    return body;
  }

  function sentence(problem, status) {
    const slug = String(problem.type || "").split("#")[1];
    if (slug === "code-needed") {
      const first = $("row-code").hidden;
      $("row-code").hidden = false;
      $("code").focus();
      return first ? "Your account also asks for the six digits of your authenticator app." : "These digits do not fit. Wait for the next ones and try again.";
    }
    if (slug === "sign-in-refused") return "This name and password do not go together.";
    if (slug === "sign-in-needed") return "This link has been used or is too old. Ask for a new one.";
    if (status === 429) return "Too many tries. Wait a little, then try again.";
    const reason = ((problem.errors || [])[0] || {}).reason;
    return reason || problem.detail || "Signing in did not work.";
  }

  // Until here the button is off, and with it the Enter key: a browser that sends a form by itself could write what
  // was typed into the address.
  $("go").disabled = false;
  $("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    if (!$("password").value || (!invitation && !$("login").value.trim())) {
      say(invitation ? "Choose a password." : "Give your name and password.");
      return;
    }
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    if (invitation) headers.Authorization = "Bearer " + invitation;
    $("go").disabled = true;
    try {
      const answer = await fetch(invitation ? "/v1/session/accept" : "/v1/session", {
        method: "POST", headers: headers, credentials: "same-origin", body: JSON.stringify(told()),
      });
      if (answer.ok) {
        location.replace(onward);
        return;
      }
      say(sentence(await answer.json().catch(() => ({})), answer.status));
    } catch (trouble) {
      say("The server does not answer. Is it still running?");
    } finally {
      $("go").disabled = false;
    }
  });
})();
