/** Above the list: the style guide and what it objects to, which captions are shown, undo and redo. */

import { make } from "./accessify-captions.js";
import { choices } from "./choices.js";
import { LATER } from "./draft.js";
import { findingWords } from "./finding-words.js";
import { JobView } from "./job.js";
import { attempt, Problem } from "./problem.js";
import { room } from "./room.js";
import { onLanguage, t } from "./text.js";

const FILTERS = ["all", "findings", "unsure"];

export class FilmCheck {
  #draft; #table; #say; #profiles = []; #guide; #counts; #fixAll; #undo; #redo; #filters = new Map(); #saving; #recompose; #confirm; #whole; #next; #before; #timer = 0; #job; #problem; #repairing = false;

  constructor(draft, table, say, ask) {
    [this.#draft, this.#table, this.#say] = [draft, table, say];
    this.#guide = make("select", { id: "film-guide", onchange: () => this.#choose() });
    this.#counts = make("p", { id: "film-counts" });
    this.#fixAll = make("button", { type: "button", onclick: () => this.#repair() });
    this.#recompose = make("button", { type: "button", class: "quiet small", t: "film.recompose", onclick: () => this.#compose() });
    this.#confirm = this.#confirmation();
    this.#whole = make("ul", { class: "cue-findings" });
    this.#undo = make("button", { type: "button", class: "small", t: "film.undo", "aria-keyshortcuts": "Control+Z", onclick: () => this.step("undo") });
    this.#redo = make("button", { type: "button", class: "small", t: "film.redo", "aria-keyshortcuts": "Control+Shift+Z", onclick: () => this.step("redo") });
    this.#saving = make("span", { class: "hint" });
    this.#next = make("button", { type: "button", class: "small", t: "film.next", onclick: () => table.findNext(1) });
    this.#before = make("button", { type: "button", class: "small", t: "film.previous", onclick: () => table.findNext(-1) });
    const follow = make("input", { type: "checkbox", checked: true, onchange: () => (table.follow = follow.checked) });
    this.#problem = make("div");
    this.#job = new JobView({
      kind: "fix", cancel: () => attempt(this.#problem, () => ask("cancel", "fix")), onStart: () => (this.#repairing = true),
      onFail: ({ problem }) => attempt(this.#problem, () => { throw new Problem(problem); }), onCancel: () => this.#soon(),
    });
    this.#guide.setAttribute("aria-describedby", "film-counts");
    this.node = make("div", { class: "stack film-check" },
      make("div", { class: "row film-guide" },
        make("div", { class: "field" }, make("label", { for: "film-guide", t: "film.profile" }), this.#guide), this.#fixAll),
      make("div", { class: "row film-state" }, this.#counts, this.#saving), this.#whole, make("div", { class: "row" }, this.#recompose), this.#confirm, this.#job.node, this.#problem);
    this.bar = make("div", { class: "film-bar" },
      choices("film.show", FILTERS, { quiet: true, named: (name) => this.#filterWords(name), onchange: ({ target }) => (table.filter = target.value) }),
      make("div", { class: "row" }, this.#before, this.#next, this.#undo, this.#redo, make("label", { class: "check" }, follow, make("span", { t: "film.follow" }))));
    draft.addEventListener("findings", () => this.#tellRepaired());
    for (const type of ["meta", "findings", "splice"]) draft.addEventListener(type, () => this.#soon());
    draft.addEventListener("saving", () => this.#tellSaving());
    table.node.addEventListener("fault", () => this.#tellSaving());
    onLanguage(() => this.#draw());
  }

  /** `profiles` as the callback `choices` gives them. */
  set profiles(profiles) {
    this.#profiles = profiles;
    this.#draw();
  }

  async step(name) {
    const { title } = this.#draft.meta;
    const made = await this.#draft[name]();
    if (!made) return;
    const now = this.#draft.meta.title;
    this.#say([t(`film.${name}.done`), ...(now === title ? [] : [t("film.other.captions", { title: now ?? t("film.untitled") })])].join(t("film.gap")));
    if (made[0]) this.#table.reveal(made[0]);
  }

  #filterWords(name) {
    const words = make("span");
    this.#filters.set(name, words);
    return words;
  }

  async #choose() {
    const made = await this.#draft.profile(this.#guide.value);
    this.#draw();
    if (made && this.#draft.checked) this.#say(this.#counts.textContent);
    else if (made) this.#repairing = true; // told when it is known
  }

  /** Asks, before what a person wrote is thrown away. */
  #confirmation() {
    const answer = (yes) => {
      this.#confirm.hidden = true;
      this.#recompose.focus();
      if (yes) this.#compose("anyway");
    };
    return make("div", { class: "note stack", role: "group", "aria-labelledby": "film-recompose-ask", hidden: true,
      onkeydown: (event) => event.key === "Escape" && answer(false) },
      make("p", { id: "film-recompose-ask", t: "film.recompose.ask" }),
      make("div", { class: "row" }, make("button", { type: "button", t: "film.recompose.no", onclick: () => answer(false) }),
        make("button", { type: "button", class: "danger", t: "film.recompose.yes", onclick: () => answer(true) })));
  }

  async #compose(how = true) {
    await this.#draft.save(); // what was typed just now is an edit too
    if (how === true && this.#draft.meta.edited) {
      this.#confirm.hidden = false;
      return this.#confirm.querySelector("button").focus();
    }
    const made = await this.#draft.profile(this.#guide.value, how);
    if (made) this.#say(t(made === LATER ? "stage.compose" : "film.recompose.done"));
    return undefined;
  }

  async #repair() {
    const before = this.#draft.fixable;
    const made = await this.#draft.fix();
    if (!made) return;
    if (made === LATER) {
      this.#counts.textContent = t("film.fixing");
      return this.#say(this.#counts.textContent);
    }
    this.#draw();
    this.#say(`${t("film.fixed", { n: Math.max(before - this.#draft.fixable, 0) })} ${this.#counts.textContent}`);
    if (this.#fixAll.disabled) this.#guide.focus();
    return undefined;
  }

  /** After a repair that took its time: what is left. */
  #tellRepaired() {
    if (!this.#repairing || this.#job.busy || !this.#draft.checked) return;
    this.#repairing = false;
    this.#draw();
    this.#say(this.#counts.textContent);
  }

  #soon() {
    if (this.#timer) return;
    this.#timer = requestAnimationFrame(() => {
      this.#timer = 0;
      this.#draw();
    });
  }

  #draw() {
    const { meta, cues } = this.#draft;
    if (!meta) return;
    this.#drawGuides(meta);
    const found = [...this.#draft.whole, ...cues.flatMap((cue) => cue.findings)];
    const errors = found.filter(({ severity }) => severity === "error").length;
    this.#counts.textContent = !this.#draft.checked ? t("film.checking")
      : found.length ? [t("film.errors", { n: errors }), t("film.advices", { n: found.length - errors })].join(t("film.comma")) : t("film.fine");
    this.#whole.replaceChildren(...this.#draft.whole.map((finding) => {
      const { sentence, detail } = findingWords(finding);
      return make("li", {}, make("strong", {}, sentence), t("film.sentence.gap"), detail);
    }));
    this.#whole.hidden = !this.#draft.whole.length;
    const { fixable } = this.#draft;
    this.#fixAll.textContent = t("film.fix.all", { n: fixable });
    this.#fixAll.disabled = !fixable;
    for (const name of FILTERS) this.#filters.get(name).textContent = t(`film.filter.${name}`, { n: this.#table.count(name) });
    const stepping = [this.#next, this.#before].includes(document.activeElement);
    this.#next.disabled = this.#before.disabled = !this.#table.count("findings");
    if (stepping && this.#next.disabled) this.bar.querySelector("input:checked").focus();
    const stuck = [this.#undo, this.#redo].find((button) => button === document.activeElement);
    this.#undo.disabled = !meta.undo;
    this.#redo.disabled = !meta.redo;
    if (stuck?.disabled) (stuck === this.#undo ? this.#redo : this.#undo).focus();
    this.#recompose.parentNode.hidden = !meta.words;
    if (!meta.words || !meta.edited) {
      if (this.#confirm.contains(document.activeElement)) this.#guide.focus();
      this.#confirm.hidden = true;
    }
    this.#tellSaving();
  }

  #drawGuides({ profile, language }) {
    const spoken = language?.split("-")[0];
    const fits = ({ name, languages }) => !spoken || name === profile?.name || languages.some((tag) => tag === "*" || tag.split("-")[0] === spoken);
    const options = this.#profiles.filter(fits).map(({ name, title }) => make("option", { value: name }, title));
    if (profile && !options.some(({ value }) => value === profile.name)) options.unshift(make("option", { value: profile.name }, profile.title));
    const told = options.map(({ value }) => value).join();
    if (told !== [...this.#guide.options].map(({ value }) => value).join()) this.#guide.replaceChildren(...options);
    this.#guide.value = profile?.name ?? "";
  }

  #tellSaving() {
    const wrong = this.#table.node.querySelector("[aria-invalid=true]");
    const key = this.#draft.saved ? (wrong ? "film.wrong" : "film.saved") : room.connection === "lost" ? "film.unsaved" : "film.saving";
    this.#saving.textContent = t(key);
  }
}
