/**
 * <accessify-captions for="video-id" src="film.vtt">  captions over any <video>, or
 * <accessify-captions live="/v1/live/ID/events">      live captions, over a video (for=…) or in a pane.
 *
 * One plain ES module without dependencies; docs/player.md tells how to use it.
 * Caption text is untrusted: it only ever becomes text nodes. Nothing here needs inline scripts or styles.
 * Viewer options are those of 47 CFR 79.103(c) and EN 301 549 §7.1.4.
 */

/** The element's words; `setText` changes them. `{n}` is a number, in two forms where a language has them. */
export const TEXT = {
  captions: "Captions", on: "on", off: "off", options: "Caption options", transcript: "Transcript",
  pause: "Pause", resume: "Resume", latest: "Newest line",
  waiting: { one: "{n} line waits", other: "{n} lines wait" },
  paused: "Captions paused", resumed: "Captions go on", pane: "Live captions", log: "Caption transcript",
  madeByMachine: "Captions made by a machine; they may be wrong.",
  close: "Close", reset: "Reset to defaults", preview: "Captions look like this.", chosenByDefault: "Default",
  size: "Text size", font: "Font", edge: "Text edges", color: "Text colour", background: "Background colour",
  window: "Window colour", colorOpacity: "Text opacity", backgroundOpacity: "Background opacity",
  windowOpacity: "Window opacity", announce: "Read new captions aloud with a screen reader",
  states: {
    speech: "", silent: "", ended: "The captions have ended", "catching-up": "Catching up", stalled: "No sound arrives",
    connecting: "Connecting…", lost: "Connection lost. Trying again…", failed: "The captions could not be loaded",
    missing: "These live captions are not there (any more)", refused: "The server does not let this page read the captions",
    unplaced: "The video of these captions is not on this page",
  },
  behind: "· {n} s behind",
  colors: {
    White: "White", Black: "Black", Red: "Red", Green: "Green", Blue: "Blue", Yellow: "Yellow", Magenta: "Magenta", Cyan: "Cyan",
  },
  fonts: {
    default: "Default", "mono-serif": "Typewriter with serifs", serif: "Serif", "mono-sans": "Typewriter",
    sans: "Sans serif", casual: "Casual", cursive: "Cursive", "small-caps": "Small capitals",
  },
  edges: { none: "None", raised: "Raised", depressed: "Depressed", uniform: "Outline", "drop-shadow": "Drop shadow" },
};
const ENGLISH = structuredClone(TEXT);
const players = new Set(); // those that are on the page

/**
 * The words of all players from now on: English but for `changes`, e.g. `{options: "字幕选项", "colors.White": "白色"}`.
 * Captions, and marks among them, stay as they were.
 */
export function setText(changes = {}) {
  for (const [path, text] of [...flat(ENGLISH), ...flat(changes)]) {
    const names = path.split(".");
    const last = names.pop();
    const table = names.reduce((inner, name) => inner?.[name], TEXT);
    if (table && Object.hasOwn(table, last)) table[last] = text;
  }
  for (const player of players) player.relabel();
}

/** Entries of nested tables with dotted names; a table of number forms is one entry. */
function flat(table, before = "") {
  return Object.entries(table).flatMap(([name, value]) =>
    value?.constructor === Object && !("other" in value) ? flat(value, `${before}${name}.`) : [[before + name, value]]);
}

const words = (path) => path.split(".").reduce((table, name) => table[name], TEXT);

/** Words with a number in them. */
function counted(path, n) {
  const form = words(path);
  if (typeof form === "function") return form(n);
  return String(form.other === undefined ? form : (n === 1 && form.one) || form.other).replaceAll("{n}", n);
}

/** Gives all nodes below `root` that `make` was told the words of (`t`, `t-label`, `t-title`) these words. */
function label(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = words(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", words(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-title]")) node.title = words(node.dataset.tTitle);
}

/** The eight colours of 47 CFR 79.103(c)(2). */
export const COLORS = {
  White: "#ffffff", Black: "#000000", Red: "#ff0000", Green: "#00ff00",
  Blue: "#0000ff", Yellow: "#ffff00", Magenta: "#ff00ff", Cyan: "#00ffff",
};
/** The eight font styles of CEA-708 §8.5.3: families, variant. */
export const FONTS = {
  default: ["system-ui, 'Helvetica Neue', Arial, sans-serif"],
  "mono-serif": ["'Courier New', Courier, 'Nimbus Mono PS', monospace"],
  serif: ["Georgia, 'Times New Roman', 'Noto Serif CJK SC', serif"],
  "mono-sans": ["ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"],
  sans: ["Arial, Helvetica, 'Liberation Sans', sans-serif"],
  casual: ["'Comic Sans MS', 'Comic Neue', 'Chalkboard SE', fantasy"],
  cursive: ["'Snell Roundhand', 'Segoe Script', 'URW Chancery L', cursive"],
  "small-caps": ["system-ui, Arial, sans-serif", "small-caps"],
};
/** 47 CFR 79.103(c)(7). */
export const EDGES = {
  none: "none",
  raised: "0.04em 0.04em 0 #222, 0.07em 0.07em 0 #222",
  depressed: "-0.04em -0.04em 0 #222, 0.03em 0.03em 0 #ccc",
  uniform: "0 0 0.06em #000, 0.05em 0 #000, -0.05em 0 #000, 0 0.05em #000, 0 -0.05em #000",
  "drop-shadow": "0.06em 0.07em 0.12em #000, 0.08em 0.09em 0.2em #000",
};
/** What the viewer has chosen; null stands for the player's own look. */
export const DEFAULTS = Object.freeze({
  on: true, size: 100, font: "default", edge: "none", color: null, background: null, window: null,
  colorOpacity: null, backgroundOpacity: null, windowOpacity: null, announce: true,
});
const STORE = "accessify-captions";
const KEPT_LINES = 3000; // in a pane or log; older ones go, so that memory stays flat over hours
const KEPT_OVER_VIDEO = 40;
const IDLE_SECONDS = 10; // after which live captions over a video make way for the picture
const CONTROLS_SECONDS = 3; // players hide their controls about that long after the pointer rested

/** An element with attributes and children; strings become text nodes. `t` and `t-…` name its words in a table. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(/^t(-|$)/.test(name) ? `data-${name}` : name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

// ---------------------------------------------------------------- cue text (WebVTT §4.2.2, §6.4)

const PLAIN_TAGS = new Set(["i", "b", "u", "ruby", "rt"]);
const ENTITIES = { amp: "&", lt: "<", gt: ">", lrm: "\u200e", rlm: "\u200f", nbsp: "\u00a0", quot: '"' };
const unescapeText = (text) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : whole;
    const code = decimal ? Number(decimal) : parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** WebVTT cue text as nodes. Unknown tags vanish, their text stays; nothing is parsed as HTML. */
export function parseCueText(text) {
  const fragment = document.createDocumentFragment();
  const open = [{ tag: "", node: fragment }];
  const top = () => open[open.length - 1];
  for (const token of text.match(/<[^>]*>?|[^<]+/g) ?? []) {
    if (!token.startsWith("<")) {
      top().node.append(unescapeText(token));
      continue;
    }
    const [, slash, tag, classes, annotation] = /^<(\/?)([\d:.]+|[a-z]*)((?:\.[^\s.>]+)*)\s*([^>]*)>?$/.exec(token) ?? [];
    if (slash) {
      while (open.length > 1 && top().tag.startsWith("@")) open.pop();
      if (open.length > 1 && (top().tag === tag || (top().tag === "rt" && tag === "ruby"))) {
        if (open.pop().tag !== tag && open.length > 1) open.pop();
      }
      continue;
    }
    const node = tag && cueNode(tag, classes, unescapeText(annotation ?? ""));
    if (!node) continue;
    if (/^\d/.test(tag)) while (top().tag.startsWith("@")) open.pop();
    top().node.append(node);
    open.push({ tag: /^\d/.test(tag) ? `@${tag}` : tag, node });
  }
  return fragment;
}

