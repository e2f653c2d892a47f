/** Taking the captions along: in every format, and in the film. */

import { make } from "./accessify-captions.js";
import { JobView } from "./job.js";
import { attempt, Problem } from "./problem.js";
import { room } from "./room.js";
import { onLanguage, t } from "./text.js";

export class FilmExport {
  #ask; #draft; #say; #format; #problem; #job; #film; #link; #hint; #version = null;

  constructor(ask, draft, say) {
    [this.#ask, this.#draft, this.#say] = [ask, draft, say];
    this.#format = make("select", { id: "film-format" });
    this.#problem = make("div");
    this.#film = make("button", { type: "button", t: "film.mux", onclick: () => this.#mux() });
    this.#link = make("a", { class: "button", hidden: true });
    this.#hint = make("p", { class: "hint", t: "film.mux.hint" });
    this.#job = new JobView({
      kind: "mux", cancel: () => attempt(this.#problem, () => this.#ask("cancel", "mux")),
      onStart: () => this.#offer(null), onDone: ({ result }) => this.#offer(result),
      onFail: ({ problem }) => attempt(this.#problem, () => { throw new Problem(problem); }), onCancel: () => this.#say(t("film.mux.cancelled")),
    });
    this.node = make("section", { class: "card stack film-export", "aria-labelledby": "film-export-title" },
      make("h3", { id: "film-export-title", t: "film.export" }),
      make("div", { class: "row" },
        make("div", { class: "field" }, make("label", { for: "film-format", t: "film.format" }), this.#format),
        make("button", { type: "button", class: "primary", t: "film.download", onclick: () => this.#download() })),
      this.#hint, make("div", { class: "row" }, this.#film, this.#link), this.#job.node, this.#problem);
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
    this.#film.disabled = !film;
    this.#hint.dataset.t = film ? "film.mux.hint" : "film.mux.none";
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

  #offer(result) {
    const had = !this.#link.hidden && document.activeElement === this.#link;
    this.#link.hidden = !result;
    if (had && !result) this.#film.focus();
    this.#version = result?.version ?? null; // of the captions that are in it
    if (!result) return;
    this.#link.href = room.url(result.file, result.as);
    this.#link.download = result.as;
    this.#link.textContent = t("film.mux.save", { name: result.as });
    this.#say(t("film.mux.done"));
  }
}
