/** Taking the captions along: in every format, and in the film. */

import { make } from "./accessify-captions.js";
import { FILMS, filePicker, FilmSource } from "./film-source.js";
import { JobView } from "./job.js";
import { attempt, Problem } from "./problem.js";
import { room } from "./room.js";
import { onLanguage, t } from "./text.js";

export class FilmExport {
  #ask; #draft; #say; #format; #problem; #job; #film; #link; #hint; #source; #choose; #version = null; #stale = false;

  /** `onFilm(name)`: a film of the room that captions without one are for. */
  constructor(ask, draft, say, onFilm) {
    [this.#ask, this.#draft, this.#say] = [ask, draft, say];
    this.#format = make("select", { id: "film-format" });
    this.#problem = make("div");
    this.#film = make("button", { type: "button", t: "film.mux", onclick: () => this.#mux() });
    this.#link = make("a", { class: "button", hidden: true });
    this.#hint = make("p", { class: "hint", t: "film.mux.hint" });
    this.#source = new FilmSource(ask, say);
    this.#choose = filePicker({ words: "film.choose", accept: FILMS, onFile: (file) => this.#source.take(file) });
    for (const type of ["chosen", "dropped", "ready", "failed"]) this.#source.addEventListener(type, () => this.#draw());
    this.#source.addEventListener("dropped", () => this.#choose.button.focus());
    for (const type of ["ready", "failed"]) this.#source.addEventListener(type, () => this.#source.film && onFilm(this.#source.film));
    this.#job = new JobView({
      kind: "mux", cancel: () => attempt(this.#problem, () => this.#ask("cancel", "mux")),
      onStart: () => ((this.#link.hidden = true), (this.#stale = false), this.#offer(null)), onDone: ({ result }) => this.#offer(result),
      onFail: ({ problem }) => attempt(this.#problem, () => { throw new Problem(problem); }), onCancel: () => this.#say(t("film.mux.cancelled")),
    });
    this.node = make("section", { class: "card stack film-export", "aria-labelledby": "film-export-title" },
      make("h3", { id: "film-export-title", t: "film.export" }),
      make("div", { class: "row" },
        make("div", { class: "field" }, make("label", { for: "film-format", t: "film.format" }), this.#format),
        make("button", { type: "button", class: "primary", t: "film.download", onclick: () => this.#download() })),
      this.#hint, make("div", { class: "row" }, this.#film, this.#link, this.#choose.button, this.#choose.input), this.#job.node, this.#problem);
    draft.addEventListener("values", () => this.#offer(null)); // it has the captions of before
    draft.addEventListener("splice", () => draft.version !== this.#version && this.#offer(null));
    draft.addEventListener("meta", () => this.#draw());
    onLanguage(() => this.#draw());
  }

  set formats(formats) {
    const written = formats.filter(({ writes }) => writes);
    this.#format.replaceChildren(...written.map(({ name, title, ending }) => make("option", { value: name }, `${title} (${ending})`)));
    this.#format.value = "srt";
  }

  #draw() {
    const film = this.#draft.meta?.film;
    const held = this.#choose.button === document.activeElement;
    this.#film.hidden = !film;
    this.#choose.button.hidden = Boolean(film || this.#source.name);
    if (film || !this.#source.name) this.#source.node.remove();
    else this.#hint.after(this.#source.node);
    if (held && film) this.#film.focus();
    this.#hint.dataset.t = !film ? "film.mux.none" : this.#stale ? "film.mux.changed" : "film.mux.hint";
    this.#hint.textContent = t(this.#hint.dataset.t);
  }

  async #download() {
    await attempt(this.#problem, async () => {
      await this.#draft.save();
      const { file, as } = await this.#ask("write", this.#format.value);
      const link = make("a", { href: room.url(file, as), download: as });
      link.click();
      this.#say(t("film.downloaded", { name: as }));
    });
  }

  async #mux() {
    await attempt(this.#problem, async () => {
      await this.#draft.save();
      await this.#ask("mux");
    });
  }

  /** Offers the film with captions; null, or one that has the captions of before: none. */
  #offer(result) {
    const had = !this.#link.hidden && document.activeElement === this.#link;
    const { meta, saved, version } = this.#draft;
    this.#stale = result ? Boolean(meta) && (!saved || result.version !== version) : this.#stale || !this.#link.hidden;
    if (this.#stale) result = null;
    this.#link.hidden = !result;
    this.#draw();
    if (had && !result) this.#film.focus();
    this.#version = result?.version ?? null; // of the captions that are in it
    if (!result) return;
    this.#link.href = room.url(result.file, result.as);
    this.#link.download = result.as;
    this.#link.textContent = t("film.mux.save", { name: result.as });
    this.#say(t("film.mux.done"));
  }
}