function cueNode(tag, classes, annotation) {
  if (/^\d/.test(tag)) {
    const at = tag.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    return Number.isFinite(at) ? make("span", { "data-at": String(at), part: "timed" }) : null;
  }
  const names = classes.split(".").filter((name) => /^[\w-]+$/.test(name));
  if (PLAIN_TAGS.has(tag)) return make(tag, { class: names.map((name) => `c-${name}`).join(" ") || null });
  if (tag === "c") return make("span", { class: names.map((name) => `c-${name}`).join(" ") || null });
  if (tag === "lang") return make("span", { lang: annotation || null });
  if (tag === "v") return make("span", { class: "voice", title: annotation || null });
  return null;
}

// ---------------------------------------------------------------- what the viewer chose

/** The viewer's choices: one set for all players of a page, kept for all pages of the origin. */
class Preferences extends EventTarget {
  #values = { ...DEFAULTS };

  constructor() {
    super();
    this.#take(this.#stored());
    globalThis.addEventListener?.("storage", (event) => {
      if (event.key !== STORE) return;
      this.#values = { ...DEFAULTS };
      this.#take(this.#stored());
      this.#tell();
    });
  }

  get values() { return { ...this.#values }; }

  set(changes) {
    this.#take(changes);
    try {
      localStorage.setItem(STORE, JSON.stringify(this.#values));
    } catch { /* storage is blocked or full: the choice holds until the page is left */ }
    this.#tell();
  }

  reset() { this.set({ ...DEFAULTS, on: this.#values.on }); }

  #stored() {
    try {
      return JSON.parse(localStorage.getItem(STORE) ?? "{}");
    } catch {
      return {};
    }
  }

  #take(changes) {
    for (const [name, value] of Object.entries(changes ?? {})) {
      if (Object.hasOwn(CHECKS, name) && CHECKS[name](value)) this.#values[name] = value;
    }
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}

const isColor = (value) => value === null || Object.hasOwn(COLORS, value);
const isOpacity = (value) => value === null || (typeof value === "number" && value >= 0 && value <= 100);
const CHECKS = {
  on: (value) => typeof value === "boolean", announce: (value) => typeof value === "boolean",
  size: (value) => typeof value === "number" && value >= 50 && value <= 200,
  font: (value) => Object.hasOwn(FONTS, value), edge: (value) => Object.hasOwn(EDGES, value),
  color: isColor, background: isColor, window: isColor,
  colorOpacity: isOpacity, backgroundOpacity: isOpacity, windowOpacity: isOpacity,
};
export const preferences = new Preferences();

/** The choices as custom properties of `root`, which its style sheet reads. */
function dress(root, values) {
  const set = (name, value) => (value == null ? root.style.removeProperty(name) : root.style.setProperty(name, value));
  set("--ac-size", String(values.size / 100));
  set("--ac-font", values.font === "default" ? null : FONTS[values.font][0]);
  set("--ac-variant", FONTS[values.font][1]);
  set("--ac-edge", EDGES[values.edge]);
  for (const part of ["color", "background", "window"]) {
    const opacity = values[`${part}Opacity`] ?? (values[part] && { color: 100, background: 80, window: 60 }[part]);
    set(`--ac-${part}`, values[part] && COLORS[values[part]]);
    set(`--ac-${part}-opacity`, opacity == null ? null : `${opacity}%`);
  }
  root.classList.toggle("own-color", values.color !== null);
}

// ---------------------------------------------------------------- the options dialog

const percent = (...values) => values.map((value) => [String(value), `${value} %`]);
const OPACITIES = {
  colorOpacity: percent(25, 50, 75, 100),
  backgroundOpacity: percent(0, 25, 50, 75, 80, 100),
  windowOpacity: percent(0, 25, 50, 60, 75, 100),
};
const named = (table) => Object.keys(TEXT[table]).map((key) => [key, `${table}.${key}`]);

/** A modal dialog beside the picture, whose captions show every change at once. */
class OptionsDialog {
  constructor(root, kind) {
    const form = make("form", { method: "dialog" },
      make("div", { class: "head" }, make("h2", { id: "title", t: "options" }),
        make("button", { type: "submit", part: "button close-button", t: "close" })),
      make("div", { class: `sample ${kind}`, "aria-hidden": "true" },
        make("div", { class: "cue" }, make("span", { class: "text" }))),
      make("div", { class: "fields" },
        this.#range(), this.#select("font", named("fonts")), this.#select("edge", named("edges")),
        ...["color", "background", "window"].flatMap((name) => [
          this.#swatches(name), this.#select(`${name}Opacity`, OPACITIES[`${name}Opacity`])]),
        this.#announce()),
      make("button", { type: "button", class: "reset", part: "button reset-button", onclick: () => preferences.reset(), t: "reset" }));
    this.node = make("dialog", { "aria-labelledby": "title", part: "dialog" }, form);
    this.node.addEventListener("click", (event) => event.target === this.node && this.node.close());
    this.node.addEventListener("keydown", (event) => event.stopPropagation());
    root.append(this.node);
    this.form = form;
  }

  open(opener) {
    if (this.node.open) return;
    this.show();
    this.node.addEventListener("close", () => opener?.focus?.(), { once: true });
    this.node.showModal();
    this.form.elements.size.focus();
  }

  /** Brings the fields to what is chosen. */
  show() {
    const values = preferences.values;
    this.form.querySelector(".sample .text").textContent = TEXT.preview;
    for (const name of ["size", "font", "edge"]) this.form.elements[name].value = String(values[name]);
    this.form.querySelector("output").value = `${values.size} %`;
    this.form.elements.size.setAttribute("aria-valuetext", `${values.size} %`);
    this.form.elements.announce.checked = values.announce;
    for (const name of ["color", "background", "window"]) {
      for (const radio of this.form.querySelectorAll(`input[name=${name}]`)) radio.checked = radio.value === values[name];
      this.form.querySelector(`#${name}-name`).textContent = values[name] ? TEXT.colors[values[name]] : TEXT.chosenByDefault;
      this.form.elements[`${name}Opacity`].value = String(values[`${name}Opacity`] ?? "");
    }
  }

  #range() {
    const set = (event) => preferences.set({ size: Number(event.target.value) });
    return make("div", { class: "field wide" },
      make("label", { for: "size", t: "size" }), make("output", { for: "size", "aria-hidden": "true" }),
      make("input", { type: "range", id: "size", name: "size", min: 50, max: 200, step: 10, oninput: set }));
  }

  #select(name, entries) {
    const isNumber = name in OPACITIES;
    const options = entries.map(([value, name]) => (isNumber ? make("option", { value }, name) : make("option", { value, t: name })));
    if (isNumber) options.unshift(make("option", { value: "", t: "chosenByDefault" }));
    const set = ({ target: { value } }) => preferences.set({ [name]: isNumber ? (value === "" ? null : Number(value)) : value });
    return make("div", { class: "field" },
      make("label", { for: name, t: name }), make("select", { id: name, name, onchange: set }, ...options));
  }

  #swatches(name) {
    const radios = Object.entries(COLORS).map(([value, color]) => {
      const set = () => preferences.set({ [name]: value });
      const title = `colors.${value}`;
      const radio = make("input", { type: "radio", name, value, "t-label": title, "t-title": title, onchange: set });
      radio.style.setProperty("--ac-swatch", color);
      return radio;
    });
    return make("fieldset", { class: "field" },
      make("legend", {}, make("span", { t: name }), ": ", make("span", { id: `${name}-name` })), make("div", { class: "swatches" }, ...radios));
  }

  #announce() {
    const set = (event) => preferences.set({ announce: event.target.checked });
    const box = make("input", { type: "checkbox", name: "announce", onchange: set });
    return make("label", { class: "field wide check" }, box, make("span", { t: "announce" }));
  }
}

// ---------------------------------------------------------------- live lines

const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uff60\u{20000}-\u{3ffff}]/u;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{20000}-\u{3ffff}]/u;
const cells = (text) => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
/** What stands between two words: a space, or nothing in scripts that are written without. */
export const joint = (left, right) => (!left || !right || (UNSPACED.test(left.at(-1)) && UNSPACED.test(right[0])) ? "" : " ");

/** What remains of the tail when its first words have been committed, so that it does not blink until the next one. */
function behind(tail, committed) {
  if (tail.toLowerCase().startsWith(committed.toLowerCase())) return tail.slice(committed.length).trim();
  return tail.split(/\s+/).slice(committed.split(/\s+/).length).join(" ");
}

/**
 * Rows that only grow: words are appended and never set anew, so nothing that was read moves or flickers. A row is a
 * line as the server broke it; where text is larger than that, lines are broken here, and the next one goes on in the
 * row that is half empty then. When text or window get another size, all rows are made anew to fit it.
 */
class LiveLines {
  #said = []; // what stands, in order: lines {number, row, label, text, from, correction, apart, closed} and marks {mark}
  #made = new WeakMap(); // node of a row → what it was begun for
  #open = new Map(); // number of a line → line
  #last = null; // line
  #row = null; // the newest one: {box, gap, tail, text, goesOn}
  #speaker = null;
  #tail = "";
  #room = null; // {pen, width}: what a row holds now

  constructor(over) {
    this.kept = over ? KEPT_OVER_VIDEO : KEPT_LINES;
    this.margin = over ? 1.1 : 0.4; // em, beside the text of a row
    this.width = 37;
    const tail = make("span", { class: "text tail", part: "tail" });
    this.next = make("div", { class: "line next", part: "line tail-line", dir: "auto" }, tail);
    this.node = make("div", { class: "lines", part: "lines" }, this.next);
  }

  /** Takes a `line` message; gives the line's whole text once, when it closes. */
  add({ line, text, closed, speaker = null, correction = false }) {
    const shown = this.#open.get(line) ?? this.#start(line, speaker, correction);
    if (text.startsWith(shown.text)) this.#grow(shown, text.slice(shown.text.length));
    else if (!shown.text.startsWith(text)) this.#grow(shown, ` – ${text}`); // committed text is never taken back
    if (closed) this.#close(shown);
    this.tail(this.#tail);
    return closed ? shown.label + shown.text : null;
  }

  /** What may still change, behind the last committed word: the rest of its line, then one row below. */
  tail(text) {
    this.#tail = text;
    const open = this.#last && this.#open.has(this.#last.number) ? this.#last : null;
    const words = text.split(/\s+/).filter(Boolean);
    let here = "";
    while (open?.row && words.length) {
      const more = joint(here || open.text, words[0]) + words[0];
      if (cells(open.text + here + more) > this.width || !this.#fits(open.row.text + here + more)) break;
      here += more;
      words.shift();
    }
    if (this.#row) this.#behind(this.#row, here);
    this.#set(this.next.firstChild, words.join(" "));
  }

  mark(text) {
    this.#closeAll();
    this.#keep({ mark: text });
    this.#drawMark(this.#said.at(-1));
  }

  /** A new stream begins to count its lines anew; what stands stays. */
  restart() { this.#closeAll(); }

  /** What stands makes way for the picture; lines that still grow go on in new rows. */
  clear() {
    this.#said = [...this.#open.values()];
    for (const line of this.#said) Object.assign(line, { row: null, from: line.text.length, apart: true });
    this.#row = null;
    this.#empty();
  }

  /** Text or window may have another size now: then all rows are made anew. Gives whether they were. */
  resized() {
    const before = this.#room;
    this.#room = null;
    const { width, pen } = this.#space();
    if (width <= 0 || (before?.width === width && before.pen.font === pen.font)) return false;
    const apart = !this.#row;
    this.#row = null;
    this.#empty();
    for (const one of this.#said) {
      if (one.mark !== undefined) this.#drawMark(one);
      else this.#drawAgain(one);
    }
    if (apart) this.#row = null;
    this.tail(this.#tail);
    return true;
  }

  /** What stands at `top` pixels of the window, for `topOf`. */
  at(top) {
    const row = [...this.node.children].find((node) => this.#made.has(node) && node.getBoundingClientRect().bottom > top);
    return row && this.#made.get(row);
  }

  /** Where that stands now. */
  topOf(one) {
    const at = this.#said.indexOf(one);
    const row = [...this.node.children].find((node) => this.#said.indexOf(this.#made.get(node)) >= at) ?? this.next;
    return row.getBoundingClientRect().top;
  }

  /** Texts of lines that no message will close any more. */
  unclosed() { return [...this.#open.values()].map((line) => line.label + line.text); }

  #closeAll() {
    this.tail("");
    this.#open.clear();
    this.#last = this.#row = this.#speaker = null;
  }

  #start(number, speaker, correction) {
    const label = speaker && speaker !== this.#speaker ? `${speaker}: ` : "";
    this.#speaker = speaker;
    this.#last = { number, row: null, label, text: "", from: 0, correction, apart: !this.#row, closed: false };
    this.#open.set(number, this.#last);
    this.#keep(this.#last);
    return this.#last;
  }

  #keep(one) {
    this.#said.push(one);
    this.#said.splice(0, this.#said.length - this.kept);
  }

  #close(line) {
    line.closed = true;
    this.#open.delete(line.number);
    if (line.row && cells(line.text) < this.width * 0.6) line.row.goesOn = false; // it ended before it was full: a pause
  }

  #drawMark(one) {
    this.#row = null;
    this.#insert(make("div", { class: "line mark", part: "mark", dir: "auto" }, make("span", { class: "text" }, one.mark)), one);
  }

  #drawAgain(line) {
    const { text, from, closed } = line;
    Object.assign(line, { row: null, text: text.slice(0, from) });
    this.#lay(line, text.slice(from));
    if (closed) this.#close(line);
  }

  #empty() { this.node.replaceChildren(this.next); }

  /** The row that a line begins in: the one before where that is half empty. */
  #begin(line) {
    const { correction, apart } = line;
    const label = line.from ? "" : line.label; // it has been shown already
    return this.#row?.goesOn && !label && !correction && !apart ? this.#row : this.#addRow(line, label);
  }

  #addRow(line, label = "", goesOn = false) {
    const { correction } = line;
    if (this.#row) this.#behind(this.#row, "");
    const gap = make("span");
    const tail = make("span", { class: "tail", part: "tail" });
    const box = make("span", { class: "text" }, gap, tail);
    if (label) box.prepend(make("bdi", { class: "speaker", part: "speaker" }, label));
    const kind = correction ? "line correction" : "line";
    this.#insert(make("div", { class: kind, part: kind, dir: "auto" }, box), line);
    return (this.#row = { box, gap, tail, text: label, goesOn });
  }

  #grow(line, more) {
    if (!more) return;
    this.#tail = behind(this.#tail, more.trim());
    this.#lay(line, more);
  }

  /** Puts text at the end of a line into its row, and into further ones. */
  #lay(line, more) {
    if (!more) return;
    const begins = !line.row;
    line.row ??= this.#begin(line);
    this.#behind(line.row, "");
    if (begins && !/\s$/.test(line.row.text)) this.#append(line.row, joint(line.row.text, more));
    const whole = this.#fits(line.row.text + more);
    for (const piece of more.split(/(\s+)/).filter(Boolean)) {
      const { text } = line.row;
      const breaks = !whole && (/\s$/.test(text) || (text && !joint(text, piece)));
      if (piece.trim() && breaks && !this.#fits(text + piece)) line.row = this.#addRow(line, "", !line.correction);
      this.#append(line.row, piece);
    }
    line.text += more;
  }

  #append(row, piece) {
    const node = piece.trim() ? make("span", { class: "word", part: "word" }, piece) : document.createTextNode(piece);
    if (piece) row.box.insertBefore(node, row.gap);
    row.text += piece;
  }

  #insert(node, one) {
    this.#made.set(node, one);
    this.node.insertBefore(node, this.next);
    while (this.node.childElementCount > this.kept) this.node.firstElementChild.remove();
  }

  /** Characters of common English that a row holds, about. */
  get columns() {
    const sample = "It was the best of times, it was the worst of times";
    return Math.floor((this.#measure("").width * sample.length) / (1.06 * this.#measure(sample).text)) || 37;
  }

  #fits(text) {
    const { width, text: needed } = this.#measure(text.trimEnd());
    return width <= 0 || needed <= width; // no width where nothing is shown
  }

  /** Pixels of a row and of `text`, measured beside the page, which need not be laid out for every word then. */
  #measure(text) {
    const { pen, width } = this.#space();
    return { width, text: pen.measureText(text).width };
  }

  #space() {
    if (!this.#room) {
      const { fontSize, fontFamily, fontVariantCaps } = getComputedStyle(this.node);
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = `${fontVariantCaps === "small-caps" ? "small-caps " : ""}${fontSize} ${fontFamily}`;
      this.#room = { pen, width: this.node.clientWidth - this.margin * parseFloat(fontSize) };
    }
    return this.#room;
  }

  /** Tentative text on a row; the space before it is not underlined. */
  #behind(row, text) {
    this.#set(row.gap, text.startsWith(" ") ? " " : "");
    this.#set(row.tail, text.trimStart());
  }

  #set(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }
}

// ---------------------------------------------------------------- live messages over the network

/** HTTP statuses and close codes after which it is no use to try again. */
const FINAL_CODES = { 204: "ended", 401: "refused", 403: "refused", 404: "missing", 410: "missing", 4401: "refused", 4404: "missing" };

/** Messages of a live stream by server-sent events or WebSocket; comes back by itself after a fault. */
class LiveSource {
  #address; #give; #tell; #socket = null; #timer = 0; #tries = 0; #seq = 0; #over = false;

  constructor(address, give, tell) {
    [this.#address, this.#give, this.#tell] = [new URL(address, document.baseURI), give, tell];
    tell("connecting");
    this.#connect();
  }

  close() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #connect() {
    const isSocket = /^wss?:$/.test(this.#address.protocol);
    if (this.#seq) this.#address.searchParams.set("after", this.#seq);
    const socket = isSocket ? new WebSocket(this.#address) : new EventSource(this.#address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.#tell("open");
    };
    socket.onmessage = (event) => this.#take(event.data);
    if (socket instanceof EventSource) {
      for (const type of ["started", "line", "tail", "note", "final", "ended"]) socket.addEventListener(type, socket.onmessage);
      socket.onerror = (event) => {
        if (event.data) this.#take(event.data); // the server's own event of that name
        else if (socket.readyState === EventSource.CLOSED) this.#ask();
        else this.#lost();
      };
    } else {
      socket.onclose = ({ code }) => (FINAL_CODES[code] ? this.#stop(FINAL_CODES[code]) : this.#again());
    }
  }

  /** An event stream that was refused does not say why; the same address asked plainly does. */
  async #ask() {
    this.#lost();
    const asked = new AbortController();
    const status = await fetch(this.#address, { signal: asked.signal, cache: "no-store" }).then((answer) => answer.status, () => 0);
    asked.abort();
    if (FINAL_CODES[status]) this.#stop(FINAL_CODES[status]);
    else this.#again();
  }

  #stop(state) {
    if (!this.#over) this.#tell(state);
    this.close();
  }

  #take(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // not ours, e.g. a comment that keeps the connection alive
    }
    if (message.seq) this.#seq = message.seq;
    this.#give(message);
    const returns = message.code === "slow-reader" || message.code === "idle";
    if (message.type === "ended" || (message.type === "error" && !returns)) this.close();
  }

  #lost() { if (!this.#over) this.#tell("lost"); }

  #again() {
    if (this.#over) return;
    this.#lost();
    this.#timer = setTimeout(() => this.#connect(), Math.min(500 * 2 ** this.#tries++, 10_000));
  }
}

// ---------------------------------------------------------------- cues of a file over the picture

/** Places cues: their own line and position where they have one, else at the bottom; never on the controls. */
class CueStage {
  constructor() {
    this.node = make("div", { class: "stage", "aria-hidden": "true" });
    this.boxes = [];
  }

  show(cues, lang) {
    const same = cues.length === this.boxes.length && cues.every((cue, index) => cue === this.boxes[index].cue);
    if (same) return;
    this.node.replaceChildren();
    this.boxes = cues.map((cue) => {
      const text = make("span", { class: "text", dir: "auto" }, parseCueText(cue.text));
      const node = make("div", { class: "cue", part: "cue", lang, dir: "auto" }, text);
      this.node.append(node);
      return { cue, node };
    });
  }

  /** Forgets what is shown, so that the same cues are drawn anew. */
  clear() { this.boxes = []; }

  /** Lays out within `width` × `height` pixels, of which `bottom` are taken by controls. */
  layout(width, height, bottom) {
    const [side, top] = [width * 0.04, height * 0.04];
    const floor = height - Math.max(bottom, top);
    const placed = [];
    for (const { cue, node } of [...this.boxes].reverse()) {
      const { left, span, align } = this.#across(cue);
      node.style.textAlign = align;
      node.style.maxInlineSize = `${Math.max(span * width - (span > 0.9 ? 2 * side : 0), width * 0.2)}px`;
      node.classList.remove("large");
      const rows = cue.text.split("\n").length;
      const wraps = node.offsetHeight > (rows + 0.7) * parseFloat(getComputedStyle(node).lineHeight);
      node.classList.toggle("large", wraps && !/^\s*[-–—]/m.test(cue.text)); // rows of two speakers stay apart
      const box = { width: node.offsetWidth, height: node.offsetHeight };
      const before = { start: 0, center: 0.5, end: 1 }[this.#anchor(cue)] * box.width;
      const x = Math.min(Math.max(left * width - before, side), width - side - box.width);
      let y = Math.min(Math.max(this.#down(cue, box.height, top, floor), top), floor - box.height);
      for (const other of placed) if (y < other.bottom && y + box.height > other.top) y = other.top - box.height;
      if (y < 0) y = Math.max(0, Math.min(...placed.map((other) => other.top)) - box.height);
      placed.push({ top: y, bottom: y + box.height });
      Object.assign(node.style, { left: `${Math.max(x, 0)}px`, top: `${y}px` });
    }
  }

  /** Marks words of a karaoke cue whose time has not come. */
  tick(now) {
    for (const node of this.node.querySelectorAll("[data-at]")) {
      const future = Number(node.dataset.at) > now;
      node.classList.toggle("future", future);
      node.part.toggle("future", future);
    }
  }

  #anchor(cue) {
    const map = { "line-left": "start", center: "center", "line-right": "end" };
    if (cue.positionAlign in map) return map[cue.positionAlign];
    return { start: "start", left: "start", end: "end", right: "end" }[cue.align] ?? "center";
  }

  #across(cue) {
    const auto = { start: 0, left: 0, end: 100, right: 100 }[cue.align] ?? 50;
    const position = typeof cue.position === "number" ? cue.position : auto;
    const align = { left: "left", right: "right", start: "start", end: "end" }[cue.align] ?? "center";
    const room = { start: 100 - position, end: position, center: 2 * Math.min(position, 100 - position) }[this.#anchor(cue)];
    return { left: position / 100, span: Math.min(cue.size ?? 100, room) / 100, align };
  }

  #down(cue, own, top, floor) {
    if (typeof cue.line !== "number" || cue.vertical) return floor - own;
    if (cue.snapToLines) {
      const row = parseFloat(getComputedStyle(this.node).lineHeight) || own;
      return cue.line >= 0 ? top + cue.line * row : floor + (cue.line + 1) * row - own;
    }
    const share = { start: 0, center: 0.5, end: 1 }[cue.lineAlign] ?? 0;
    return (cue.line / 100) * (floor + top) - share * own;
  }
}

// ---------------------------------------------------------------- the element

const STYLE = `
:host { display: block; position: relative; color-scheme: inherit; --ac-accent: var(--accessify-accent, Highlight); }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.root { font: 1rem/1.5 var(--accessify-ui-font, system-ui, sans-serif); color: var(--accessify-ui-color, inherit); }
[hidden] { display: none !important; }

/* captions */
.overlay, .pane, .sample {
  --ac-c: var(--ac-color, var(--ac-own-color)); --ac-bg: var(--ac-background, var(--ac-own-background));
  --ac-win: var(--ac-window, var(--ac-own-window));
  --ac-ink: color-mix(in srgb, var(--ac-c) var(--ac-color-opacity, 100%), transparent);
}
.overlay, .sample.overlay-kind {
  --ac-own-color: #fff; --ac-own-background: #000; --ac-own-window: #000;
  --ac-bgo: var(--ac-background-opacity, 80%); --ac-wino: var(--ac-window-opacity, 0%);
}
.pane, .sample.pane-kind {
  --ac-own-color: var(--accessify-color, CanvasText); --ac-own-background: transparent;
  --ac-own-window: var(--accessify-background, Canvas);
  --ac-bgo: var(--ac-background-opacity, 100%); --ac-wino: var(--ac-window-opacity, 100%);
}
.overlay {
  position: absolute; container-type: size; pointer-events: none; overflow: hidden; z-index: 1;
  inset: auto; margin: 0; border: 0; padding: 0; max-inline-size: none; max-block-size: none; background: none;
}
.cue, .lines, .pane { background: color-mix(in srgb, var(--ac-win) var(--ac-wino), transparent); }
.cue, .lines {
  font-family: var(--ac-font, var(--accessify-font, system-ui, sans-serif)); font-variant: var(--ac-variant, normal);
  color: var(--ac-ink); text-shadow: var(--ac-edge, none); overflow-wrap: anywhere; line-break: strict;
}
.stage, .live { font-size: calc(max(min(5.33cqh, 5cqw), 15px) * var(--ac-size, 1)); line-height: 1.45; }
.stage { position: absolute; inset: 0; }
.cue { position: absolute; inline-size: max-content; white-space: pre-line; padding: 0.1em 0.15em; border-radius: 0.12em; }
.cue.large { white-space: normal; text-wrap: balance; }
.text {
  background: color-mix(in srgb, var(--ac-bg) var(--ac-bgo), transparent); padding: 0.08em 0.35em; border-radius: 0.12em;
  -webkit-box-decoration-break: clone; box-decoration-break: clone;
}
.live {
  position: absolute; inset-inline: 4cqw; inset-block-end: max(4cqh, var(--ac-bottom, 0px));
  display: flex; justify-content: center;
}
.live .lines {
  inline-size: min(100%, 24.5em); display: flex; flex-direction: column; justify-content: flex-end; overflow: hidden;
  border-radius: 0.12em; max-block-size: calc(var(--ac-rows) * 1lh);
  max-block-size: min(calc(var(--ac-rows) * 1lh), round(down, 96cqh - max(4cqh, var(--ac-bottom, 0px)), 1lh));
}
.line { text-align: start; min-block-size: 1lh; flex: none; white-space: pre-wrap; contain: layout style; }
.live .line { padding-inline-end: 0.4em; }
.text:empty { visibility: hidden; }
.next .tail:empty { padding: 0; }
.speaker { font-weight: 700; }
.mark { font-size: 0.75em; font-style: italic; }
.pane .mark { border-block: 1px solid color-mix(in srgb, currentColor 40%, transparent); margin-block: 0.4em; padding-block: 0.2em; }
.tail { font-style: italic; text-decoration: underline dotted 0.06em; text-underline-offset: 0.22em; opacity: 0.78; }
.line > .tail { opacity: 1; color: color-mix(in srgb, var(--ac-ink) 78%, transparent); }
:lang(zh) .tail, :lang(ja) .tail, :lang(ko) .tail, .tail:lang(zh), .tail:lang(ja), .tail:lang(ko) { font-style: normal; }
.future { opacity: 0.6; }
.root:not(.own-color) :is(.c-white, .c-lime, .c-cyan, .c-red, .c-yellow, .c-magenta, .c-blue, .c-black) { color: var(--ac-class-color); }
.c-white { --ac-class-color: #fff; } .c-lime { --ac-class-color: #0f0; } .c-cyan { --ac-class-color: #0ff; } .c-red { --ac-class-color: #f00; }
.c-yellow { --ac-class-color: #ff0; } .c-magenta { --ac-class-color: #f0f; } .c-blue { --ac-class-color: #00f; } .c-black { --ac-class-color: #000; }
.root:has(> .pane) { display: flex; flex-direction: column; block-size: 100%; }
.pane {
  --ac-text: calc(var(--accessify-pane-text, clamp(1.4rem, 4vw, 2.4rem)) * var(--ac-size, 1));
  flex: 1 1 var(--accessify-pane-height, 60vh); min-block-size: calc(3 * var(--ac-text) + 1.6rem); overflow-y: auto; scrollbar-gutter: stable; overscroll-behavior: contain;
  display: flex; flex-direction: column; container-type: inline-size;
  padding: 0.75rem 1rem; border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 0.5rem;
}
.flow { margin-block-start: auto; }
.pane .lines {
  background: none; line-height: 1.45; font-size: var(--ac-text);
}
.pane .text { padding-inline: 0; }
.pane.own-background .text { padding-inline: 0.2em; }

/* controls */
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; padding-block: 0.5rem; }
button, select { font: inherit; color: inherit; }
button {
  min-block-size: 2.5rem; min-inline-size: 2.5rem; padding: 0.25rem 0.9rem; border-radius: 0.5rem; cursor: pointer;
  color: var(--accessify-button-color, ButtonText); background: var(--accessify-button-background, ButtonFace);
  border: 1px solid color-mix(in srgb, currentColor 55%, transparent);
}
@media (hover: hover) and (pointer: fine) {
  .bar button[aria-keyshortcuts]::after {
    content: attr(aria-keyshortcuts) / ""; margin-inline-start: 0.5em; padding: 0 0.35em; font-size: 0.8em; text-transform: uppercase;
    border: 1px solid color-mix(in srgb, currentColor 45%, transparent); border-radius: 0.25em;
  }
}
button[aria-pressed="true"], button[aria-expanded="true"] { border-color: currentColor; box-shadow: inset 0 -3px 0 currentColor; }
:focus-visible { outline: 3px solid var(--accessify-focus, #1a73e8); outline-offset: 2px; box-shadow: 0 0 0 2px Canvas; }
.state { flex: 1 1 8rem; min-inline-size: 0; }
.lag { font-variant-numeric: tabular-nums; }
.notice { flex: 1 1 100%; margin: 0; font-size: 0.9rem; }
.log {
  max-block-size: 14rem; overflow-y: auto; padding: 0.5rem 0.75rem;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 0.5rem;
}
.log p { margin: 0 0 0.35em; }
.unseen {
  position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; border: 0; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}

/* options */
dialog {
  position: fixed; inset: auto; inset-block-start: 0; inset-inline-end: 0; margin: 0.5rem; padding: 0; overflow: auto;
  inline-size: min(24rem, calc(100vw - 1rem)); max-inline-size: none; max-block-size: calc(100dvh - 1rem);
  border: 1px solid color-mix(in srgb, CanvasText 40%, transparent); border-radius: 0.75rem;
  background: Canvas; color: CanvasText; box-shadow: 0 0.5rem 2rem rgb(0 0 0 / 0.35);
}
dialog::backdrop { background: none; }
form { padding: 0 1rem 1rem; }
.head { display: flex; align-items: center; justify-content: space-between; gap: 0.5rem; padding-block: 0.75rem 0.5rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0; }
.sample {
  position: sticky; inset-block-start: 0; z-index: 1; display: grid; place-items: center;
  block-size: 6.5rem; overflow: hidden; border-radius: 0.5rem; padding: 0.25rem;
  font-size: calc(1.05rem * var(--ac-size, 1)); line-height: 1.4; background: linear-gradient(160deg, #46637f, #8fa58a 60%, #c9b27c);
}
.sample.pane-kind { background: Canvas; border: 1px solid color-mix(in srgb, CanvasText 35%, transparent); }
.sample .cue { position: static; inline-size: auto; text-align: center; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0.9rem 1rem; margin-block: 1rem; align-items: end; }
.field { display: grid; gap: 0.25rem; min-inline-size: 0; margin: 0; padding: 0; border: 0; }
.field.wide { grid-column: 1 / -1; grid-template-columns: 1fr auto; }
.field.wide input[type="range"] {
  grid-column: 1 / -1; inline-size: 100%; block-size: 1.75rem; margin: 0; accent-color: var(--ac-accent);
}
.field.check { grid-template-columns: auto 1fr; gap: 0.6rem; align-items: start; }
.check input { inline-size: 1.5rem; block-size: 1.5rem; margin: 0; accent-color: var(--ac-accent); }
fieldset { grid-column: 1 / -1; }
label, legend { font-weight: 600; padding: 0; } .check, legend span[id] { font-weight: 400; }
fieldset.field { margin-block-start: 0.25rem; }
.fields > fieldset + .field { grid-column: 1 / -1; grid-template-columns: 1fr 9rem; align-items: center; }
select {
  min-block-size: 2.25rem; inline-size: 100%; padding: 0.2rem 0.4rem; border-radius: 0.4rem; background: Canvas;
  color: CanvasText; border: 1px solid color-mix(in srgb, CanvasText 55%, transparent);
}
.swatches { display: grid; grid-template-columns: repeat(8, 1.9rem); justify-content: start; gap: 0.4rem; padding-block: 0.3rem; }
.swatches input {
  appearance: none; inline-size: 1.9rem; block-size: 1.9rem; margin: 0; border-radius: 50%; cursor: pointer;
  forced-color-adjust: none;
  background: var(--ac-swatch); border: 1px solid #767676; display: grid; place-items: center;
}
.swatches input:checked { outline: 2px solid CanvasText; outline-offset: 2px; }
.swatches input:checked::after {
  content: "✓"; font: 700 0.9rem/1.2rem system-ui; color: #000; background: #fff; text-align: center;
  border-radius: 50%; inline-size: 1.2rem; block-size: 1.2rem;
}
.swatches input:focus-visible { outline: 3px solid var(--accessify-focus, #1a73e8); }
.reset { inline-size: 100%; }
@media (max-width: 24rem) {
  .fields, .fields > fieldset + .field { grid-template-columns: 1fr; }
  .swatches { grid-template-columns: repeat(auto-fill, 1.9rem); gap: 0.35rem 0.25rem; }
}
@media (max-height: 26rem) { .sample { position: static; } }
@media (prefers-contrast: more) {
  .overlay, .sample.overlay-kind { --ac-bgo: var(--ac-background-opacity, 100%); }
  .tail { opacity: 1; color: var(--ac-ink); }
  button, select, .pane, .log { border-color: currentColor; border-width: 2px; }
}
@media (forced-colors: active) {
  .text { background: Canvas; color: CanvasText; } .overlay .line, .cue { forced-color-adjust: auto; }
  button[aria-pressed="true"], button[aria-expanded="true"] { background: Highlight; color: HighlightText; forced-color-adjust: none; }
}
`;

class AccessifyCaptions extends HTMLElement {
  static observedAttributes = ["for", "src", "srclang", "label", "live", "lines", "width"];

  #video = null; #track = null; #ownTrack = null; #source = null; #undo = []; #connected = false;
  #cues = new CueStage(); #lines = null; #queue = []; #tail = ""; #paused = false; #seq = 0; #stream = null; #following = true; #read = null;
  #state = "silent"; #connection = "open"; #lag = 0; #awake = false; #above = false;
  #stateTimer = 0; #idleTimer = 0; #awakeTimer = 0; #sizeTimer = 0; #frame = 0;
  #cleanup = []; #parts = null;

  // ---- properties

  /** The <video> the captions belong to, or null: then live captions stand in a pane of their own. */
  get video() { return this.#video; }
  /** Whether live captions stand still until resume(). */
  get paused() { return this.#paused; }
  /** Lines that came while paused. */
  get waiting() { return new Set(this.#queue.filter((message) => message.type === "line").map((message) => message.line)).size; }
  /** silent, speech, catching-up, stalled, ended, connecting, lost, failed, missing, refused or unplaced. */
  get state() { return this.#connection === "open" ? this.#state : this.#connection; }
  /** Seconds of sound that were not listened to yet. */
  get lag() { return this.#lag; }
  /** Whether captions are shown; the same for all players of the page, and kept. */
  get showing() { return preferences.values.on; }
  set showing(on) { preferences.set({ on: Boolean(on) }); }
  /** A copy of what the viewer chose. */
  get options() { return preferences.values; }

  /** How many characters of text fit in a row now, about; what to ask a server for. */
  get columns() { return this.#lines.columns; }

  setOptions(changes) { preferences.set(changes); }

  openOptions() {
    const { dialog, options } = this.#parts;
    const focused = this.shadowRoot.activeElement ?? document.activeElement;
    dialog.open(focused && focused !== document.body ? focused : options);
  }

  // ---- life

  connectedCallback() {
    this.#connected = true;
    players.add(this);
    const built = this.#parts !== null;
    this.#build();
    if (built) this.relabel(); // the words may have changed while it was away
    const change = () => this.#dress();
    preferences.addEventListener("change", change);
    this.#undo.push(() => preferences.removeEventListener("change", change));
    this.#attach();
    if (!this.#video && this.hasAttribute("for") && document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", () => this.#connected && !this.#video && this.#restart(), { once: true });
    }
  }

  disconnectedCallback() {
    this.#connected = false;
    players.delete(this);
    this.#detach();
    for (const undo of this.#undo.splice(0)) undo();
  }

  attributeChangedCallback(name, before, now) {
    if (!this.#connected || before === now) return;
    if (name === "lines" || name === "width") this.#language();
    else this.#restart();
  }

  #restart() {
    this.#detach();
    this.#build();
    this.#attach();
  }

  /** The element whose id an attribute gives. */
  #named(attribute) { return this.getRootNode().getElementById?.(this.getAttribute(attribute)) ?? null; }

  // ---- what is drawn

  #build() {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    root.adoptedStyleSheets = [sheet];
    const video = this.#named("for");
    const over = video instanceof HTMLVideoElement;
    const live = !over || this.hasAttribute("live") || (!this.hasAttribute("src") && video.textTracks.length === 0);
    if (this.#parts?.over === over && this.#parts.live === live) return this.#language();
    this.#lines = new LiveLines(over);
    const button = (name, onclick, more) =>
      make("button", { type: "button", part: `button ${name}-button`, onclick, t: name, ...more });
    const onOff = make("span", { "aria-hidden": "true" });
    const toggle = button("captions", () => this.toggle(), { "aria-keyshortcuts": "c", hidden: !over, t: null });
    toggle.append(make("span", { t: "captions" }), " ", onOff);
    const options = button("options", () => this.openOptions(), { "aria-haspopup": "dialog", "aria-keyshortcuts": "o" });
    const pause = button("pause", () => this.#turn(), { "aria-keyshortcuts": "p", hidden: !live });
    const transcript = button("transcript", () => this.#showLog(log.classList.contains("unseen")),
      { "aria-expanded": "false", "aria-controls": "log", hidden: !over });
    const latest = button("latest", () => (this.#setFollowing(true), box.focus()), { hidden: true });
    const status = make("span", { role: "status", part: "status" });
    const lag = make("span", { class: "lag", "aria-hidden": "true", part: "lag" });
    const notice = live ? make("p", { class: "notice", part: "notice", t: "madeByMachine" }) : null;
    const bar = make("div", { class: "bar", part: "bar", role: "group", "t-label": "captions" },
      toggle, options, pause, latest, transcript,
      make("slot", { name: "controls" }), make("span", { class: "state" }, status, " ", lag), notice);
    const log = make("div", { id: "log", class: "log unseen", part: "log", role: "log", "t-label": "log" });
    const text = make("div", { class: over ? "live" : "flow", "aria-hidden": "true" }, this.#lines.node);
    const box = over
      ? make("div", { class: "overlay", part: "overlay" }, this.#cues.node, text)
      : make("div", { class: "pane", part: "pane", role: "region", tabindex: "0", "t-label": "pane" }, text, log);
    const frame = make("div", { class: "root" }, box, bar, over ? log : null);
    root.replaceChildren(frame);
    const dialog = new OptionsDialog(frame, over ? "overlay-kind" : "pane-kind");
    this.#parts = { over, live, frame, box, log, toggle, onOff, options, pause, latest, transcript, status, lag, text, dialog };
    this.#listen(root);
    this.#language();
    this.relabel();
  }

  /** Takes the words of TEXT; `setText` calls it. */
  relabel() {
    label(this.#parts.frame);
    this.#labelPause();
    this.#tellLag();
    if (this.#parts.status.textContent) this.#tellState();
    this.#dress();
  }

  #language() {
    const lang = this.getAttribute("srclang");
    for (const node of [this.#lines.node, this.#parts.log]) lang ? node.setAttribute("lang", lang) : node.removeAttribute("lang");
    this.#lines.width = Number(this.getAttribute("width")) || 37;
    this.#parts.box.style.setProperty("--ac-rows", String(Math.min(Math.max(Number(this.getAttribute("lines")) || 3, 2), 6)));
    this.#parts.transcript.title = this.getAttribute("label") ?? "";
  }

  #dress() {
    const { frame, toggle, onOff, dialog, log, box, over } = this.#parts;
    const values = preferences.values;
    dress(frame, values);
    box.classList.toggle("own-background", values.background !== null);
    toggle.setAttribute("aria-pressed", String(values.on));
    onOff.textContent = values.on ? TEXT.on : TEXT.off;
    for (const node of [this.#cues.node, this.#parts.text]) node.hidden = over && !values.on;
    log.setAttribute("aria-live", values.announce ? "polite" : "off");
    dialog.show();
    this.#resized();
    this.#place();
  }

  /** The newest row stays in view, or what a reader has scrolled up to. */
  #resized() {
    const { box } = this.#parts;
    if (this.#lines.resized() && this.#read) box.scrollTop += this.#lines.topOf(this.#read) - box.getBoundingClientRect().top;
    this.#follow();
  }

  #showLog(visible) {
    const { log, transcript } = this.#parts;
    log.classList.toggle("unseen", !visible);
    transcript.setAttribute("aria-expanded", String(visible));
    visible ? log.setAttribute("tabindex", "0") : log.removeAttribute("tabindex");
    if (visible) log.scrollTop = log.scrollHeight;
  }

  // ---- keys and pointer

  #listen(root) {
    if (!root.heard) root.addEventListener("keydown", (event) => this.#key(event));
    root.heard = true;
    const pane = this.#parts.box;
    new ResizeObserver(() => {
      clearTimeout(this.#sizeTimer);
      this.#sizeTimer = setTimeout(() => this.#resized(), 100); // once a window that is drawn larger has its size
    }).observe(pane);
    if (!this.#parts.over) {
      let before = 0;
      pane.addEventListener("scroll", () => {
        const top = pane.scrollTop;
        // Only a reader scrolls up; that new lines have come since the last scroll says nothing.
        if (top + pane.clientHeight >= pane.scrollHeight - 48) this.#setFollowing(true);
        else if (top < before - 2) this.#setFollowing(false);
        if (!this.#following) this.#read = this.#lines.at(pane.getBoundingClientRect().top);
        before = top;
      });
    }
  }

  #setFollowing(following) {
    this.#following = following;
    if (following) this.#read = null;
    this.#parts.latest.hidden = following;
    this.#follow();
  }

  #key(event) {
    const typing = event.composedPath()[0]?.matches?.("input, select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const { over, live } = this.#parts;
    const actions = { o: () => this.openOptions(), c: over && (() => this.toggle()), p: live && (() => this.#turn()) };
    const key = event.key.toLowerCase();
    const action = Object.hasOwn(actions, key) && actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #wake() {
    clearTimeout(this.#awakeTimer);
    this.#awakeTimer = setTimeout(() => this.#setAwake(false), CONTROLS_SECONDS * 1000);
    this.#setAwake(true);
  }

  #setAwake(awake) {
    if (awake === this.#awake) return;
    this.#awake = awake;
    this.#place();
  }

  // ---- the video

  #attach() {
    const video = this.#named("for");
    this.#video = video instanceof HTMLVideoElement ? video : null;
    if (this.#connection === "unplaced") this.connection("open");
    if (this.#video) this.#watch();
    else if (this.hasAttribute("for") && document.readyState !== "loading") this.#unplaced();
    const live = this.getAttribute("live");
    if (live) this.#source = new LiveSource(live, (message) => this.update(message), (state) => this.connection(state));
    else if (this.#video && this.getAttribute("src")) this.#load(this.getAttribute("src"));
    else if (this.#video) this.#borrow();
  }

  #unplaced() {
    console.error(`<accessify-captions for="${this.getAttribute("for")}">: no <video> has this id`);
    this.connection("unplaced");
  }

  #watch() {
    const video = this.#video;
    const on = (target, types, listener) => {
      for (const type of types) target.addEventListener(type, listener);
      this.#cleanup.push(() => types.forEach((type) => target.removeEventListener(type, listener)));
    };
    on(video, ["pointermove", "pointerdown", "focus"], () => this.#wake());
    on(video, ["play", "pause", "blur", "loadedmetadata", "resize"], () => this.#place());
    on(video, ["keydown"], (event) => this.#key(event));
    on(video, ["timeupdate", "seeked"], () => this.#cues.tick(video.currentTime));
    on(window, ["resize"], () => this.#place());
    on(document, ["fullscreenchange"], () => this.#fullscreen());
    on(video.textTracks, ["change"], () => this.#chosenInControls());
    on(video.textTracks, ["addtrack"], () => !this.#track && !this.hasAttribute("live") && this.#restart());
    const observer = new ResizeObserver(() => this.#place());
    for (const node of [video, this, document.body]) observer.observe(node);
    this.#cleanup.push(() => observer.disconnect());
  }

  #detach() {
    for (const undo of this.#cleanup.splice(0)) undo();
    this.#source?.close();
    this.#ownTrack?.remove();
    this.#source = this.#ownTrack = this.#track = this.#video = null;
    this.#cues.show([]);
    for (const timer of [this.#stateTimer, this.#idleTimer, this.#awakeTimer]) clearTimeout(timer);
  }

  /** The browser reads the file: a hidden <track> of the video. */
  #load(src) {
    const [srclang, label] = [this.getAttribute("srclang") ?? "en", this.getAttribute("label") ?? TEXT.captions];
    this.#ownTrack = make("track", { kind: "captions", src, srclang, label });
    this.#ownTrack.addEventListener("load", () => this.#showCues());
    this.#ownTrack.addEventListener("error", () => this.connection("failed"));
    this.#video.append(this.#ownTrack);
    for (const track of captionTracks(this.#video)) if (track.mode === "showing") track.mode = "disabled";
    this.#use(this.#ownTrack.track);
  }

  #borrow() {
    const tracks = captionTracks(this.#video);
    const lang = this.getAttribute("srclang");
    const spoken = lang && tracks.find((one) => one.language === lang);
    const track = spoken || tracks.find((one) => one.mode === "showing") || tracks[0];
    if (track) this.#use(track);
  }

  #use(track) {
    this.#track = track;
    track.mode = "hidden";
    const show = () => this.#showCues();
    track.addEventListener("cuechange", show);
    this.#cleanup.push(() => track.removeEventListener("cuechange", show));
    show();
  }

  /** The caption menu of the browser's own controls works too. */
  #chosenInControls() {
    const chosen = captionTracks(this.#video).find((track) => track.mode === "showing");
    if (!chosen && this.#track?.mode === "disabled") {
      this.#track.mode = "hidden";
      preferences.set({ on: false });
    } else if (chosen && chosen !== this.#track && this.#ownTrack && !navigator.userActivation?.isActive) {
      chosen.mode = "disabled"; // the browser's choice by language; the page has named its file
    } else if (chosen) {
      if (chosen === this.#track) chosen.mode = "hidden";
      else this.#use(chosen);
      preferences.set({ on: true });
    }
  }

  #showCues() {
    const cues = [...(this.#track?.activeCues ?? [])];
    const before = new Set(this.#cues.boxes.map(({ cue }) => cue));
    this.#cues.show(cues, this.#track?.language || this.getAttribute("srclang"));
    this.#cues.tick(this.#video.currentTime);
    this.#place();
    for (const { cue, node } of this.#cues.boxes) if (!before.has(cue)) this.#say(node.textContent);
  }

  /** Draws the cues of the video's track anew, after a page has changed their text; the log does not read them again. */
  redraw() {
    if (!this.#track) return;
    this.#cues.clear();
    this.#cues.show([...(this.#track.activeCues ?? [])], this.#track.language || this.getAttribute("srclang"));
    this.#cues.tick(this.#video.currentTime);
    this.#place();
  }

  // ---- places

  /** Lays the overlay on the picture, and the captions beside what covers it. */
  #place() {
    if (!this.#video || !this.#parts.over) return;
    const { box } = this.#parts;
    const frame = this.#video.getBoundingClientRect();
    const origin = this.#above ? { left: 0, top: 0 } : this.getBoundingClientRect();
    const picture = pictureOf(this.#video, frame);
    const set = { left: picture.left - origin.left, top: picture.top - origin.top, width: picture.width, height: picture.height };
    for (const [name, value] of Object.entries(set)) box.style[name] = `${value}px`;
    const covered = Math.max(this.#covered(frame) - (frame.bottom - picture.top - picture.height), 0);
    box.style.setProperty("--ac-bottom", `${covered ? covered + picture.height * 0.02 : 0}px`);
    this.#cues.layout(picture.width, picture.height, covered);
  }

  /** Pixels at the foot of the video that controls cover now. */
  #covered(frame) {
    const bar = this.#named("avoid");
    if (bar) {
      const rect = bar.getBoundingClientRect();
      const seen = rect.height && bar.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) !== false;
      return seen && rect.top < frame.bottom && rect.bottom > frame.top ? frame.bottom - rect.top : 0;
    }
    if (!this.#video.controls || !(this.#awake || this.#video.paused || document.activeElement === this.#video)) return 0;
    return parseFloat(getComputedStyle(this).getPropertyValue("--accessify-controls-height")) || 76;
  }

  /**
   * A full-screen <video> covers the page; the overlay goes above it, into the top layer. Browsers keep
   * everything but the video from being clicked then; the keys and the options dialog work.
   */
  #fullscreen() {
    const { box } = this.#parts;
    const full = document.fullscreenElement;
    if (this.#above) box.hidePopover();
    this.#above = Boolean(full?.contains(this.#video) && !full.contains(this) && box.showPopover);
    if (this.#above) {
      box.popover = "manual";
      box.style.position = "fixed";
      box.showPopover();
    } else {
      box.removeAttribute("popover");
      box.style.position = "";
    }
    this.#place();
  }

  // ---- live

  /** Takes one message of a live stream, an object as docs/live-protocol.md describes it. */
  update(message) {
    const { type, seq } = message;
    if (type === "started") return this.#started(message);
    if (seq) {
      if (seq <= this.#seq) return; // a replay after a reconnect
      this.#seq = seq;
    }
    this.connection("open");
    if (type === "tail") {
      this.#setState(message.state ?? this.#state, message.lag ?? 0);
      this.#tail = String(message.text ?? "");
      if (!this.#paused) this.#changed(() => this.#lines.tail(this.#tail), this.#tail !== "");
    } else if (type === "line" || type === "note") {
      this.#take(message);
    } else if (type === "ended") {
      this.#setState("ended", 0);
      if (!this.#paused) this.#flush();
    } else if (type === "error") {
      this.#parts.status.textContent = String(message.message ?? message.code ?? "");
    }
  }

  #take(message) {
    if (this.#paused) this.#queue.push(message), this.#showPause();
    else this.#show(message);
  }

  /** A mark of its own row, e.g. where sound was missed; also for screen readers. */
  mark(text) {
    this.#flush();
    this.#changed(() => this.#lines.mark(text), true);
    this.#say(text);
  }

  /** The next messages are of a new stream, counted from 1; what stands stays. */
  restart() {
    this.#flush();
    this.#lines.restart();
    this.#seq = 0;
  }

  pause() {
    if (this.#paused) return;
    this.#paused = true;
    this.#showPause(TEXT.paused);
  }

  resume() {
    if (!this.#paused) return;
    this.#paused = false;
    for (const message of this.#queue.splice(0)) this.#show(message);
    this.#lines.tail(this.#tail);
    if (this.#state === "ended") this.#flush();
    this.#showPause(TEXT.resumed);
    this.#setFollowing(true);
  }

  toggle() { this.showing = !this.showing; }

  #turn() { this.#paused ? this.resume() : this.pause(); }

  /** What the connection does: "connecting", "open", "lost", "failed", "missing" or "refused". */
  connection(state) {
    if (state === this.#connection) return;
    this.#connection = state;
    this.#stateChanged();
  }

  #started({ id, resumed }) {
    if (!resumed && this.#stream !== null && id !== this.#stream) this.restart();
    this.#stream = id;
    this.connection("open");
  }

  #show(message) {
    if (message.type === "note") {
      if (message.text) this.mark(message.text);
      return;
    }
    const line = { ...message, text: String(message.text ?? "") };
    this.#changed(() => {
      const whole = this.#lines.add(line);
      if (whole !== null) this.#say(whole);
    }, true);
    const { type, seq, new: added, ...detail } = line;
    this.dispatchEvent(new CustomEvent("captionline", { detail, bubbles: true }));
  }

  /** Lines left open at the end of a stream go to the log as they stand. */
  #flush() {
    for (const text of this.#lines.unclosed()) this.#say(text);
    this.#lines.restart();
  }

  #changed(change, something) {
    change();
    if (something && this.#parts.over) {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = setTimeout(() => this.#clearAway(), IDLE_SECONDS * 1000);
    }
    this.#follow();
  }

  #clearAway() { if (!this.#paused) this.#lines.clear(); }

  #follow() {
    if (this.#parts.over || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const { box } = this.#parts;
      if (this.#following) box.scrollTop = box.scrollHeight;
    });
  }

  #say(text) {
    const { log } = this.#parts;
    const low = log.hasAttribute("tabindex") && log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.append(make("p", { dir: "auto" }, text));
    while (log.childElementCount > KEPT_LINES) log.firstElementChild.remove();
    if (low) log.scrollTop = log.scrollHeight;
  }

  #showPause(say) {
    this.#labelPause();
    if (say) this.#parts.status.textContent = say;
    if (!this.#paused) this.#tellState();
  }

  #labelPause() {
    const { pause } = this.#parts;
    const count = this.waiting;
    pause.textContent = !this.#paused ? TEXT.pause : count ? `${TEXT.resume} (${counted("waiting", count)})` : TEXT.resume;
    pause.setAttribute("aria-pressed", String(this.#paused));
  }

  #setState(told, lag) {
    const state = told === "stalled" && lag >= 1.5 ? "speech" : told; // words still wait for a reader's pace
    const changed = state !== this.#state;
    [this.#state, this.#lag] = [state, lag];
    this.#tellLag();
    if (changed) this.#stateChanged();
  }

  #tellLag() {
    const late = this.#lag >= 3 && !this.#paused && (this.#state === "catching-up" || this.#state === "speech");
    const text = late ? counted("behind", Math.round(this.#lag)) : "";
    if (this.#parts.lag.textContent !== text) this.#parts.lag.textContent = text;
  }

  #stateChanged() {
    this.#tellState();
    this.dispatchEvent(new CustomEvent("statechange", { detail: { state: this.state, lag: this.#lag }, bubbles: true }));
  }

  /** Says a state when it has lasted a moment, so that short ones do not flicker. */
  #tellState() {
    clearTimeout(this.#stateTimer);
    this.#stateTimer = setTimeout(() => {
      const text = this.#paused ? TEXT.paused : TEXT.states[this.state] ?? "";
      if (this.#parts.status.textContent !== text) this.#parts.status.textContent = text;
    }, ["failed", "missing", "refused", "unplaced"].includes(this.state) ? 0 : 800);
  }
}

let sheet = null;
const captionTracks = (video) => [...video.textTracks].filter((track) => track.kind === "captions" || track.kind === "subtitles");

/** The rectangle of the picture inside the video's box, without the bars beside it. */
function pictureOf(video, frame) {
  const { videoWidth, videoHeight } = video;
  if (!videoWidth || !videoHeight || getComputedStyle(video).objectFit !== "contain") return frame;
  const scale = Math.min(frame.width / videoWidth, frame.height / videoHeight);
  const [width, height] = [videoWidth * scale, videoHeight * scale];
  return { left: frame.left + (frame.width - width) / 2, top: frame.top + (frame.height - height) / 2, width, height };
}

if (!customElements.get("accessify-captions")) customElements.define("accessify-captions", AccessifyCaptions);
export { AccessifyCaptions };
