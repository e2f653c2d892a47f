/** Choosing a film and how it is to be captioned. */

import { make } from "./accessify-captions.js";
import { FILMS, filePicker, FilmSource, sendCaptions } from "./film-source.js";
import { JobView } from "./job.js";
import { attempt, clearProblem, Problem } from "./problem.js";
import { language, onLanguage, percent, t } from "./text.js";

const CAPTIONS = ".srt,.vtt,.ttml,.dfxp,.xml,.ass,.ssa,.json,.eaf,.scc,.stl,.sub,.smi,.sbv,.txt,.lrc";

const isOneOf = (endings, { name }) => endings.split(",").includes(/\.[^.]+$/.exec(name)?.[0].toLowerCase());
const isCaptions = (file) => isOneOf(CAPTIONS, file);
const isFilm = (file) => !isCaptions(file) && (/^(video|audio)\//.test(file.type) || isOneOf(FILMS, file));

/** `onDraft(draft)` when a caption file was opened. What is given at the wrong place is taken for what it is. */
export class FilmStart {
  #ask; #onDraft; #choices = null; #fields = {}; #drop; #card; #problem; #go; #wanted = false; #chosen = false; #left = null; #stopped; #sample; #sampling = false; #job; #starting = false;

  constructor({ ask, say, onDraft }) {
    [this.#ask, this.#onDraft] = [ask, onDraft];
    this.source = new FilmSource(ask, say);
    this.node = make("div", { class: "stack film-start" });
    this.#problem = make("div");
    this.#stopped = make("p", { class: "note", hidden: true });
    this.#drop = make("div", { class: "drop" });
    const film = filePicker({ words: "film.choose", accept: FILMS, onFile: (file) => (isCaptions(file) ? this.#open(file) : this.source.take(file)), primary: true, zone: this.node });
    this.picker = film.button;
    film.input.name = "film";
    const captions = filePicker({ words: "film.captions.choose", accept: CAPTIONS, onFile: (file) => (isFilm(file) ? this.source.take(file) : this.#open(file)) });
    captions.input.name = "captions";
    this.#sample = make("button", { type: "button", class: "quiet", t: "film.sample", hidden: true, onclick: () => this.#trySample() });
    this.#job = new JobView({
      kind: "sample", cancel: () => attempt(this.#problem, () => ask("cancel", "sample")), onCancel: () => this.#sampled(),
      onDone: ({ result }) => this.#sampled() && this.source.takeStored(result.file, result),
      onFail: ({ problem }) => this.#sampled() && attempt(this.#problem, () => { throw new Problem(problem); }),
    });
    this.#drop.append(make("strong", { t: "film.drop" }), make("p", { class: "hint", t: "film.drop.hint" }), film.button, film.input, this.#sample, this.#job.node);
    this.#go = make("button", { type: "submit", class: "primary", t: "film.start" });
    this.#card = make("form", { class: "card stack", onsubmit: (event) => (event.preventDefault(), this.#start()) },
      this.source.node, this.#options(), make("div", { class: "row" }, this.#go));
    this.node.append(this.#stopped, this.#drop, this.#card, this.#problem,
      make("details", {}, make("summary", { t: "film.captions.open" }),
        make("div", { class: "stack" }, make("p", { class: "hint", t: "film.captions.hint" }), make("div", { class: "row" }, captions.button, captions.input))));
    for (const type of ["chosen", "ready", "failed", "dropped"]) this.source.addEventListener(type, () => this.#follow(type));
    this.#follow("dropped");
    onLanguage(() => this.#words());
  }

  /** What the callback `choices` gives. */
  set choices(choices) {
    this.#choices = choices;
    this.#sample.hidden = !choices.sample;
    this.#words();
  }

  /** Takes up what was sent before the page was loaded anew; `heard` is what was captioned last. */
  takeUp(files, heard) {
    const films = Object.entries(files).filter(([name]) => name.startsWith("film-"));
    const there = films.filter(([, { size, received }]) => received >= size);
    const whole = there.find(([name]) => name === heard) ?? there.at(-1);
    const part = films.filter(([, { size, received }]) => received < size).at(-1);
    this.#left = part?.[1] ?? null;
    if (whole && !this.source.name) this.source.takeStored(...whole);
    this.#words();
  }

  // ---- what is chosen

  #options() {
    const select = (name, onchange = null) => {
      this.#fields[name] = make("select", { id: `film-${name}`, name, ...(onchange && { onchange }) });
      return make("div", { class: "field" }, make("label", { for: `film-${name}`, t: `film.${name}` }), this.#fields[name]);
    };
    const spoken = select("language", () => ((this.#chosen = true), this.#fill()));
    const profile = select("profile");
    const track = select("track");
    this.#fields.track.closest(".field").hidden = true;
    const more = make("details", {}, make("summary", { t: "film.more" }),
      make("div", { class: "fields" }, track, select("shots"), select("model")));
    return make("div", { class: "stack" }, make("div", { class: "fields" }, spoken, profile), more);
  }

  /** Fills the lists anew in the words of the page; what was chosen stays. */
  #words() {
    if (!this.#choices) return;
    this.#stopped.hidden = !this.#left;
    if (this.#left) {
      const { title, received, size } = this.#left;
      this.#stopped.textContent = t("film.stopped", { title, percent: percent(received / size) });
    }
    const names = new Intl.DisplayNames([language()], { type: "language" });
    const tags = this.#usable();
    const entries = tags.map((tag) => [tag, tag === "auto" ? t("film.auto") : names.of(tag)]);
    entries.sort(([one, left], [other, right]) => (other === "auto") - (one === "auto") || left.localeCompare(right, language()));
    const own = language().split("-")[0];
    const usual = this.#chosen ? this.#fields.language.value : tags.find((tag) => tag.split("-")[0] === own) ?? (tags.includes("en") ? "en" : tags[0]);
    fill(this.#fields.language, entries, usual);
    fill(this.#fields.shots, [["", t("film.shots.guide")], ["yes", t("film.shots.yes")], ["no", t("film.shots.no")]]);
    this.#fill();
  }

  /** Languages that a model of this machine hears. */
  #usable() {
    const { languages, models, auto } = this.#choices;
    const heard = new Set(models.filter(({ ready }) => ready).flatMap((model) => model.languages));
    const tags = languages.filter((tag) => heard.has(tag) || heard.has("*") || !models.length);
    const all = tags.length ? tags : languages;
    return auto && !all.includes("auto") ? ["auto", ...all] : all;
  }

  /** Lists that depend on the language. */
  #fill() {
    const { profiles, usual, models } = this.#choices;
    const tag = this.#fields.language.value;
    const spoken = tag.split("-")[0];
    const fits = (tags) => tag === "auto" || tags.some((each) => each === "*" || each.split("-")[0] === spoken);
    const name = usual[tag] ?? usual[spoken] ?? usual["*"];
    const title = profiles.find((each) => each.name === name)?.title;
    fill(this.#fields.profile, [["", tag === "auto" || !title ? t("film.profile.language") : t("film.profile.usual", { title })],
      ...profiles.filter(({ languages }) => fits(languages)).map((each) => [each.name, each.title])]);
    const able = models.filter((model) => (tag === "auto" ? model.auto : fits(model.languages)));
    const preferred = able.find((model) => model.ready && model.default) ?? able.find(({ ready }) => ready);
    fill(this.#fields.model, able.map(({ name: id, label, ready }) => [id, ready ? label : t("film.model.missing", { label }), !ready]), preferred?.name);
    const tracks = this.source.info?.audio ?? [];
    const names = new Intl.DisplayNames([language()], { type: "language" });
    fill(this.#fields.track, [["", t("film.track.usual")], ...tracks.map((track, index) => [String(track.number), trackName(track, index, names)])]);
    this.#fields.track.closest(".field").hidden = tracks.length < 2;
  }

  #follow(type) {
    const chosen = this.source.name !== null;
    const here = this.node.contains(document.activeElement); // else nobody chose: the page was loaded anew
    this.#card.hidden = !chosen;
    this.#drop.hidden = chosen;
    if (type === "chosen") {
      clearProblem(this.#problem);
      this.#left = null;
      this.#stopped.hidden = true;
      if (here) this.#fields.language.focus();
    }
    if (type === "ready" && this.#choices) this.#fill();
    if (type === "dropped" || type === "failed") this.#want(false);
    if (type === "dropped" && this.#drop.isConnected) this.picker.focus();
    if (type === "ready" && this.#wanted) this.#start();
    this.#go.disabled = type === "failed";
  }

  #want(wanted) {
    this.#wanted = wanted;
    this.#go.dataset.t = wanted ? "film.start.soon" : "film.start";
    this.#go.textContent = t(this.#go.dataset.t);
  }

  // ---- and done

  async #start() {
    if (this.#starting) return;
    if (!this.source.ready) return void this.#want(true);
    this.#want(false);
    const { language: tag, profile, track, shots, model } = Object.fromEntries(Object.entries(this.#fields).map(([name, field]) => [name, field.value]));
    const options = {
      language: tag, profile: profile || null, track: track === "" ? null : Number(track),
      shots: { yes: true, no: false }[shots] ?? null, model: model || null,
      engine: this.#choices.models.find(({ name }) => name === model)?.engine ?? null,
    };
    this.#starting = true;
    await attempt(this.#problem, () => this.#ask("start", this.source.name, options));
    this.#starting = false;
  }

  /** Building it takes some seconds the first time: then it is a job. */
  async #trySample() {
    if (this.#sampling) return;
    this.#sampling = true;
    this.#sample.ariaDisabled = "true";
    const answer = await attempt(this.#problem, () => this.#ask("sample"));
    if (answer?.job) return;
    this.#sampled();
    if (answer) await this.source.takeStored(answer.file, answer);
  }

  /** Whether the sample was asked for here. */
  #sampled() {
    const asked = this.#sampling;
    this.#sampling = false;
    this.#sample.ariaDisabled = null;
    return asked;
  }

  async #open(file) {
    await attempt(this.#problem, async () => {
      const name = await sendCaptions(file);
      this.#onDraft(await this.#ask("open_captions", name, this.source.film, null));
    });
  }
}

/** Sets the entries [value, text, disabled] of a list; what was chosen stays where it still can. */
function fill(select, entries, wanted = null) {
  const before = wanted ?? select.value;
  select.replaceChildren(...entries.map(([value, text, disabled = false]) => make("option", { value, disabled }, text)));
  const usable = entries.some(([value, , disabled]) => value === before && !disabled);
  select.value = usable ? before : entries.find(([, , disabled]) => !disabled)?.[0] ?? "";
}

function trackName({ language: tag, title, channels }, index, names) {
  let spoken = null;
  try { spoken = tag && tag !== "und" ? names.of(tag) : null; } catch { /* a tag that is none */ }
  return [t("film.track.number", { n: index + 1 }), spoken, title, channels && t("film.channels", { n: channels })].filter(Boolean).join(" · ");
}
