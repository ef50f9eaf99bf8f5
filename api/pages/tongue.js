// Tells the browser, and whoever has the page read out, which language the page is in and which way it runs.
(function () {
  "use strict";
  const told = document.querySelector("[data-tongue]");
  if (!told) return;
  const [language, direction] = told.dataset.tongue.split(" ");
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
})();
