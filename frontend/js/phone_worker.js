// The service worker of the engineer's phone (views/phone.worker writes SHELL before it). It keeps the shell, answers with the day's pages
// where there is no signal, and sends the outbox when the signal is back. Which pages are kept, and whose, the page's own script decides.

import { known, send } from "./phone_outbox.js";

const SHELL = self.SHELL ?? [];
const KEPT = "shell";
const PATIENCE = 6_000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((shell) => shell.addAll(SHELL.map((url) => new Request(url, { cache: "reload" })))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(KEPT);
      for (const request of await shell.keys()) {
        const { pathname, search } = new URL(request.url);
        if (!SHELL.includes(pathname + search)) await shell.delete(request);
      }
      await self.clients.claim();
    })(),
  );
});

async function fromDay(request) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("day-")) continue;
    const found = await (await caches.open(name)).match(request, { ignoreVary: true });
    if (found) return found;
  }
  return undefined;
}

function inTime(request) {
  return new Promise((resolve, reject) => {
    const clock = setTimeout(() => reject(new Error("no answer in time")), PATIENCE);
    fetch(request).then(resolve, reject).finally(() => clearTimeout(clock));
  });
}

async function pageFor(request) {
  const kept = await fromDay(request.url);
  try {
    return await (kept ? inTime(request) : fetch(request));
  } catch {
    return kept ?? (await caches.match(SHELL[0], { ignoreVary: true })) ?? Response.error();
  }
}

async function shellFor(request) {
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await (await caches.open(KEPT)).put(request, fresh.clone());
    return fresh;
  } catch {
    return (await caches.match(request, { ignoreVary: true })) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(pageFor(request));
  else if (SHELL.includes(pathname + search)) event.respondWith(shellFor(request));
  else if (pathname.startsWith(new URL(self.registration.scope).pathname) && request.destination === "image")
    event.respondWith(fetch(request).catch(async () => (await fromDay(request)) ?? Response.error()));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox")
    event.waitUntil(
      (async () => {
        const way = await known("way");
        if (!way) return;
        const { trouble } = await send(way.person);
        for (const client of await self.clients.matchAll()) client.postMessage("outbox");
        if (trouble === "offline") throw new Error("still no signal"); // the browser tries again later
      })(),
    );
});
