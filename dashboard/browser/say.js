// What a map says: fixed words of ours that the page hands over in its own language, numbers and plurals as it has them.
window.barnraiserSpeak = function (words) {
  "use strict";
  const plurals = new Intl.PluralRules(words.language);
  const whole = new Intl.NumberFormat(words.numbers, { maximumFractionDigits: 0, useGrouping: "always" });
  const broken = new Intl.NumberFormat(words.numbers, { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: "always" });

  function fill(text, parts) {
    return text.replace(/\{(\w+)\}/g, (found, name) => (parts && name in parts ? String(parts[name]) : found));
  }

  // Expected counts may be fractions, which keep one decimal.
  function near(value) {
    return Math.abs(value - Math.round(value)) < 0.05 ? Math.round(value) : value;
  }

  function amount(value) {
    return (Number.isInteger(near(value)) ? whole : broken).format(near(value));
  }

  function word(name, parts) {
    return fill(words.said[name] || "", parts);
  }

  // Says something of a number of things, in the form their number takes.
  function count(name, value, parts) {
    const forms = words.counted[name] || {};
    return fill(forms[plurals.select(near(value))] || forms.other || "", Object.assign({ count: amount(value) }, parts));
  }

  document.documentElement.lang = words.language;
  document.documentElement.dataset.direction = words.direction;
  window.barnraiserSay = { word: word, count: count, amount: amount };
};
