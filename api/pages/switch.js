// Going over to another network: the answer sets the session's cookie, so the browser itself has to ask.
"use strict";
(async function () {
  const network = document.querySelector("[data-network]").dataset.network;
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  try {
    await fetch("/v1/session/network", {
      method: "POST", headers: headers, credentials: "same-origin", body: JSON.stringify({ network: network }),
    });
  } finally {
    window.location.replace("/dash/");
  }
})();
