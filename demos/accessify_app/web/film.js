/** The tab in which a film gets its captions: choose it, watch them come, edit them, take them along. */

import { make } from "./accessify-captions.js";
import { CueTable } from "./cue-table.js";
import { Draft } from "./draft.js";
import { FilmCheck } from "./film-check.js";
import { ComingCaptions } from "./film-coming.js";
import { FilmExport } from "./film-export.js";
import { FilmNotes } from "./film-notes.js";
import { FilmPlayer } from "./film-player.js";
import { FilmStart } from "./film-start.js";
import { restored } from "./film-restore.js";
import { JobView } from "./job.js";
import { Problem, attempt, clearProblem, showProblem } from "./problem.js";
import { room } from "./room.js";
import { onLanguage, t } from "./text.js";

export function mount(root, ask) {
  return new FilmTab(root, ask).enter();
}

class FilmTab {
  #ask; #root; #view = ""; #began = null; #shown; #awaited = null; #entered = false; #opening = null; #parts = {};

  constructor(root, ask) {
    [this.#root, this.#ask] = [root, ask];
    this.said = make("p", { class: "visually-hidden", role: "status" });
    const say = (text) => this.#say(text);
    this.draft = new Draft(ask);
    this.player = new FilmPlayer();
    this.start = new FilmStart({ ask, say, onDraft: (draft) => this.#opened(draft) });
    this.table = new CueTable(this.draft, this.player, say);
    this.check = new FilmCheck(this.draft, this.table, say, ask);
    this.export = new FilmExport(ask, this.draft, say, (name) => this.#give(name));
    this.coming = new ComingCaptions(this.player);
    this.notes = new FilmNotes(this.draft, this.table, this.player);
    this.job = new JobView({
      kind: "caption", cancel: () => attempt(this.#parts.problem, () => this.#ask("cancel")),
      onStart: (job) => this.#working(job), onDone: (job) => this.#done(job),
      onFail: (job) => this.#ended(job, new Problem(job.problem)), onCancel: (job) => this.#ended(job, null),
    });
    this.#build();
    this.#listen();
  }

  async enter() {
    this.#show("start");
    await attempt(this.#parts.problem, async () => {
      const [choices, state] = await Promise.all([this.#ask("choices"), room.state()]);
      this.start.choices = choices;
      this.check.profiles = choices.profiles;
      this.export.formats = choices.formats;
      await this.#takeUp(state, choices.heard);
    });
    this.#enter();
  }

  /** What is being done may show: all that was here before is known. */
  #enter() {
    this.#entered = true;
    if (this.job.busy) this.#working(this.job.job);
  }

  // ---- what is on the page

  #build() {
    const heading = make("h2", { t: "film.title", tabindex: "-1" });
    const name = make("p", { class: "film-name", dir: "auto" });
    const again = make("button", { type: "button", class: "quiet", t: "film.again", onclick: () => this.#show("start", { focus: true }) });
    const other = make("button", { type: "button", t: "film.another", onclick: () => (this.#show("start"), this.start.source.drop()) });
    const back = make("button", { type: "button", t: "film.back", onclick: () => this.#edit({ focus: true }) });
    const problem = make("div");
    const unfilmed = make("p", { t: "film.restored.film" });
    const news = make("div", { class: "note stack", hidden: true }, make("p", { t: "film.restored" }), unfilmed,
      make("div", { class: "row" }, make("button", { type: "button", class: "small", t: "film.restored.seen", onclick: () => ((news.hidden = true), heading.focus()) })));
    const work = make("div", { class: "card stack" }, this.job.node, this.coming.node);
    const edit = make("div", { class: "stack" }, make("div", { class: "card" }, this.check.node), this.check.bar, this.table.node, this.#keys());
    const left = make("div", { class: "stack film-left" }, this.player.node, this.export.node, this.notes.node);
    const bench = make("div", { class: "split film-bench" }, left, make("div", { class: "film-right" }, work, edit));
    const lead = make("p", { class: "lead", t: "film.lead" });
    this.#parts = { heading, name, again, other, back, problem, news, unfilmed, work, edit, bench, lead };
    this.#root.append(make("div", { class: "stack film" },
      make("div", { class: "row film-top" }, make("div", {}, heading, name), make("div", { class: "row" }, back, again, other)),
      lead, problem, news, this.notes.kept, this.start.node, bench, this.said));
  }

  #keys() {
    const key = (name) => make("kbd", {}, name);
    const entry = (words, ...keys) => make("li", {}, ...keys.flatMap((each, index) => (index ? [" + ", key(each)] : [key(each)])), " ", make("span", { t: words }));
    return make("details", { class: "keys" }, make("summary", { t: "film.keys" }), make("ul", {},
      entry("film.keys.beside", "Alt", "↑ ↓"), entry("film.keys.goto", "Ctrl", "Enter"), entry("film.keys.split", "Ctrl", "Shift", "Enter"),
      entry("film.keys.step", "↑ ↓"), entry("film.keys.now", "N"), entry("film.keys.escape", "Esc"),
      entry("film.keys.undo", "Ctrl", "Z"), entry("film.keys.redo", "Ctrl", "Shift", "Z")));
  }

  #show(view, { focus = false } = {}) {
    const { heading, name, again, other, back, problem, work, edit, bench, lead } = this.#parts;
    const changed = view !== this.#view;
    if (changed) clearProblem(problem); // it is of what was shown before
    const lost = this.#root.contains(document.activeElement) && document.activeElement;
    this.#view = view;
    this.start.node.hidden = lead.hidden = view !== "start";
    bench.hidden = view === "start";
    work.hidden = view !== "work";
    edit.hidden = this.export.node.hidden = this.notes.node.hidden = view !== "edit";
    other.hidden = view !== "edit";
    again.hidden = view !== "edit" || !this.#same;
    back.hidden = view !== "start" || !this.draft.meta;
    name.hidden = view === "start";
    if (view === "start") this.player.pause();
    if (changed && (focus || (lost && !lost.checkVisibility?.()))) heading.focus();
    this.#name();
  }

  /** Whether the film that was chosen is the one of the captions. */
  get #same() { return Boolean(this.draft.meta?.film) && this.draft.meta.film.file === this.start.source.name; }

  /** The film of the captions: as the room has it, else as it was chosen on this page. */
  get #own() {
    const { source } = this.start;
    const { film, title } = this.draft.meta;
    return film?.file ?? (source.file && source.title === title ? source.name : null);
  }

  #name() {
    const { meta } = this.draft;
    this.#parts.name.textContent = (this.#view === "edit" ? meta.film?.title ?? meta.title : this.start.source.title) || t("film.untitled");
  }

  #say(text) { this.said.textContent = this.said.textContent === text ? `${text}\u00a0` : text; }

  #listen() {
    const { problem } = this.#parts;
    this.draft.addEventListener("fail", ({ detail }) => showProblem(problem, detail.error));
    this.draft.addEventListener("done", () => this.#view === "edit" && clearProblem(problem));
    this.draft.addEventListener("splice", ({ detail }) => this.#view === "edit" && this.player.splice(detail.removed, detail.added));
    this.draft.addEventListener("meta", () => this.#meta());
    for (const type of ["ready", "failed"]) this.start.source.addEventListener(type, () => this.#arrived());
    room.on("cues", (message) => message.kind === "caption" && this.#view === "work" && this.coming.take(message));
    room.on("connection", (state) => state === "new" && this.#restore());
    this.#root.addEventListener("keydown", (event) => this.#key(event));
    onLanguage(() => this.#name());
  }

  #meta() {
    this.player.language = this.draft.meta.language ?? "";
    if (this.#view !== "edit") return;
    if (this.#own !== this.#shown) this.#film(this.#own); // it may be another one now
    this.#show("edit");
  }

  #key(event) {
    if (this.#view !== "edit" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const step = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!step) return;
    event.preventDefault();
    this.check.step(step);
  }

  // ---- the film on its way

  /** What lies in the room: a reload loses nothing. */
  async #takeUp({ files = {}, jobs = [], draft = null, cues = [] }, heard) {
    this.start.takeUp(files, heard);
    const job = jobs.filter(({ kind }) => kind === "caption").at(-1);
    const working = job?.status === "queued" || job?.status === "running";
    if (working) {
      this.job.take(job);
      this.#enter();
      for (const message of cues) if (message.kind === "caption") this.coming.take(message);
    }
    if (draft) await (working ? this.draft.load() : this.#open());
  }

  /** Shows a film of the room: from this computer where the page still has it. */
  #film(name) {
    const { source } = this.start;
    const chosen = source.name === name ? source : null;
    this.#shown = name;
    const picture = chosen?.info?.picture ?? Boolean(this.draft.meta?.fps);
    this.player.show(chosen?.file ?? (name && room.url(name)), picture);
  }

  #working(job) {
    if (!this.#entered || this.#began === job.id) return; // its film is not known yet, or it is told once more
    this.#began = job.id;
    clearProblem(this.#parts.problem);
    this.player.setCues([]);
    this.coming.clear();
    this.#film(this.start.source.name);
    this.#show("work", { focus: this.start.node.contains(document.activeElement) });
  }

  async #done(job) {
    const here = this.#began === job.id;
    if (!here && this.draft.meta) return; // told once more after a reconnection
    await this.#open();
    if (here) this.#say(t("film.done", { captions: t("film.captions", { n: this.draft.cues.length }) }));
  }

  #ended(job, error) {
    const here = this.#began === job.id;
    if (this.#view === "work") this.#same ? this.#edit({ focus: here }) : this.#show("start", { focus: here });
    if (error) showProblem(this.#parts.problem, error);
    else if (here) this.#say(t("film.cancelled"));
  }

  #open() {
    this.#opening ??= this.draft.load().finally(() => {
      this.#opening = null;
      if (this.draft.meta) this.#edit();
    });
    return this.#opening;
  }

  #opened(draft) {
    this.draft.take(draft);
    this.#awaited = draft.film ? null : this.start.source.name; // it is still on its way
    this.#edit({ focus: true });
    this.#say(t("film.done", { captions: t("film.captions", { n: this.draft.cues.length }) }));
  }

  #edit({ focus = false } = {}) {
    if (this.#own !== this.#shown) this.#film(this.#own);
    this.player.setCues(this.draft.cues);
    this.#show("edit", { focus });
  }

  /** The server was started anew: the captions that stand here, and the film, go into the new room. */
  async #restore() {
    const { source } = this.start;
    const { file } = source;
    const own = this.#same;
    if (this.draft.meta) await this.#renew(!this.draft.meta.film || (own && file));
    if (!file) return void (source.name && source.drop()); // it is gone
    await source.take(file);
    if (own && source.film) await this.#give(source.film);
  }

  /** `complete`: the film is still at hand too, where there was one. */
  async #renew(complete) {
    await this.draft.renew(() => restored(this.draft, this.#ask));
    const { news, unfilmed } = this.#parts;
    news.hidden = false;
    unfilmed.hidden = Boolean(complete);
    this.#say([...news.querySelectorAll("p:not([hidden])")].map(({ textContent }) => textContent).join(t("film.gap")));
  }

  /** The film that caption files were opened for while it was on its way. */
  #arrived() {
    const { film, name } = this.start.source;
    if (this.#awaited !== name) return;
    this.#awaited = null;
    if (film && this.#view === "edit") this.#give(film);
  }

  /** A film of the room becomes the one of the captions. */
  #give(name) { return this.draft.renew(() => this.#ask("give_film", name)); }
}
