/** Signs of the reader's own: files that are given, told one by one, and taken away again. */

import { make } from "./accessify-captions.js";
import { attempt } from "./problem.js";
import { room } from "./room.js";
import { onLanguage, t } from "./text.js";

const FILES = ".pose,.npz,.sigml,.xml,.csv";
const INDEX = "index.csv"; // lists clips: it comes behind them

export class OwnSigns {
  #ask; #files = []; #sent = 0;

  constructor(ask) {
    this.#ask = ask;
    this.problem = make("div", { class: "problem" });
    this.count = make("span", { class: "badge" });
    this.file = make("input", { id: "signing-own", type: "file", accept: FILES, multiple: true, "aria-describedby": "signing-own-hint", onchange: () => this.#take() });
    this.list = make("ul", { class: "signing-own", "t-label": "signing.own" });
    this.said = make("p", { class: "hint", role: "status", tabindex: -1 });
    this.node = make("details", {}, make("summary", {}, make("span", { t: "signing.own" }), " ", this.count),
      make("div", { class: "stack" }, make("p", { class: "hint", id: "signing-own-hint", t: "signing.own.hint" }),
        make("div", { class: "field" }, make("label", { for: "signing-own", t: "signing.own.file" }), this.file),
        this.problem, this.list, this.said));
    onLanguage(() => { this.said.textContent = ""; this.#draw(); });
  }

  /** What the room keeps. */
  async fetch() { this.#show(await this.#ask("own_signs")); }

  #show({ files }) {
    this.#files = files;
    this.#draw();
  }

  async #take() {
    const files = [...this.file.files].sort((one, other) => (one.name === INDEX) - (other.name === INDEX));
    if (!files.length) return;
    const before = this.#signs();
    await attempt(this.problem, async () => {
      for (const file of files) {
        const name = `own-signs-${(this.#sent += 1)}`;
        await room.upload(file, name);
        this.#show(await this.#ask("take_signs", name));
      }
    });
    this.file.value = ""; // the same file may be chosen again once it is mended
    const more = this.#signs() - before;
    this.said.textContent = more > 0 ? t("signing.own.taken", { n: more }) : "";
  }

  async #drop(name) {
    await attempt(this.problem, async () => {
      this.#show(await this.#ask("drop_signs", name));
      this.said.textContent = t("signing.own.dropped", { name });
      this.said.focus();
    });
  }

  #signs() { return this.#files.reduce((sum, { signs }) => sum + signs, 0); }

  #draw() {
    this.count.textContent = t("signing.own.count", { n: this.#signs() });
    this.list.hidden = !this.#files.length;
    this.list.replaceChildren(...this.#files.map((file) => this.#row(file)));
  }

  #row({ name, signs, words }) {
    const told = [words.join(t("signing.comma")), signs > words.length ? "…" : ""].filter(Boolean).join(" ");
    return make("li", {},
      make("span", {}, make("strong", { dir: "auto" }, name), make("span", { class: "hint" }, `${t("signing.own.count", { n: signs })} · `, make("span", { dir: "auto" }, told))),
      make("button", { type: "button", class: "small", "aria-label": t("signing.own.drop", { name }), onclick: () => this.#drop(name) }, t("signing.own.remove")));
  }
}
