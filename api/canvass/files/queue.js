// What waits on this phone: sealed entries, and the little the phone knows of itself. Everything is on the disk before
// anybody is told that it is saved.
const NAME = "barnraiser-canvass";
const ENTRIES = "entries";
const OWN = "own";
let opened = null;

function wait(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  opened = opened || new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ENTRIES, { keyPath: "id" });
      request.result.createObjectStore(OWN);
    };
    request.onsuccess = () => {
      // another window that needs a newer form must not wait for this one
      request.result.onversionchange = () => { request.result.close(); opened = null; };
      request.result.onclose = () => { opened = null; };
      resolve(request.result);
    };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  return opened;
}

async function write(store, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error || new DOMException("aborted", "AbortError"));
    try {
      work(transaction.objectStore(store));
    } catch (trouble) {
      transaction.abort();
      reject(trouble);
    }
  });
}

async function read(store, work) {
  const db = await database();
  return wait(work(db.transaction(store, "readonly").objectStore(store)));
}

// All of them or none.
export function add(entries) {
  return write(ENTRIES, (store) => entries.forEach((entry) => store.put(entry)));
}

export function remove(ids) {
  return write(ENTRIES, (store) => ids.forEach((id) => store.delete(id)));
}

export async function mark(ids, change) {
  const known = await Promise.all(ids.map((id) => read(ENTRIES, (store) => store.get(id))));
  return write(ENTRIES, (store) => known.filter(Boolean).forEach((entry) => store.put({ ...entry, ...change })));
}

// The first entries that wait, up to a number and a size, so that a weak signal carries something at least.
export async function next(most, mostBytes) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const found = [];
    let size = 0;
    const request = db.transaction(ENTRIES, "readonly").objectStore(ENTRIES).openCursor();
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.length >= most) return resolve(found);
      const entry = cursor.value;
      if (entry.state === "waiting") {
        if (found.length && size + entry.box.length > mostBytes) return resolve(found);
        found.push(entry);
        size += entry.box.length;
      }
      return cursor.continue();
    };
  });
}

export async function counts() {
  const db = await database();
  return new Promise((resolve, reject) => {
    const found = { waiting: 0, stuck: [] };
    const request = db.transaction(ENTRIES, "readonly").objectStore(ENTRIES).openCursor();
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve(found);
      const { id, kind, state, why, at } = cursor.value;
      if (state === "waiting") found.waiting += 1;
      else found.stuck.push({ id, kind, why, at });
      return cursor.continue();
    };
  });
}

export function all() {
  return read(ENTRIES, (store) => store.getAll());
}

export function own(name) {
  return read(OWN, (store) => store.get(name));
}

export function keep(name, value) {
  return write(OWN, (store) => (value === undefined ? store.delete(name) : store.put(value, name)));
}

// What the phone knows of itself under names that begin alike.
export function listOwn(prefix) {
  return read(OWN, (store) => store.getAll(IDBKeyRange.bound(prefix, prefix + "\uffff")));
}
