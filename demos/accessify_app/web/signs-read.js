/** What was read: the newest in large letters, all of it as a list with times that can be kept. */

import { make } from "./accessify-captions.js";
import { meter, letterNode, signNodes, signText, wordSureness, wordText } from "./signs-words.js";
import { clock, onLanguage, percent, t } from "./text.js";

const SHOWN = 200; // rows on the page
const STANDS = 6000; // milliseconds that the newest sign stays in large letters

/** Takes signs and letters as they come; times in milliseconds from `began`. */
export class Reading {
  #began = null; #pause = 800; #letters = []; #entries = []; #timer = null; #wordTimer = null; #newest = null;
  #line = make("p", { class: "signs-line" });
  #spelled = make("p", { class: "signs-spelled", dir: "ltr" });
  #list = make("ol", { class: "signs-list" });
  #log = make("div", { class: "signs-log", role: "log", "data-t-label": "signs.read", tabindex: 0 }, this.#list);
  #heading = make("h3", { "data-t": "signs.read", tabindex: -1 });
  #none = make("p", { class: "hint", "data-t": "signs.nothing" });
  #keep = make("button", { type: "button", class: "small", "data-t": "signs.keep", disabled: true, onclick: () => this.#download() });
  #clear = make("button", { type: "button", class: "small quiet", "data-t": "signs.clear", disabled: true, onclick: () => this.clear() });

  constructor() {
    this.caption = make("div", { class: "card signs-caption" }, this.#line, this.#spelled);
    this.node = make("section", { class: "card stack" },
      make("div", { class: "row signs-between" }, this.#heading, make("span", { class: "row" }, this.#keep, this.#clear)), this.#none, this.#log);
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
    this.#spelled.append(this.#letters.length > 1 ? " " : "", letterNode(letter));
    clearTimeout(this.#wordTimer);
    this.#wordTimer = setTimeout(() => this.#endWord(), this.#pause + 3500);
    this.#show();
  }

  /** The pictures have ended: the word that was being spelled is whole. */
  end() { this.#endWord(); }

  clear() {
    this.#endWord();
    [this.#began, this.#newest, this.#entries] = [null, null, []];
    this.#list.replaceChildren();
    this.#spelled.replaceChildren();
    this.#show();
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
    this.#list.append(this.#row(entry));
    while (this.#list.children.length > SHOWN) this.#list.firstChild.remove();
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #row(entry) {
    const time = make("span", { class: "signs-time" }, clock((entry.start - this.#began) / 1000, 1));
    if (entry.kind === "sign") return make("li", {}, time, make("span", {}, ...signNodes(entry.sign)));
    const least = wordSureness(entry.letters);
    const word = make("strong", { class: "signs-word", dir: "ltr" }, wordText(entry.letters));
    return make("li", {}, time, make("span", {}, make("span", { class: "badge" }, t("signs.spelled")), " ", word, " ", least ? meter(least) : make("span", { class: "hint" }, t("signs.word.unknown"))));
  }

  #show() {
    const any = this.#newest || this.#letters.length;
    this.#line.replaceChildren(...(this.#newest ? signNodes(this.#newest) : [any ? "" : make("span", { class: "hint" }, t("signs.line.empty"))]));
    this.#line.hidden = !this.#newest && any;
    this.#spelled.hidden = !this.#letters.length;
    this.#none.hidden = this.#entries.length > 0;
    this.#log.hidden = !this.#entries.length;
    this.#keep.disabled = this.#clear.disabled = !this.#entries.length;
  }

  #redraw() {
    this.#list.replaceChildren(...this.#entries.slice(-SHOWN).map((entry) => this.#row(entry)));
    this.#show();
  }

  #download() {
    const rows = this.#entries.map((entry) => {
      const text = entry.kind === "sign" ? signText(entry.sign) : `${wordText(entry.letters)} (${t("signs.spelled")}, ${percent(wordSureness(entry.letters))})`;
      return `${clock((entry.start - this.#began) / 1000, 1)}\t${text}`;
    });
    const file = new Blob([`${t("signs.machine")}\n\n${rows.join("\n")}\n`], { type: "text/plain" });
    const link = make("a", { href: URL.createObjectURL(file), download: `${t("signs.file")}.txt` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
}
