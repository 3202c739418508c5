// What was done on the phone and is not settled yet: kept in the browser's own database, sent in its order, each thing once by its key.
// The page and the service worker share it. A row: {seq, key, person, order, number, name, payload, device_at, seen_at, state, sentence}.

const MOST_IN_ONE = 20, MOST_BYTES = 850_000;

function database() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("sanbao-phone", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("entries", { keyPath: "seq", autoIncrement: true });
      asked.result.createObjectStore("known");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(store, mode, work) {
  const base = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction(store, mode);
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    base.close();
  }
}

export const all = async (person) => (await within("entries", "readonly", (rows) => rows.getAll())).filter((row) => row.person === person);
export const keep = (row) => within("entries", "readwrite", (rows) => rows.put(row));
export const forget = (seq) => within("entries", "readwrite", (rows) => rows.delete(seq));
export const know = (name, value) => within("known", "readwrite", (known) => known.put(value, name));
export const known = (name) => within("known", "readonly", (rows) => rows.get(name));

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function entryOf({ key, order, name, payload, device_at, seen_at, live }) {
  return { key, order, name, payload, device_at, seen_at, live: Boolean(live) };
}

// The next entries that fit into one request; nothing overtakes an entry before it.
function bundle(rows) {
  const chosen = [];
  let bytes = 0;
  for (const row of rows) {
    const size = JSON.stringify(row.payload).length + 400;
    if (chosen.length && (chosen.length >= MOST_IN_ONE || bytes + size > MOST_BYTES)) break;
    chosen.push(row);
    bytes += size;
  }
  return chosen;
}

async function sendBundle(rows) {
  const { url, token, device } = await known("way");
  let answer;
  for (const row of rows) await keep({ ...row, state: "sending" });
  try {
    answer = await fetch(url, {
      method: "POST", redirect: "manual", credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ device, sent_at: new Date().toISOString(), entries: rows.map(entryOf) }),
    });
  } catch {
    for (const row of rows) await keep({ ...row, live: false, state: "queued" });
    return "offline";
  }
  if (!answer.ok) {
    for (const row of rows) await keep({ ...row, live: false, state: "queued" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return "signin";
    return answer.status === 403 || answer.status === 404 || answer.status === 422 ? "reload" : "trouble";
  }
  const { answers } = await answer.json();
  for (const told of answers) {
    const row = rows.find((each) => each.key === told.key);
    if (told.result === "applied" || told.result === "dropped") await keep({ ...row, state: "applied", payload: {}, sentence: told.sentence });
    else if (told.result === "waiting") await keep({ ...row, live: false, state: "behind", sentence: "" });
    else if (row.live && told.action === null) await forget(row.seq); // the form is still there, and says why
    else await keep({ ...row, live: false, state: told.result, sentence: told.sentence });
  }
  return answers;
}

// Send everything that may go. Returns {trouble: "" or why not all went, answers}. Two at once are held apart; the server would know the keys anyway.
export async function send(person) {
  const work = async () => {
    const answers = [];
    for (;;) {
      const rows = await all(person);
      const held = new Set(rows.filter((row) => ["conflict", "refused"].includes(row.state)).map((row) => row.order));
      const ready = bundle(rows.filter((row) => ["queued", "sending", "behind"].includes(row.state) && !held.has(row.order)));
      if (!ready.length) return { trouble: "", answers };
      const told = await sendBundle(ready);
      if (typeof told === "string") return { trouble: told, answers };
      answers.push(...told);
      if (told.every((each) => each.result === "waiting")) return { trouble: "", answers };
    }
  };
  return navigator.locks ? navigator.locks.request("sanbao-phone", work) : work();
}
