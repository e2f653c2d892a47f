/** The signs one by one, where each comes from, and what was not done. */

import { make } from "./accessify-captions.js";
import { clock, has, language, onLanguage, t } from "./text.js";

const ORIGINS = ["lexicon", "notation", "spelled", "missing"];
const SHAPES = { lexicon: "★", notation: "◆", spelled: "A·B·C", missing: "□" };
const SHOWN = 300; // rows that are made at once; more on request

export class SigningList {
  #answer = null; #replay; #rows = []; #shown = SHOWN; #current = -1;

  constructor(onReplay) {
    this.#replay = onReplay;
    this.summary = make("div", { class: "stack signing-summary" });
    this.rows = make("ol", { class: "signing-rows", tabindex: 0, "t-label": "signing.list" });
    this.more = make("button", { type: "button", hidden: true, t: "signing.show-more", onclick: () => this.#next() });
    this.notes = make("div", { class: "stack" });
    this.node = make("section", { class: "card stack", hidden: true }, make("h3", { t: "signing.signs-title" }), this.summary,
      make("p", { class: "hint", t: "signing.replay-hint" }), this.rows, this.more, this.notes);
    onLanguage(() => this.#draw());
  }

  /** One sentence: how many words there are, and what became of them. */
  get sum() {
    const counts = this.#counts();
    const parts = ORIGINS.filter((origin) => counts[origin]).map((origin) => t(`signing.sum.${origin}`, { n: counts[origin] }));
    return t("signing.sum", { n: this.#answer.glosses.length, parts: parts.join(t("signing.comma")) });
  }

  #counts() {
    const counts = {};
    for (const { origin } of this.#answer.glosses) counts[origin] = (counts[origin] ?? 0) + 1;
    return counts;
  }

  show(answer) {
    const before = this.#answer;
    this.#answer = answer;
    if (before?.version === answer.version) return this.notes.replaceChildren(...this.#notes()); // a row may be under a pointer that is down
    this.#shown = SHOWN;
    this.#draw();
  }

  clear() {
    this.#answer = null;
    this.node.hidden = true;
  }

  /** Marks the sign that is shown, and brings it into sight within the list. */
  point(number) {
    this.#rows[this.#current]?.removeAttribute("aria-current");
    this.#current = number;
    if (number >= this.#rows.length && number < (this.#answer?.glosses.length ?? 0)) return this.#more(number);
    const row = this.#rows[number];
    if (!row) return;
    row.setAttribute("aria-current", "true");
    const [list, item] = [this.rows.getBoundingClientRect(), row.getBoundingClientRect()];
    if (item.top < list.top || item.bottom > list.bottom) this.rows.scrollTop += item.top - list.top - list.height / 3;
  }

  #next() {
    const first = this.#rows.length;
    this.#more(first);
    this.#rows[first].focus(); // the button may be gone
  }

  /** So many rows that `number` is among them. */
  #more(number) {
    this.#shown = (Math.floor(number / SHOWN) + 1) * SHOWN;
    this.#draw();
  }

  #draw() {
    if (!this.#answer) return;
    const { glosses } = this.#answer;
    this.node.hidden = false;
    this.#drawSummary();
    this.#rows = glosses.slice(0, this.#shown).map((gloss, number) => this.#row(gloss, number));
    this.rows.replaceChildren(...this.#rows.map((row) => make("li", {}, row)));
    this.more.hidden = glosses.length <= this.#shown;
    this.notes.replaceChildren(...this.#notes());
    const current = this.#current;
    this.#current = -1;
    this.point(current);
  }

  #drawSummary() {
    const counts = this.#counts();
    const { glosses, part, written } = this.#answer;
    const missing = glosses.filter(({ origin }) => origin === "missing").map(({ text }) => text);
    this.summary.replaceChildren(
      make("p", {}, make("strong", {}, this.sum)),
      missing.length ? make("p", {}, make("span", { class: "badge attend" }, make("span", { "aria-hidden": "true" }, SHAPES.missing), t("signing.missing")), " ",
        make("span", { lang: written, dir: "auto" }, [...new Set(missing)].slice(0, 20).join(t("signing.comma")))) : "",
      (counts.spelled ?? 0) > glosses.length / 2 ? make("p", { class: "hint" }, t("signing.mostly-spelled")) : "",
      part && part.last < part.total ? make("p", { class: "note" }, t("signing.part", { ...part, next: part.last + 1 })) : "");
  }

  #row(gloss, number) {
    const { start, text, origin, source } = gloss;
    const label = t(`signing.origin.${origin}`);
    return make("button", { type: "button", class: "signing-row", onclick: () => this.#replay(number), title: source },
      make("span", { class: "signing-time" }, clock(start, 1)),
      make("span", { class: "signing-text" }, make("span", { lang: this.#answer.written, dir: "auto" }, text), this.#about(gloss)),
      make("span", { class: `badge${origin === "missing" ? " attend" : ""}` }, make("span", { "aria-hidden": "true" }, SHAPES[origin] ?? "?"), label));
  }

  /** What is shown for a word, where that is not the word; of a sign of the reader's own, its file too. */
  #about({ text, name, origin, source }) {
    const parts = [name !== text && origin !== "missing" ? name : "", origin === "lexicon" ? source : ""].filter(Boolean);
    return parts.length ? make("span", { class: "hint signing-name", dir: "auto" }, parts.join(" · ")) : "";
  }

  /** What was not done, by kinds, in the reader's language; the program's own words behind it. */
  #notes() {
    const { notes } = this.#answer;
    if (!notes.length) return [];
    return [noteDetails(notes, this.#answer.glosses)];
  }
}

/** Notes of the program: a sentence for each kind, then each by itself in its English words; readers of another language are told where it is. */
export function noteDetails(notes, glosses = []) {
  const count = notes.reduce((sum, { count: n }) => sum + n, 0);
  const kinds = notes.map(({ kind, count: n, items }) => {
    const key = `signing.note.${kind.replaceAll(" ", "-")}`;
    const known = has(key);
    const said = !known || language() === "en";
    const word = (start) => glosses.findLast((gloss) => gloss.start <= start)?.text ?? "";
    return make("li", {}, known ? t(key, { n }) : t("signing.note", { n }),
      make("ul", { ...(said && { lang: "en" }), dir: "auto", class: "hint" },
        ...items.map(({ start, text }) => make("li", {}, start || !said ? `${clock(start, 1)} ` : "", said ? text : word(start)))));
  });
  return make("details", { class: "signing-notes" }, make("summary", {}, t("signing.notes", { n: count })), make("ul", {}, ...kinds));
}
