// Keeps the pages on the phone. The server puts the version and the list of files in; both change with any file.
const VERSION = "{{ version }}";
const FILES = {{ files }};
const OURS = "canvass-";

self.addEventListener("install", (event) => {
  // past the browser's own cache, so that a version is of one piece
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(OURS + VERSION).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(OURS) && name !== OURS + VERSION;
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith("/canvass")) return;
  const wanted = event.request.mode === "navigate" ? "/canvass/" : url.pathname;
  event.respondWith(caches.open(OURS + VERSION).then((cache) => cache.match(wanted)).then((kept) => kept || fetch(event.request)));
});
