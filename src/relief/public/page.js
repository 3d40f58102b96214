
"use strict";
const SAID = {{said}};
const HEX = /^[0-9a-f]{64}$/, COUNT = /^(0|[1-9][0-9]{0,8})$/, MOST_LETTERS = 1048576;
const SLIP_KEYS = "format index leaf leaf_hash path published";
const LEAF_KEYS = "award_fen category claim_fen district failed_rules format household_id outcome quota_fen round salt unknown_rules";

// SHA-256 (FIPS 180-4): a browser offers its own only to pages that came over the network.
const PRIMES = [...Array(312).keys()].filter(n => n > 1 && ![...Array(n).keys()].some(d => d > 1 && n % d === 0)).slice(0, 64);
const fraction = root => Math.floor((root - Math.floor(root)) * 4294967296);
const START = PRIMES.slice(0, 8).map(p => fraction(Math.sqrt(p))), ROUND = PRIMES.map(p => fraction(Math.cbrt(p)));

function sha256(bytes) {
  const size = (bytes.length + 72) & ~63, view = new DataView(new ArrayBuffer(size));
  bytes.forEach((byte, at) => view.setUint8(at, byte));
  view.setUint8(bytes.length, 0x80);
  view.setUint32(size - 8, Math.floor(bytes.length / 536870912));
  view.setUint32(size - 4, bytes.length << 3);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const state = START.slice(), w = new Array(64);
  for (let block = 0; block < size; block += 64) {
    for (let t = 0; t < 64; t++) {
      if (t < 16) { w[t] = view.getUint32(block + 4 * t); continue; }
      const x = w[t - 15], y = w[t - 2];
      w[t] = w[t - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[t - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[t] + w[t] | 0;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
      [a, b, c, d, e, f, g, h] = [one + two | 0, a, b, c, d + one | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((x, at) => { state[at] = state[at] + x | 0; });
  }
  return new Uint8Array(state.flatMap(x => [x >>> 24, x >>> 16 & 255, x >>> 8 & 255, x & 255]));
}

const utf8 = text => new TextEncoder().encode(text);
const toHex = bytes => [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
const fromHex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
const joined = (...parts) => Uint8Array.from(parts.flatMap(part => [...part]));
const sorted = object => Object.keys(object).sort().join(" ");
const isObject = value => value !== null && typeof value === "object" && !Array.isArray(value);

class Wrong extends Error {}
function refuseUnless(holds, code) { if (!holds) throw new Wrong(code); }
function parsed(text) {
  try { return JSON.parse(text); } catch (error) { throw new Wrong("slip.malformed"); }
}

// The rules are those of docs/record-format.md, in the order that it gives.
function check(text, typed) {
  const wanted = typed.normalize("NFKC").replace(/\s/g, "").toLowerCase();
  refuseUnless(HEX.test(wanted), "public.no_fingerprint");
  const slip = readSlip(text);
  refuseUnless(toHex(sha256(utf8(slip.published))) === wanted, "slip.fingerprint");
  const published = parsed(slip.published), hash = sha256(joined([0], utf8(slip.leaf)));
  refuseUnless(isObject(published) && published.format === "relief-published/1" && COUNT.test(published.leaves), "slip.malformed");
  refuseUnless(toHex(hash) === slip.leaf_hash, "slip.leaf");
  const leaf = readLeaf(slip.leaf);
  refuseUnless(leaf.round === published.round, "slip.other_round");
  const root = climbed(hash, Number(slip.index), Number(published.leaves), slip.path.map(fromHex));
  refuseUnless(root !== null, "slip.index");
  refuseUnless(toHex(root) === published.root, "slip.path");
  return { leaf, published, fingerprint: wanted };
}

function readSlip(text) {
  refuseUnless(text.length <= MOST_LETTERS, "slip.malformed");
  const plain = text.replace(/^\uFEFF/, "").trim(), slip = parsed(plain);
  refuseUnless(isObject(slip) && sorted(slip) === SLIP_KEYS && slip.format === "relief-slip/1", "slip.malformed");
  // A key that stands twice, or a letter written as a number, says one thing and shows another.
  const bare = written => written.replace(/\s/g, "");
  refuseUnless(bare(JSON.stringify(slip)) === bare(plain), "slip.malformed");
  const { index, leaf, leaf_hash, path, published } = slip;
  refuseUnless([index, leaf, leaf_hash, published].every(part => typeof part === "string"), "slip.malformed");
  refuseUnless(Array.isArray(path) && [leaf_hash, ...path].every(step => typeof step === "string" && HEX.test(step)), "slip.malformed");
  refuseUnless(COUNT.test(index), "slip.malformed");
  return slip;
}

function readLeaf(text) {
  const leaf = parsed(text);
  refuseUnless(isObject(leaf) && Object.keys(leaf).join(" ") === LEAF_KEYS && leaf.format === "relief-leaf/1", "slip.malformed");
  refuseUnless(JSON.stringify(leaf, null, 2) + "\n" === text, "slip.malformed");
  const { failed_rules, unknown_rules, ...rest } = leaf;
  const isTexts = list => Array.isArray(list) && list.every(item => typeof item === "string");
  refuseUnless(isTexts(failed_rules) && isTexts(unknown_rules) && isTexts(Object.values(rest)), "slip.malformed");
  refuseUnless(/^[0-9]+$/.test(leaf.award_fen) && /^[0-9]*$/.test(leaf.claim_fen), "slip.malformed");
  return leaf;
}

function climbed(leaf, index, size, path) {
  if (index >= size) return null;
  let here = leaf, at = 0;
  for (; size > 1; index = Math.floor(index / 2), size = Math.ceil(size / 2)) {
    const isRight = index % 2 === 1;
    if (!isRight && index + 1 >= size) continue;
    if (at >= path.length) return null;
    here = sha256(isRight ? joined([1], path[at], here) : joined([1], here, path[at]));
    at++;
  }
  return at === path.length ? here : null;
}

// --- what the person sees ----------------------------------------------------------------------------

const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
function both(tag, code, facts = {}) {
  const filled = said => said.replace(/\{(\w+)\}/g, (all, name) => name in facts ? facts[name] : all);
  const node = element(tag, filled(SAID[code].zh)), english = element("span", filled(SAID[code].en));
  english.lang = "en";
  node.append(english);
  return node;
}
function yuan(fen) {
  if (fen === "") return "—";
  const digits = fen.padStart(3, "0");
  return digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + digits.slice(-2);
}
const grouped = text => text.match(/.{1,4}/g).join(" ");

function rows({ leaf, published, fingerprint }) {
  const outcome = SAID["outcome." + leaf.outcome];
  return [
    ["household", leaf.household_id], ["award", yuan(leaf.award_fen)], ["claim", yuan(leaf.claim_fen)],
    ["quota", leaf.quota_fen], ["district", leaf.district],
    ["outcome", outcome ? outcome.zh + " " + outcome.en : leaf.outcome], ["category", leaf.category],
    ["failed", leaf.failed_rules.join(", ")], ["unknown", leaf.unknown_rules.join(", ")],
    ["fund", yuan(published.fund_fen)], ["on", published.on], ["pack", published.pack.name],
    ["round", grouped(fingerprint)],
  ].filter(([, value]) => value !== "");
}

function show(text, typed) {
  const answer = document.getElementById("answer");
  answer.replaceChildren();
  try {
    const found = check(text, typed), list = document.createElement("dl");
    for (const [name, value] of rows(found)) {
      const shown = element("dd", value);
      if (name === "award") shown.className = "award";
      list.append(both("dt", "slip.page." + name), shown);
    }
    answer.className = "right";
    answer.append(both("h2", "slip.page.right"), list);
  } catch (error) {
    const code = error instanceof Wrong ? error.message : "slip.malformed";
    answer.className = "wrong";
    const typedCount = typed.normalize("NFKC").replace(/\s/g, "").length;
    answer.append(both("h2", "slip.page.wrong"), both("p", code, { digits: 64, count: typedCount }));
  }
  answer.focus();
}

const box = id => document.getElementById(id);
async function take(file) { if (file) box("slip").value = await file.text(); }
box("file").addEventListener("change", event => take(event.target.files[0]));
box("ask").addEventListener("submit", event => { event.preventDefault(); show(box("slip").value, box("fingerprint").value); });
const zone = document.querySelector(".part");
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, event => {
    event.preventDefault();
    zone.classList.toggle("over", name === "dragover");
    if (name === "drop") take(event.dataTransfer.files[0]);
  });
}
