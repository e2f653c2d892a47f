/** Transcripts of the tab: one for the microphone and one for each film, kept over a reload of the page. */

import { make } from "./accessify-captions.js";
import { addRow, save, Transcript } from "./live-transcript.js";
import { onLanguage, t } from "./text.js";

const STORE = "accessify-live";
const SAVE_SECONDS = 2; // between two times that it is kept

export class Notebook {
  #books = new Map(); // key → {key, title, list, transcript}
  #open = null;
  #offered = null; // what was kept, as `#pack` gives it
  #timer = 0;
  #title = make("p", { class: "hint" });
  #place = make("div");
  #offer = make("div", { class: "note stack", hidden: true });
  #buttons = {};
  /** When the first stream began, so that times go on after a reload. */
  began = 0;

  constructor() {
    const button = (name, act) => (this.#buttons[name] = make("button", { type: "button", t: `live.transcript.${name}`, disabled: true, onclick: act }));
    this.node = make("section", { class: "card stack", "aria-labelledby": "live-transcript-title" },
      make("h3", { id: "live-transcript-title", t: "live.transcript.title" }), this.#offer, this.#title, this.#place,
      make("div", { class: "row" },
        button("txt", () => this.#save((transcript) => transcript.txt(), "text/plain", "txt")),
        button("vtt", () => this.#save((transcript) => transcript.vtt(t("live.remark")), "text/vtt", "vtt")),
        button("clear", () => this.#clear())));
    this.#offered = kept();
    this.open("microphone", "");
    this.#drawOffer();
    onLanguage(() => (this.#label(), this.#drawOffer()));
    addEventListener("pagehide", () => this.#keep());
  }

  get transcript() { return this.#open.transcript; }
  get unsaved() { return [...this.#books.values()].some(({ transcript }) => !transcript.empty && !transcript.saved); }

  /** Shows and gives the transcript of a source. */
  open(key, title) {
    if (!this.#books.has(key)) this.#books.set(key, this.#make(key, title));
    this.#open = this.#books.get(key);
    this.#place.replaceChildren(this.#open.list);
    this.#label();
    return this.#open.transcript;
  }

  /** Something was said. */
  touch() {
    this.#enable();
    this.#timer ||= setTimeout(() => this.#keep(), SAVE_SECONDS * 1000);
  }

  #make(key, title) {
    const list = make("div", { class: "live-transcript", role: "region", tabindex: "0", "aria-labelledby": "live-transcript-title", dir: "auto" });
    return { key, title, list, transcript: new Transcript((entry) => addRow(list, entry)) };
  }

  #label() {
    const { key, title } = this.#open;
    this.#title.textContent = key === "microphone" ? t("live.transcript.microphone") : t("live.transcript.film", { title });
    this.#enable();
  }

  #enable() { for (const button of Object.values(this.#buttons)) button.disabled = this.transcript.empty; }

  #save(write, kind, ending) {
    save(write(this.transcript), kind, ending);
    this.transcript.saved = true;
  }

  #clear() {
    const { key, title } = this.#open;
    this.#offered = { began: this.began, books: [this.#packed(this.#open)] };
    this.#books.delete(key);
    this.open(key, title);
    this.onrenew?.();
    this.#drawOffer(true);
    this.#offer.querySelector("button").focus();
    this.#keep();
  }
  /** Called when `transcript` is another one. */
  onrenew = null;

  // ---- what is kept

  #packed({ key, title, transcript }) { return { key, title, entries: transcript.entries, saved: transcript.saved }; }

  #keep() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const books = [...this.#books.values()].filter(({ transcript }) => !transcript.empty).map((book) => this.#packed(book));
    const waiting = (this.#offered?.books ?? []).filter(({ key }) => !books.some((book) => book.key === key));
    try {
      if (books.length + waiting.length) sessionStorage.setItem(STORE, JSON.stringify({ began: this.began, books: [...books, ...waiting] }));
      else sessionStorage.removeItem(STORE);
    } catch { /* blocked or full: then a reload loses it, as the browser asks before */ }
  }

  #drawOffer(cleared = false) {
    this.#offer.hidden = !this.#offered;
    if (!this.#offered) return;
    const n = this.#offered.books.reduce((sum, { entries }) => sum + entries.length, 0);
    this.#offer.replaceChildren(make("p", { role: "status" }, t(cleared ? "live.kept.cleared" : "live.kept.found", { n })),
      make("div", { class: "row" },
        make("button", { type: "button", t: "live.kept.restore", onclick: () => this.#restore() }),
        make("button", { type: "button", class: "quiet", t: "live.kept.discard", onclick: () => this.#settle() })));
  }

  #restore() {
    const { began, books } = this.#offered;
    this.began = began || this.began;
    const shown = this.#open;
    for (const { key, title, entries, saved } of books) {
      const transcript = this.open(key, title);
      transcript.restore(entries);
      transcript.saved = saved;
    }
    if (!shown.transcript.empty || books.some(({ key }) => key === shown.key)) this.open(shown.key, shown.title);
    this.onrestore?.();
    this.#settle();
  }
  /** Called when `began` may be another one. */
  onrestore = null;

  #settle() {
    this.#offered = null;
    this.#drawOffer();
    this.#enable();
    this.#keep();
    this.#open.list.focus();
  }
}

/** What another loading of this page kept, or null. */
function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
    const sound = (book) => typeof book.key === "string" && Array.isArray(book.entries) && book.entries.every((entry) => typeof entry.text === "string");
    return found?.books?.length && found.books.every(sound) ? found : null;
  } catch {
    return null;
  }
}
