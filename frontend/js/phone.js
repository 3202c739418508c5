// The engineer's phone: keeps the day's pages for when there is no signal, takes every deed into the outbox first, sends it at once if
// it can, and shows what waits. Without this script the same forms post by themselves.

import { all, forget, keep, know, known, newKey, send } from "./phone_outbox.js";
import "./phone_scan.js";

// Where a deed leads, so that the job goes on while nothing can be sent. The server has the last word.
const LEADS = { accept: "accepted", arrive: "working", hold: "held", resume: "working", complete: "done", accept_work: "closed", incomplete: "incomplete", refuse_site: "incomplete", refuse: "waiting" };
const LONGEST_SIDE = 1600, LARGEST_PHOTO = 600_000;

const phone = document.getElementById("phone");
const words = document.getElementById("outbox-words");
const { person, day } = phone.dataset;

function word(name) {
  return words.getAttribute(`data-${name}`) ?? name;
}

// Keeping the day

async function keepDay() {
  for (const name of await caches.keys()) if (name.startsWith("day-") && name !== `day-${person}-${day}`) await caches.delete(name);
  const kept = await caches.open(`day-${person}-${day}`);
  const own = location.pathname;
  const pages = own === phone.dataset.dayUrl ? [own, ...[...document.querySelectorAll("a[data-keep]")].map((link) => link.pathname)] : [own, phone.dataset.dayUrl];
  for (const page of new Set(pages)) {
    const answer = await fetch(page, { redirect: "manual", credentials: "same-origin" });
    if (answer.ok) await kept.put(page, answer);
    else await kept.delete(page);
  }
  for (const image of document.querySelectorAll(".photos img")) {
    const answer = await fetch(image.src, { redirect: "manual", credentials: "same-origin" });
    if (answer.ok) await kept.put(image.src, answer);
  }
}

async function begin() {
  const worker = "serviceWorker" in navigator;
  if (worker) {
    await navigator.serviceWorker.register(phone.dataset.worker, { scope: phone.dataset.dayUrl, updateViaCache: "none" });
    navigator.serviceWorker.addEventListener("message", async () => { await settle(); await draw(); });
  }
  const before = await known("way");
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  await know("way", { url: phone.dataset.actions, token, person, device: before?.device ?? newKey() });
  if (await reachable()) await settle();
  await draw();
  await flush();
  if (worker && window.caches && (await reachable())) await keepDay();
  document.documentElement.dataset.phoneReady = "";
}

// The page was shown from the cache if the server can't be asked now; then nothing it says of conflicts is news.
async function reachable() {
  return navigator.onLine;
}

// The server is the judge of conflicts: what its page no longer shows is settled, given up or done anew.
async function settle() {
  const open = new Set([...document.querySelectorAll("[data-unsettled]")].map((each) => each.dataset.unsettled));
  for (const row of await all(person)) {
    if (row.state === "applied") await forget(row.seq);
    else if (["conflict", "refused"].includes(row.state) && !open.has(row.key) && row.told_on !== shownAt) await forget(row.seq);
  }
}
const shownAt = phone.dataset.seen;

// Showing the outbox

