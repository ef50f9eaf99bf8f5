// What the map says: numbers as people write them, and sentences about a cell. Every text is set as text, never as markup.
window.barnraiserWords = function (state) {
  "use strict";
  const labels = new Map();

  const say = window.barnraiserSay, amount = say.amount;

  function element(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // As it fits into a badge: the words beside it keep the whole number.
  function short(value) {
    if (value < 1000) return amount(value);
    return value < 9950 ? (value / 1000).toFixed(1).replace(".0", "") + "k" : Math.round(value / 1000) + "k";
  }

  function labelOf(category) {
    return (labels.get(category) || String(category)).toLowerCase();
  }

  function coverageWords(place) {
    const kind = state.category ? labelOf(state.category) : "";
    const of = kind ? "_of_kind" : "";
    const limit = say.word("within", { minutes: say.count("minutes", state.minutes), mode: say.word("on_" + state.mode) });
    if (place.gap < 0.05) return say.count("met" + of, place.demand, { kind: kind, limit: limit });
    const parts = { gap: amount(place.gap), demand: amount(place.demand), kind: kind, limit: limit };
    return parts.demand === "1" ? say.word("missed_one" + of, parts) : say.count("missed" + of, place.gap, parts);
  }

  function needs(p) {
    const urgent = (p.by_urgency && p.by_urgency.critical) || 0;
    const open = say.count("open_here", p.count);
    if (urgent) return say.word("and_critical", { needs: open, count: amount(urgent) });
    return p.pressing ? say.word("and_pressing", { needs: open, count: amount(p.pressing) }) : open;
  }

  function coverageTip(place) {
    const tip = element("div", "br-tip");
    tip.appendChild(element("strong", "", coverageWords(place)));
    if (place.isLarger) {
      tip.appendChild(element("p", "", say.word("several")));
      return tip;
    }
    place.rows.slice().sort((a, b) => b.gap - a.gap).filter((row) => row.gap >= 0.05).slice(0, 3).forEach((row) => {
      const line = element("p", "");
      if (!state.category) line.appendChild(element("span", "br-kind", say.word("row", { kind: labelOf(row.category), gap: amount(row.gap), demand: amount(row.demand) }) + " "));
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
    if (p.opening_hours) tip.appendChild(element("p", "", say.word("opens", { hours: p.opening_hours })));
    if (p.step_free === "yes") tip.appendChild(element("p", "", say.word("no_steps")));
    if (p.step_free === "no") tip.appendChild(element("p", "", say.word("steps")));
    return tip;
  }

  return { labels, element, short, needs, coverage: coverageWords, coverageTip, assetTip };
};
