/** The words of the page in the reader's language. `data-t="film.drop"` on an element sets its text. */

export const LANGUAGES = { en: "English", "zh-Hans": "简体中文" };
const STORE = "accessify-language";
const ATTRIBUTES = { tLabel: "aria-label", tPlaceholder: "placeholder", tTitle: "title" };
const words = {}; // language → {key: text, or {one, other}}
const listeners = new Set();
let chosen = null;
let wanted = null; // the newest choice; slower ones before it come too late

/** What was chosen before, else the first of the browser's languages that there is. */
function preferred() {
  const kept = stored();
  if (kept && Object.hasOwn(LANGUAGES, kept)) return kept;
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

function stored() {
  try { return localStorage.getItem(STORE); } catch { return null; }
}

async function load(tag) {
  if (words[tag]) return;
  const answer = await fetch(new URL(`web/words.${tag}.json`, document.baseURI));
  if (!answer.ok) throw new Error(`words: ${answer.status}`);
  words[tag] = await answer.json();
}

export const language = () => chosen;

/** Loads the words of `tag`, sets every marked element, then calls the listeners. */
export async function setLanguage(tag) {
  wanted = tag;
  await Promise.all([load("en"), load(tag)]);
  if (wanted !== tag) return;
  chosen = tag;
  document.documentElement.lang = tag;
  translate(document.body);
  for (const listener of listeners) listener(tag);
}

export async function chooseLanguage(tag) {
  try { localStorage.setItem(STORE, tag); } catch { /* holds until the page is left */ }
  await setLanguage(tag);
}

/** Calls `listener` at each change of language; gives what ends that. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const has = (key) => Boolean(words[chosen]?.[key] ?? words.en?.[key]);

/** The English texts whose keys begin so, in their order: [key, text]. */
export const english = (start) => Object.entries(words.en).filter(([key]) => key.startsWith(start));

/** The text of `key` with `{name}` replaced by values; `n` chooses between one and other. */
export function t(key, values = {}) {
  let text = words[chosen]?.[key] ?? words.en?.[key] ?? key;
  if (typeof text === "object") text = text[new Intl.PluralRules(chosen).select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (values[name] === undefined ? whole : String(values[name])));
}

/** Sets the words of all marked elements in `root`, itself included. */
export function translate(root) {
  const marked = root.querySelectorAll?.("[data-t], [data-t-label], [data-t-placeholder], [data-t-title]") ?? [];
  for (const node of [root, ...marked]) {
    if (node.dataset?.t) node.textContent = t(node.dataset.t);
    for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
      if (node.dataset?.[name]) node.setAttribute(attribute, t(node.dataset[name]));
    }
  }
}

// Elements that are made after the page was translated get their words when they come into the page.
new MutationObserver((records) => {
  if (chosen) for (const record of records) for (const node of record.addedNodes) if (node.nodeType === 1) translate(node);
}).observe(document.documentElement, { childList: true, subtree: true });

/** Seconds as people write them: 1:02:03.4, with `digits` behind the point. */
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.round(Math.max(seconds, 0) * unit) / unit;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (whole % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** A duration in words: "about 2 minutes". */
export function duration(seconds) {
  if (seconds < 55) return t("shell.seconds", { n: Math.max(1, seconds < 10 ? Math.round(seconds) : Math.ceil(seconds / 5) * 5) });
  if (seconds < 5400) return t("shell.minutes", { n: Math.round(seconds / 60) });
  return t("shell.hours", { n: new Intl.NumberFormat(chosen, { maximumFractionDigits: 1 }).format(seconds / 3600) });
}

export const percent = (part) => new Intl.NumberFormat(chosen, { style: "percent" }).format(part);
export const bytes = (size) => (size < 1e6
  ? `${new Intl.NumberFormat(chosen).format(Math.ceil(size / 1e3))} kB`
  : size < 1e9
    ? `${new Intl.NumberFormat(chosen, { maximumFractionDigits: 1 }).format(size / 1e6)} MB`
    : `${new Intl.NumberFormat(chosen, { maximumFractionDigits: 2 }).format(size / 1e9)} GB`);

/** Nothing on the page can do without words: they are asked for until they come. */
async function begin() {
  for (;;) {
    try {
      return await setLanguage(preferred());
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

export const ready = begin();
