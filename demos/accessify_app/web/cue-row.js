/** One caption in the list: its times, its text, how sure the machine is of it, what the style guide objects to. */

import { make } from "./accessify-captions.js";
import { faultOf, parseTime, timeText } from "./cue-times.js";
import { fixWords, findingWords } from "./finding-words.js";
import { percent, t } from "./text.js";

const DOUBTFUL = 0.7; // a caption that is less sure than that should be listened to
let made = 0;

export const isUnsure = (cue) => cue.unsure.length > 0 || (cue.confidence !== null && cue.confidence < DOUBTFUL);

/**
 * `list` tells what the buttons do: goTo, split, merge, insert, remove, fix, draft, player, say. The controls are made when
 * the row comes near the window, since a film may have thousands.
 */
export class CueRow {
  #list; #id = `cue-${(made += 1)}`; #parts = null; #told = ""; #note = null; #number = 0; #faults = { start: null, end: null }; #over = {};

  constructor(cue, list) {
    [this.cue, this.#list] = [cue, list];
    this.node = make("li", { class: "cue", id: this.#id });
    this.node.row = this;
    this.#sketch();
  }

  get built() { return this.#parts !== null; }

  get number() { return this.#number; }
  set number(number) {
    if (number === this.#number) return;
    this.#number = number;
    if (this.built) this.relabel();
  }

  set current(current) {
    this.node.classList.toggle("current", current);
    current ? this.node.setAttribute("aria-current", "true") : this.node.removeAttribute("aria-current");
    if (this.built) this.#parts.now.hidden = !current;
  }

  /** Makes the controls. */
  build() {
    if (this.built) return;
    const { cue } = this;
    const parts = (this.#parts = { number: make("span", { class: "cue-number" }), now: make("span", { class: "badge good", t: "film.now", hidden: true }) });
    parts.goTo = make("button", { type: "button", class: "small quiet", t: "film.goto", onclick: () => this.#list.goTo(cue) });
    parts.text = make("textarea", { rows: 2, dir: "auto", spellcheck: "true", name: "text" });
    parts.findings = make("ul", { class: "cue-findings", id: `${this.#id}-findings` });
    parts.unsure = make("p", { class: "cue-unsure", id: `${this.#id}-unsure` });
    parts.text.setAttribute("aria-describedby", `${this.#id}-findings ${this.#id}-unsure`);
    parts.text.addEventListener("input", () => this.#list.draft.set(cue, { text: parts.text.value }));
    parts.note = make("p", { class: "note", hidden: true });
    parts.tools = ["split", "merge", "insert", "remove"].map((name) =>
      make("button", { type: "button", class: "small quiet", t: `film.${name}`, onclick: () => this.#list[name](this) }));
    const tools = make("div", { class: "cue-tools" }, ...parts.tools);
    parts.group = make("div", { class: "cue-row", role: "group" },
      make("div", { class: "cue-side" }, make("div", { class: "cue-head" }, parts.number, parts.goTo, parts.now),
        this.#time("start"), this.#time("end")),
      make("div", { class: "cue-main" }, parts.text, parts.note, parts.unsure, parts.findings, tools));
    parts.group.addEventListener("keydown", (event) => this.#undoTimes(event));
    this.node.replaceChildren(parts.group);
    this.node.classList.add("built");
    if (this.node.classList.contains("current")) parts.now.hidden = false;
    this.refresh();
    this.relabel();
  }

  /** Brings the fields to what the caption is. */
  refresh() {
    if (!this.built) return this.#sketch();
    const { text } = this.#parts;
    const typing = text === document.activeElement && text.value.trim() === this.cue.text.trim(); // a new line was begun
    if (text.value !== this.cue.text && !typing) text.value = this.cue.text;
    text.lang = this.#list.draft.meta.language ?? "";
    text.rows = Math.max(2, this.cue.text.split("\n").length);
    for (const name of ["start", "end"]) this.#refreshTime(name);
    this.#writeUnsure();
    this.showFindings();
  }

  /** The words around the fields, in the language of the page. */
  relabel() {
    if (!this.built) return;
    const { number, goTo, text, group, tools } = this.#parts;
    const n = this.#number;
    number.textContent = n;
    group.setAttribute("aria-label", t("film.cue", { n }));
    text.setAttribute("aria-label", t("film.cue.text", { n }));
    goTo.setAttribute("aria-label", t("film.goto.cue", { n }));
    for (const tool of tools) tool.setAttribute("aria-label", t(`${tool.dataset.t}.cue`, { n }));
    for (const name of ["start", "end"]) {
      this.#parts[name].setAttribute("aria-label", t(`film.${name}.cue`, { n }));
      this.#tellFault(name);
    }
    this.#writeUnsure();
    this.#writeNote();
    this.#told = "";
    this.showFindings();
  }

  /** Shows the words of `key` in the row; null: none any more. */
  tell(key, values) {
    this.#note = key && [key, values];
    this.build();
    this.#writeNote();
  }

  #writeNote() {
    const { note } = this.#parts;
    note.hidden = !this.#note;
    note.textContent = this.#note ? t(...this.#note) : "";
  }

  showFindings() {
    if (!this.built) return;
    const told = JSON.stringify(this.cue.findings);
    if (told === this.#told) return;
    this.#told = told;
    this.#parts.findings.replaceChildren(...this.cue.findings.map((finding) => this.#finding(finding)));
    this.#parts.findings.hidden = !this.cue.findings.length;
  }

  /** Puts the cursor into "text", "start" or "end". */
  focus(name = "text", at = null) {
    this.build();
    const field = this.#parts[name] ?? this.#parts.text;
    field.focus();
    if (at !== null) field.setSelectionRange(at, at);
    else if (name !== "text") field.select();
  }

  /** Where the cursor stands in the text. */
  get cursor() { return this.#parts?.text.selectionStart ?? 0; }

  /** Names the field that `element` is. */
  fieldOf(element) { return element?.name || "text"; }

  #sketch() {
    this.node.replaceChildren(make("p", { class: "cue-sketch", dir: "auto" }, this.cue.text));
  }

  // ---- times

  #time(name) {
    const input = make("input", { type: "text", name, class: "cue-time", autocomplete: "off", spellcheck: "false", "aria-describedby": `${this.#id}-${name}-fault` });
    const fault = make("span", { class: "cue-fault", id: `${this.#id}-${name}-fault` });
    this.#parts[name] = input;
    this.#parts[`${name}Fault`] = fault;
    input.addEventListener("change", () => this.#takeTimes(name));
    input.addEventListener("keydown", (event) => this.#timeKey(event, name));
    return make("label", { class: "cue-field" }, make("span", { t: `film.${name}.field` }), input, fault);
  }

  /** The value as it was given, to the microsecond, unless another one was typed. */
  #timeOf(name) {
    const typed = this.#parts[name].value;
    return typed === timeText(this.cue[name]) ? this.cue[name] : parseTime(typed);
  }

  #takeTimes(changed) {
    const times = { start: this.#timeOf("start"), end: this.#timeOf("end") };
    for (const name of ["start", "end"]) this.#faults[name] = times[name] === null ? "film.time.shape" : null;
    if (!this.#faults.start && !this.#faults.end) this.#faults[changed] = faultOf(times.start, times.end);
    for (const name of ["start", "end"]) this.#tellFault(name);
    const fault = this.#faults[changed] ?? this.#faults.start ?? this.#faults.end;
    this.#over = { start: this.cue.start, end: this.cue.end };
    if (fault) return this.#list.say(t(fault)); // also to those who have left the field
    this.#list.draft.set(this.cue, times);
    for (const name of ["start", "end"]) this.#writeTime(name);
  }

  /** What stands in the fields and was not taken goes. */
  #restoreTimes() {
    this.#faults = { start: null, end: null };
    for (const name of ["start", "end"]) this.#writeTime(name), this.#tellFault(name);
  }

  /** Undo takes back first what was typed last: a time that is not the caption's. */
  #undoTimes(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "z") return;
    if (["start", "end"].every((name) => this.#parts[name].value === timeText(this.cue[name]))) return;
    this.#restoreTimes();
    event.preventDefault();
    event.stopPropagation();
  }

  #timeKey(event, name) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const fps = this.#list.draft.meta.fps;
    if (step && this.#timeOf(name) !== null) {
      this.#parts[name].value = timeText(this.#timeOf(name) + step / (fps || 10));
    } else if (event.key.toLowerCase() === "n" && this.#list.player.playable) {
      this.#parts[name].value = timeText(this.#list.player.time);
    } else if (event.key === "Escape") {
      this.#restoreTimes();
      return event.stopPropagation();
    } else if (event.key !== "Enter") {
      return;
    }
    event.preventDefault();
    this.#takeTimes(name);
  }

  /** A time that cannot be stays while it is worked at, unless the caption has another one now. */
  #refreshTime(name) {
    if (this.#faults[name]) {
      if (this.#parts[name] === document.activeElement && this.#over[name] === this.cue[name]) return;
      this.#faults[name] = null;
      this.#tellFault(name);
    }
    this.#writeTime(name);
  }

  #writeTime(name) {
    const text = timeText(this.cue[name]);
    if (this.#parts[name].value !== text) this.#parts[name].value = text;
  }

  #tellFault(name) {
    const key = this.#faults[name];
    this.#parts[name].toggleAttribute("aria-invalid", false);
    if (key) this.#parts[name].setAttribute("aria-invalid", "true");
    const told = this.#parts[`${name}Fault`];
    const text = key ? t(key) : "";
    if (told.textContent === text) return;
    told.textContent = text;
    this.node.dispatchEvent(new Event("fault", { bubbles: true }));
  }

  // ---- what is told about it

  #writeUnsure() {
    const { cue } = this;
    const { unsure } = this.#parts;
    const parts = [];
    if (cue.unsure.length) parts.push(t("film.unsure", { words: cue.unsure.map((word) => t("film.quoted", { word })).join(t("film.comma")) }));
    if (cue.confidence !== null && isUnsure(cue)) parts.push(t("film.sure", { percent: percent(cue.confidence) }));
    unsure.textContent = parts.join(t("film.gap"));
    unsure.hidden = !parts.length;
  }

  #finding(finding) {
    const { sentence, detail } = findingWords(finding);
    const fix = finding.fixable
      ? make("button", { type: "button", class: "small", t: "film.fix", "aria-label": t("film.fix.this", { what: sentence, n: this.#number }), onclick: () => this.#list.fix(this, finding) })
      : null;
    const error = finding.severity === "error";
    return make("li", { class: finding.severity },
      make("span", { class: error ? "badge attend" : "badge", t: error ? "film.error" : "film.advice" }), make("strong", {}, sentence), fix,
      make("p", { class: "hint" }, detail, " ", fixWords(finding)));
  }
}
