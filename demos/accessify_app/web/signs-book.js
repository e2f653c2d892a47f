/** The sign book of the room: what is in it, what looks alike, saving and loading it. */

import { make } from "./accessify-captions.js";
import { choices, chosenOf } from "./choices.js";
import { attempt } from "./problem.js";
import { room } from "./room.js";
import { has, onLanguage, t } from "./text.js";

let uploads = 0;

export class BookView {
  #ask; #onChange; #book = { signs: [] }; #copy = null; #alike = null; #removing = null;
  #list = make("ul", { class: "signs-book", "data-t-label": "signs.book" });
  #none = make("p", { class: "hint", "data-t": "signs.book.none" });
  #count = make("span", { class: "badge" });
  #said = make("p", { class: "hint signs-said", role: "status", tabindex: -1 });
  #problem = make("div", { class: "problem", tabindex: -1 });
  #save = make("a", { class: "button", "data-t": "signs.save", download: "my.signs", hidden: true });
  #report = make("button", { type: "button", "data-t": "signs.report", hidden: true, onclick: () => this.#compare() });
  #pairs = make("ul", { class: "signs-notes" });
  #file = make("input", { type: "file", id: "signs-file", accept: ".signs,.zip", onchange: () => this.#load() });
  #how = choices("signs.how", ["merge", "replace"], { hidden: true });

  /** `onChange(book)` hears of every change. */
  constructor(ask, onChange) {
    [this.#ask, this.#onChange] = [ask, onChange];
    this.node = make("section", { class: "card stack" },
      make("div", { class: "row" }, make("h3", { "data-t": "signs.book" }), this.#count), make("p", { class: "hint", "data-t": "signs.book.measures" }),
      this.#none, this.#list, make("div", { class: "row" }, this.#save, this.#report), this.#pairs,
      make("details", {}, make("summary", { "data-t": "signs.load" }), make("div", { class: "stack" }, this.#how, make("div", { class: "field" }, make("label", { for: "signs-file", "data-t": "signs.load.file" }), this.#file))),
      this.#problem, this.#said);
    onLanguage(() => { this.#said.textContent = ""; this.#draw(); });
    room.on("connection", (state) => state === "new" && this.#restore());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#renew());
    this.#draw();
  }

  get size() { return this.#book.signs.length; }

  async fetch() {
    await attempt(this.#problem, async () => this.show(await this.#ask("book")));
  }

  /** Another page of this room may have changed the book. */
  async #renew() {
    const book = await this.#ask("book").catch(() => null); // a lost connection is told elsewhere
    if (book && JSON.stringify(book) !== JSON.stringify(this.#book)) this.show(book);
  }

  show(book) {
    this.#copyBook(book);
    [this.#book, this.#alike, this.#removing] = [book, null, null];
    this.#draw();
    this.#onChange(book);
  }

  /** Keeps the book in this page too, for the case that accessify is started anew. */
  async #copyBook({ signs }) {
    try {
      if (!signs.length) this.#copy = null;
      const answer = signs.length ? await fetch(room.url("book.signs")) : null;
      if (answer?.ok) this.#copy = new File([await answer.blob()], "book.signs");
    } catch { /* the copy before is better than none */ }
  }

  /** There is a new room: the book goes into it. */
  async #restore() {
    if (!this.#copy) return this.fetch();
    return this.#give(this.#copy, "replace", () => t("signs.restored"));
  }

  #draw() {
    const { signs } = this.#book;
    this.#count.textContent = t("signs.count", { n: signs.length });
    this.#none.hidden = signs.length > 0;
    this.#list.hidden = this.#save.hidden = !signs.length;
    this.#report.hidden = signs.length < 2;
    this.#how.hidden = !signs.length;
    if (room.key) this.#save.href = room.url("book.signs", "my.signs");
    this.#list.replaceChildren(...signs.map((sign) => this.#row(sign)));
    this.#pairs.replaceChildren(...(this.#alike ?? []).map((pair) => make("li", {}, this.#pairText(pair))));
    this.#pairs.hidden = !this.#alike?.length;
  }

  #row(sign) {
    const about = [sign.gloss && sign.gloss !== sign.name ? sign.gloss : "", sign.language, t("signs.book.clips", { n: sign.clips }), t(sign.consent ? "signs.book.consent" : "signs.book.silent")].filter(Boolean);
    const text = make("span", { class: "signs-about" }, make("strong", { dir: "auto" }, sign.name), " ", make("span", { class: "hint", dir: "auto" }, about.join(" · ")));
    if (this.#removing !== sign.name) {
      const ask = () => { this.#removing = sign.name; this.#draw(); this.#list.querySelector(".danger").focus(); };
      return make("li", {}, text, make("button", { type: "button", class: "small", "aria-label": t("signs.remove.one", { name: sign.name }), onclick: ask }, t("signs.remove")));
    }
    const keep = () => { this.#removing = null; this.#draw(); this.#said.focus(); };
    return make("li", {}, text, make("span", { class: "row" },
      make("button", { type: "button", class: "small danger", onclick: () => this.#remove(sign.name) }, t("signs.remove.sure", { name: sign.name })),
      make("button", { type: "button", class: "small", onclick: keep }, t("signs.remove.keep"))));
  }

  async #remove(name) {
    await attempt(this.#problem, async () => {
      this.show(await this.#ask("remove", name));
      this.#said.textContent = t("signs.removed", { name });
      this.#said.focus();
    });
  }

  async #compare() {
    await attempt(this.#problem, async () => {
      this.#alike = await this.#ask("report");
      this.#draw();
      this.#said.textContent = this.#alike.length ? t("signs.alike", { n: this.#alike.length }) : t("signs.alike.none");
    });
  }

  #pairText({ names: [one, other], differences }) {
    if (!differences.length) return t("signs.alike.same", { one, other });
    const aspects = differences.map(({ aspect, text }) => (has(`signs.aspect.${aspect}`) ? t(`signs.aspect.${aspect}`) : text));
    return t("signs.alike.differ", { one, other, what: aspects.join(t("signs.and")) });
  }

  async #load() {
    const [file] = this.#file.files;
    if (!file) return;
    await this.#give(file, this.size ? chosenOf(this.#how) : "merge", () => t("signs.loaded", { n: this.size }));
    this.#file.value = "";
  }

  async #give(file, how, told) {
    await attempt(this.#problem, async () => {
      const name = `book-${Date.now()}-${++uploads}.signs`;
      await room.upload(file, name);
      this.show(await this.#ask("load", name, how));
      this.#said.textContent = told();
    });
  }
}
