// The page behind a link without sign-in. The secret stands behind the "#": it is read here, taken out of the address
// and sent in a header, so that no log and no history keeps it. All texts come from the server and are set as text.
"use strict";
(function () {
  var body = document.body;
  var kind = body.getAttribute("data-kind");
  var where = "/v1/links/followed/" + kind;
  var secret = location.hash.slice(1);
  var language = null;
  var names = { help: "step", need: "answer", shift: "cancel", asset: "answer" };

  function $(id) { return document.getElementById(id); }

  if (!secret) {
    // a page that is loaded again has lost what stood behind the "#"; the tab remembers it, and nothing else does
    try { secret = sessionStorage.getItem("link " + kind) || ""; } catch (none) { secret = ""; }
  } else {
    try { sessionStorage.setItem("link " + kind, secret); } catch (none) { /* it works without, until it is loaded again */ }
    history.replaceState(null, "", location.pathname);
  }

  function make(tag, text, of) {
    var found = document.createElement(tag);
    if (text) found.textContent = text;
    if (of) of.appendChild(found);
    return found;
  }

  function empty(id) {
    var found = $(id);
    while (found.firstChild) found.removeChild(found.firstChild);
    return found;
  }

  function say(text) {
    $("trouble").textContent = text || "";
    $("trouble").hidden = !text;
  }

  function lost() {
    $("title").textContent = "Barnraiser";
    $("page").hidden = true;
    say(body.getAttribute("data-lost"));
  }

  function ask(method, path, sent, done) {
    var request = new XMLHttpRequest();
    request.open(method, path + (language ? "?language=" + encodeURIComponent(language) : ""));
    request.setRequestHeader("Authorization", "Bearer " + secret);
    request.setRequestHeader("Accept", "application/json");
    if (sent) request.setRequestHeader("Content-Type", "application/json");
    request.onload = function () {
      var told = null;
      try { told = JSON.parse(request.responseText); } catch (none) { told = null; }
      done(request.status, told);
    };
    request.onerror = function () { done(0, null); };
    request.send(sent ? JSON.stringify(sent) : null);
  }

  function load(after) {
    ask("GET", where, null, function (status, told) {
      if (status === 200) { show(told); if (after) say(after(told)); }
      else if (status === 401 || status === 404) lost();
      else say(body.getAttribute("data-no-answer"));
    });
  }

  function tell(sent) {
    say("");
    setBusy(true);
    ask("POST", where, sent, function (status, told) {
      setBusy(false);
      if (status === 200) { show(told); $("title").focus(); }
      else if (status === 401 || status === 404) lost();
      else if (status === 409) load(function (now) { return now.words.changed; });
      else say(body.getAttribute("data-no-answer"));
    });
  }

  function setBusy(busy) {
    var buttons = document.querySelectorAll("button");
    for (var n = 0; n < buttons.length; n += 1) buttons[n].disabled = busy;
  }

  function show(view) {
    say("");
    document.documentElement.lang = view.language;
    document.documentElement.dir = view.direction;
    document.title = view.title;
    $("title").textContent = view.title;
    $("lead").textContent = view.lead;
    $("note").textContent = view.note || "";
    $("note").hidden = !view.note;
    var facts = empty("facts");
    view.facts.forEach(function (fact) {
      make("dt", fact.label, facts);
      make("bdi", fact.value, make("dd", "", facts));
    });
    showPlace(view);
    showActions(view);
    showLanguages(view);
    $("page").hidden = false;
  }

  function showActions(view) {
    var all = empty("actions");
    view.actions.forEach(function (action) {
      var button = make("button", action.label, all);
      button.type = "button";
      button.className = action.is_main ? "main" : "";
      button.addEventListener("click", function () {
        if (action.question) askBack(view, action); else tell(sentFor(action.name));
      });
    });
  }

  function sentFor(name, reason) {
    var sent = {};
    sent[names[kind]] = kind === "shift" ? true : name;
    if (reason) sent.reason = reason;
    return sent;
  }

  // why, or whether one is sure: asked in place, so that a slip of the finger does nothing
  function askBack(view, action) {
    var all = empty("actions");
    var group = make("fieldset", "", all);
    make("legend", action.question, group);
    action.choices.forEach(function (choice) {
      var label = make("label", "", group);
      var input = make("input", "", label);
      input.type = "radio";
      input.name = "reason";
      input.value = choice.name;
      make("span", choice.label, label);
    });
    var go = make("button", action.choices.length ? view.words.send : action.label, all);
    go.type = "button";
    go.className = "main";
    go.addEventListener("click", function () {
      var chosen = group.querySelector("input:checked");
      if (action.choices.length && !chosen) { group.querySelector("input").focus(); return; }
      tell(sentFor(action.name, chosen && chosen.value));
    });
    var back = make("button", view.words.back, all);
    back.type = "button";
    back.addEventListener("click", function () { showActions(view); });
    (group.querySelector("input") || go).focus();
  }

  function showPlace(view) {
    var place = empty("place");
    place.hidden = !view.place;
    if (!view.place) return;
    var button = make("button", view.words.show_place, place);
    button.type = "button";
    button.addEventListener("click", function () {
      ask("POST", where + "/place", { show: true }, function (status, told) {
        if (status === 401) { lost(); return; }
        if (status !== 200) { load(function (now) { return now.words.changed; }); return; }
        empty("place");
        if (told.address) make("bdi", told.address, make("p", "", place)).className = "address";
        if (told.map) {
          var way = make("a", view.words.open_map, place);
          way.href = told.map;
          way.className = "button main";
        }
        make("p", told.note, place).className = "note";
      });
    });
  }

  function showLanguages(view) {
    $("language-label").textContent = view.words.language;
    var select = empty("language");
    view.languages.forEach(function (one) {
      var option = make("option", one.label, select);
      option.value = one.name;
      option.lang = one.name;
      option.selected = one.name === view.language;
    });
  }

  $("language").addEventListener("change", function () {
    language = $("language").value;
    load();
  });

  if (secret) load(); else lost();
})();
