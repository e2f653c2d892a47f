/** What was read: the newest in large letters, all of it as a list with times that can be kept. */

import { make } from "./accessify-captions.js";
import { letterNode, signNodes, signText, spelledText, wordNodes, wordsOf } from "./signs-words.js";
import { clock, onLanguage, t } from "./text.js";

const SHOWN = 200; // rows on the page
const NEAR = 30; // pixels from the end of the list that count as its end
const STANDS = 6000; // milliseconds that the newest sign stays in large letters

/** Takes signs and letters as they come; times in milliseconds from `began`. */
export class Reading {
  #began = null; #cleared = null; #pause = 800; #letters = []; #entries = []; #timer = null; #wordTimer = null; #newest = null;
  #line = make("p", { class: "signs-line" });
  #spelled = make("p", { class: "signs-spelled", dir: "ltr" });
  #list = make("ol", { class: "signs-list" });
  #log = make("div", { class: "signs-log live", role: "log", "data-t-label": "signs.read", tabindex: 0 }, this.#list);
  #heading = make("h3", { "data-t": "signs.read", tabindex: -1 });
  #none = make("p", { class: "hint signs-none live", "data-t": "signs.nothing" });
  #keep = make("button", { type: "button", class: "small", "data-t": "signs.keep", disabled: true, onclick: () => this.#download() });
  #clear = make("button", { type: "button", class: "small quiet", "data-t": "signs.clear", disabled: true, onclick: () => this.#clearAll() });
  #back = make("button", { type: "button", class: "small quiet", t: "signs.back", hidden: true, onclick: () => this.#restore() });

  constructor() {
    this.caption = make("div", { class: "card signs-caption" }, this.#line, this.#spelled);
    this.node = make("section", { class: "card stack" },
      make("div", { class: "row signs-between" }, this.#heading, make("span", { class: "row" }, this.#back, this.#keep, this.#clear)), this.#none, this.#log);
    this.#show();
    onLanguage(() => this.#redraw());
  }

  set pause(milliseconds) { this.#pause = milliseconds; }

  sign(sign) {
    this.#began ??= sign.start;
    this.#newest = sign;
    this.#add({ kind: "sign", start: sign.start, sign });
    this.#show();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#newest = null; this.#show(); }, STANDS);
  }

  letter(letter) {
    this.#began ??= letter.start;
    if (this.#letters.length && letter.start - this.#letters.at(-1).end >= this.#pause) this.#endWord();
    this.#letters.push(letter);
    this.#spell();
    clearTimeout(this.#wordTimer);
    this.#wordTimer = setTimeout(() => this.#endWord(), this.#pause + 3500);
    this.#show();
  }

  /** A letter that was told lies within a sign: the hand only passed through it. */
  within({ start }) {
    const holds = (letters) => letters?.find((letter) => letter.start === start);
    const place = this.#entries.findLastIndex(({ letters }) => holds(letters));
    const letter = holds(this.#letters) ?? holds(this.#entries[place]?.letters);
    if (!letter) return; // cleared
    letter.within = true;
    this.#spell();
    const row = place < 0 ? null : this.#list.children[place - this.#entries.length + this.#list.children.length];
    row?.replaceWith(this.#row(this.#entries[place]));
  }

  #spell() { this.#spelled.replaceChildren(...this.#letters.flatMap((letter) => [letterNode(letter), " "])); }

  /** The pictures have ended: the word that was being spelled is whole. */
  end() { this.#endWord(); }

  #clearAll() {
    this.#endWord();
    this.#cleared = { began: this.#began, entries: this.#entries };
    [this.#began, this.#newest, this.#entries] = [null, null, []];
    this.#redraw();
    this.#back.focus();
  }

  /** Puts what was cleared last before what was read since. */
  #restore() {
    const { began, entries } = this.#cleared;
    [this.#began, this.#cleared, this.#entries] = [began, null, [...entries, ...this.#entries]];
    this.#redraw();
    this.#heading.focus();
  }

  #endWord() {
    clearTimeout(this.#wordTimer);
    if (!this.#letters.length) return;
    this.#add({ kind: "word", start: this.#letters[0].start, letters: this.#letters });
    this.#letters = [];
    this.#spelled.replaceChildren();
    this.#show();
  }

  #add(entry) {
    this.#entries.push(entry);
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const newest = scrollTop + clientHeight > scrollHeight - NEAR; // else the reader looks at earlier ones
    this.#list.append(this.#row(entry));
    while (this.#list.children.length > SHOWN) this.#list.firstChild.remove();
    if (newest) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #row(entry) {
    const time = make("span", { class: "signs-time" }, clock((entry.start - this.#began) / 1000, 1));
    if (entry.kind === "sign") return make("li", {}, time, make("span", {}, ...signNodes(entry.sign)));
    return make("li", {}, time, make("span", {}, ...wordsOf(entry.letters, Infinity).flatMap(wordNodes)));
  }

  #show() {
    const any = this.#newest || this.#letters.length;
    this.#line.replaceChildren(...(this.#newest ? signNodes(this.#newest) : [any ? "" : make("span", { class: "hint" }, t("signs.line.empty"))]));
    this.#line.hidden = !this.#newest && any;
    this.#spelled.hidden = !this.#letters.length;
    this.#none.hidden = this.#entries.length > 0;
    this.#log.hidden = !this.#entries.length;
    this.#back.hidden = !this.#cleared;
    this.#keep.disabled = this.#clear.disabled = !this.#entries.length;
  }

  #redraw() {
    this.#list.replaceChildren(...this.#entries.slice(-SHOWN).map((entry) => this.#row(entry)));
    this.#show();
  }

  #download() {
    const rows = this.#entries.map((entry) => {
      const text = entry.kind === "sign" ? signText(entry.sign) : wordsOf(entry.letters, Infinity).map(spelledText).join(" ");
      return `${clock((entry.start - this.#began) / 1000, 1)}\t${text}`;
    });
    const file = new Blob([`${t("signs.machine")}\n\n${rows.join("\n")}\n`], { type: "text/plain" });
    const link = make("a", { href: URL.createObjectURL(file), download: `${t("signs.file")}.txt` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
}
