// What the map says: numbers as people write them, and sentences about a cell. Every text is set as text, never as markup.
window.barnraiserWords = function (state) {
  "use strict";
  const labels = new Map();

  const ON = { walk: "on foot", wheelchair: "by wheelchair", bicycle: "by bicycle", car: "by car" };

  function element(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function amount(value) {
    const whole = Math.round(value);
    return Math.abs(value - whole) < 0.05 ? whole.toLocaleString("en") : value.toFixed(1);
  }

  // As it fits into a badge: the words beside it keep the whole number.
  function short(value) {
    if (value < 1000) return amount(value);
    return value < 9950 ? (value / 1000).toFixed(1).replace(".0", "") + "k" : Math.round(value / 1000) + "k";
  }

  function plural(value, one, many) {
    const text = amount(value);
    return text + " " + (text === "1" ? one : many);
  }

  function labelOf(category) {
    return (labels.get(category) || String(category)).toLowerCase();
  }

  function coverageWords(place) {
    const kind = state.category ? labelOf(state.category) + " " : "";
    const whole = plural(place.demand, kind + "need", kind + "needs");
    const limit = "within " + plural(state.minutes, "minute", "minutes") + " " + (ON[state.mode] || "");
    if (place.gap < 0.05) return (amount(place.demand) === "1" ? "The " : "All ") + whole + " here can be met " + limit;
    return amount(place.gap) + " of " + whole + " here " + (amount(place.gap) === "1" ? "finds" : "find") + " no help " + limit;
  }

  function needs(p) {
    const urgent = (p.by_urgency && p.by_urgency.critical) || 0;
    const pressing = p.pressing ? ", " + amount(p.pressing) + " of them urgent or critical" : "";
    return plural(p.count, "open need here", "open needs here") + (urgent ? ", " + urgent + " of them critical" : pressing);
  }

  function coverageTip(place) {
    const tip = element("div", "br-tip");
    tip.appendChild(element("strong", "", coverageWords(place)));
    if (place.isLarger) {
      tip.appendChild(element("p", "", "Several cells together. Choose it to come closer."));
      return tip;
    }
    place.rows.slice().sort((a, b) => b.gap - a.gap).filter((row) => row.gap >= 0.05).slice(0, 3).forEach((row) => {
      const line = element("p", "");
      if (!state.category) line.appendChild(element("span", "br-kind", labelOf(row.category) + ": " + amount(row.gap) + " of " + amount(row.demand) + ". "));
      line.appendChild(document.createTextNode(row.why || ""));
      tip.appendChild(line);
    });
    return tip;
  }

  function assetTip(p, kind) {
    const tip = element("div", "br-tip");
    tip.appendChild(element("strong", "", p.name || kind));
    const offers = (p.categories || []).map(labelOf).join(", ");
    tip.appendChild(element("p", "", kind + (offers ? ": " + offers : "")));
    if (p.opening_hours) tip.appendChild(element("p", "", "Open " + p.opening_hours));
    if (p.step_free === "yes") tip.appendChild(element("p", "", "No steps at the door"));
    if (p.step_free === "no") tip.appendChild(element("p", "", "Steps at the door"));
    return tip;
  }

  return { labels, element, amount, short, plural, needs, coverage: coverageWords, coverageTip, assetTip };
};
