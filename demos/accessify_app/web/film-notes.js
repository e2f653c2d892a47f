/** What was told about the captions beside the findings: how they were made, what could not be done, what was kept. */

import { make } from "./accessify-captions.js";
import { clock, has, language, onLanguage, t } from "./text.js";

export class FilmNotes {
  #draft; #table; #player; #list; #origin;

  constructor(draft, table, player) {
    [this.#draft, this.#table, this.#player] = [draft, table, player];
    this.#origin = make("p", { class: "hint" });
    this.#list = make("ul");
    this.node = make("section", { class: "stack film-notes", "t-label": "film.notes" }, this.#origin, this.#list);
    this.kept = make("div", { class: "stack" });
    draft.addEventListener("meta", () => this.#draw());
    draft.addEventListener("lost", () => this.#drawKept());
    onLanguage(() => (this.#draw(), this.#drawKept()));
  }

  #draw() {
    const { meta } = this.#draft;
    if (!meta) return;
    this.#origin.hidden = !meta.origin;
    this.#origin.textContent = t(meta.edited ? "film.origin.edited" : "film.origin");
    this.#list.replaceChildren(...(meta.notes ?? []).map((note) => this.#note(note)));
    this.#list.hidden = !meta.notes?.length;
  }

  /** What could not be done, and a way to where it is: the check tells it in English, other languages by its kind. */
  #note({ start, end, kind, text }) {
    const what = /: (.+)$/s.exec(text)?.[1];
    const key = kind === "unheard" && what ? "film.note.unheard.words" : `film.note.${kind}`;
    const told = language() !== "en" && has(key) ? make("span", {}, t(key, { what })) : make("span", { lang: "en", dir: "auto" }, text);
    const go = end > start && start > 0
      ? make("button", { type: "button", class: "small quiet", "aria-label": t("film.goto.time", { time: clock(start) }), onclick: () => this.#player.seek(start) }, clock(start))
      : null;
    return make("li", {}, go, told);
  }

  /** What was typed here while another page changed the same caption: nobody loses a word. */
  #drawKept() {
    this.kept.replaceChildren(...this.#draft.kept.map((kept) => {
      const done = () => {
        this.#draft.kept = this.#draft.kept.filter((each) => each !== kept);
        this.#drawKept();
      };
      const use = () => {
        const cue = this.#draft.cues.find((each) => each.start < kept.end && kept.start < each.end);
        if (cue) this.#draft.set(cue, { text: kept.text });
        else this.#draft.insert(kept);
        done();
        if (cue) this.#table.refresh(cue);
      };
      return make("div", { class: "problem", role: "alert" },
        make("p", {}, t("film.kept", { time: clock(kept.start) })), make("p", { class: "film-kept", dir: "auto" }, kept.text),
        make("div", { class: "row" }, make("button", { type: "button", class: "small", t: "film.kept.use", onclick: use }),
          make("button", { type: "button", class: "small quiet", t: "film.kept.drop", onclick: done })));
    }));
  }
}