async function draw(trouble = "") {
  const rows = await all(person);
  const waiting = rows.filter((row) => row.state !== "applied").length;
  const box = document.getElementById("outbox");
  localStorage.setItem("sanbao-waiting", String(waiting));
  box.hidden = !rows.length;
  const title = box.querySelector("[data-outbox-title]"), note = box.querySelector("[data-outbox-note]");
  title.textContent = waiting ? title.dataset.words.replace("{count}", waiting) : title.dataset.sent;
  note.textContent = trouble ? note.dataset[trouble] ?? "" : waiting && !navigator.onLine ? note.dataset.offline : "";
  const list = box.querySelector("[data-outbox-list]"), row_ = box.querySelector("[data-outbox-row]");
  list.replaceChildren(
    ...rows.map((row) => {
      const line = row_.content.firstElementChild.cloneNode(true);
      line.dataset.state = row.state;
      const clock = new Date(row.device_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      line.querySelector(".outbox-what").textContent = `${clock} ${row.number} · ${word(`deed-${row.name}`)}`;
      line.querySelector(".outbox-state").textContent = `· ${word(row.state)}`;
      line.querySelector(".outbox-sentence").textContent = row.sentence ?? "";
      return line;
    }),
  );
  box.querySelector("[data-outbox-send]").hidden = !waiting;
  advance(rows);
}

function leadsTo(rows, order, state) {
  for (const row of rows)
    if (String(row.order) === order && ["queued", "sending", "behind"].includes(row.state)) state = LEADS[row.name] ?? state;
  return state;
}

function say(place, state, before) {
  const badge = place.querySelector("[data-job-state] .tone");
  if (badge && state !== before) badge.textContent = `${word(`state-${state}`)} · ${word("queued")}`;
}

// The job as it is once what waits is done: its state, and which forms are offered.
function advance(rows) {
  for (const card of document.querySelectorAll("[data-job]")) say(card, leadsTo(rows, card.dataset.job, card.dataset.state), card.dataset.state);
  if (!phone.dataset.order) return;
  const state = leadsTo(rows, phone.dataset.order, phone.dataset.state);
  say(phone, state, phone.dataset.state);
  for (const form of document.querySelectorAll("[data-in]")) form.hidden = !form.dataset.in.split(" ").includes(state);
  const next = document.querySelector(`[data-deed-of="${state === "done" ? "accept_work" : ""}"]`);
  if (next && state !== phone.dataset.state) next.open = true;
}

// Sending

async function flush() {
  const { trouble, answers } = await send(person);
  for (const row of await all(person))
    if (["conflict", "refused"].includes(row.state) && !row.told_on) await keep({ ...row, told_on: shownAt });
  await draw(trouble);
  if (trouble && trouble !== "reload") {
    const ready = await navigator.serviceWorker?.ready.catch(() => null);
    await ready?.sync?.register("outbox").catch(() => null);
  }
  return { trouble, answers };
}

// After entries of an earlier moment were sent the page is old: show it anew, unless somebody is writing.
async function flushAndShow() {
  const { answers } = await flush();
  const writing = document.activeElement?.matches("input, textarea, select") || document.querySelector("[data-dirty]");
  if (answers.length && !writing) location.reload();
}

addEventListener("online", flushAndShow);
addEventListener("offline", () => draw());
document.querySelector("[data-outbox-send]")?.addEventListener("click", flushAndShow);

// Photographs are made small before they are kept or sent.

async function shrunk(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  let text = "";
  for (const quality of [0.82, 0.7, 0.55, 0.4]) {
    text = canvas.toDataURL("image/jpeg", quality).split(",")[1];
    if (text.length <= LARGEST_PHOTO) break;
  }
  return text;
}

async function payloadOf(form) {
  const payload = {};
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken" || name === "once") continue;
    if (value instanceof File) {
      if (value.size) payload.data = await shrunk(value);
    } else if (name in payload) payload[name] = [].concat(payload[name], value);
    else payload[name] = value;
  }
  return { ...payload, ...(await placeOf(form)) };
}

// The place of arrival, only where it was agreed to, to some hundred metres (PIPL 28).
async function placeOf(form) {
  if (!form.querySelector("[data-place]:checked")) return {};
  const here = await new Promise((done) =>
    navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), () => done(null), { timeout: 8000, maximumAge: 60000 }),
  );
  return here ? { latitude: here.latitude.toFixed(3), longitude: here.longitude.toFixed(3) } : {};
}

if ("geolocation" in navigator) for (const choice of document.querySelectorAll("[data-place-choice]")) choice.hidden = false;

function tell(form, sentence, tone) {
  const place = form.querySelector("[data-deed-refusal]");
  if (!place) return;
  const box = document.createElement("div");
  box.className = `alert alert-${tone}`;
  box.setAttribute("role", tone === "danger" ? "alert" : "status");
  box.textContent = sentence;
  place.replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-deed]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button:not([type=button])");
  if (button.disabled) return;
  button.disabled = true;
  try {
    await take(form);
  } finally {
    button.disabled = false;
  }
});

async function take(form) {
  const { order, number, seen } = phone.dataset, name = form.dataset.deed, key = newKey();
  let payload;
  try {
    payload = await payloadOf(form);
  } catch {
    payload = { data: "" }; // no picture: the server says so in its own words
  }
  try {
    await keep({ key, person, order: Number(order), number, name, payload, device_at: new Date().toISOString(), seen_at: seen, live: navigator.onLine, state: "queued", sentence: "" });
  } catch {
    tell(form, words.dataset.full, "danger");
    return;
  }
  await draw();
  const { answers } = await flush();
  const told = answers.find((each) => each.key === key);
  if (!told || told.result === "waiting") {
    tell(form, words.dataset.kept, "success");
    form.reset();
    if (form.closest("details")) form.closest("details").open = false;
    await draw();
  } else if (told.result === "applied") {
    if (["refuse", "incomplete", "refuse_site"].includes(name)) location.assign(phone.dataset.dayUrl);
    else location.reload();
  } else if (told.action === null) tell(form, told.sentence, "danger");
  else location.reload();
}

begin();
