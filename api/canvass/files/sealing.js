// Finished entries are sealed to the installation's key; from then on this phone cannot read them either.
// The form of a box is described in geo/privacy/entry_box.py.
const INFO = new TextEncoder().encode("barnraiser entry 1");
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const CHUNK = 32768;

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function seal(publicKey, content, id, kind) {
  const theirs = fromBase64(publicKey);
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const ours = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const point = await crypto.subtle.importKey("raw", theirs, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: point }, pair.privateKey, 256);
  const root = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: joined(ours, theirs), info: INFO };
  const key = await crypto.subtle.deriveKey(how, root, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(id + " " + kind);
  const plain = new TextEncoder().encode(JSON.stringify(content));
  const closed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain));
  return toBase64(joined(Uint8Array.of(1), ours, iv, closed));
}

// A UUID of version 7 (RFC 9562). The clock of the phone may be wrong; chance alone makes it unique.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = Math.max(0, Date.now());
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
