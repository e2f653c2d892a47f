/** What can be made of a signing: films, a moving figure, bones; and the signer in a film of the first tab. */

import { make } from "./accessify-captions.js";
import { choices, chosenOf } from "./choices.js";
import { JobView } from "./job.js";
import { attempt, clearProblem, Problem, showProblem } from "./problem.js";
import { room } from "./room.js";
import { noteDetails } from "./signing-list.js";
import { bytes, onLanguage, t } from "./text.js";

const FILMS = ["mp4", "webm"];
const ENDINGS = [...FILMS, "glb", "bvh"];
const SIDES = ["right", "left"];

const option = (group, value, chosen) => make("option", { value, selected: value === chosen, t: `signing.${group}.${value}` });

export class SigningSave {
  #ask; #answer = null; #made = {}; #film = null; #rows = {}; #files; #over; #clicked = "";

  constructor(ask) {
    this.#ask = ask;
    this.problem = make("div", { class: "problem" });
    this.overProblem = make("div", { class: "problem" });
    this.#files = this.#jobView("sign-file", this.problem);
    this.#over = this.#jobView("over", this.overProblem);
    this.node = make("div", { class: "stack", hidden: true }, this.#saving(), this.#placing());
    onLanguage(() => this.#draw());
  }

  #jobView(kind, problem) {
    const ended = (job) => {
      if (job.result) this.#take(job.result);
      this.#draw();
    };
    return new JobView({
      kind,
      cancel: (id) => attempt(problem, () => this.#ask("cancel", id)),
      onStart: () => { clearProblem(problem); this.#draw(); },
      onDone: ended,
      onCancel: ended,
      onFail: (job) => { showProblem(problem, new Problem(job.problem)); this.#draw(); },
    });
  }

  #saving() {
    this.size = make("select", { id: "signing-size", onchange: () => this.#draw() }, option("size", "576x576"), option("size", "1280x720", "1280x720"), option("size", "1920x1080"));
    this.list = make("ul", { class: "signing-saves" }, ...ENDINGS.map((ending) => this.#saveRow(ending)));
    return make("section", { class: "card stack" }, make("h3", { t: "signing.save" }),
      make("div", { class: "field" }, make("label", { for: "signing-size", t: "signing.size" }), this.size),
      this.list, this.#files.node, this.problem);
  }

  #saveRow(ending) {
    const button = make("button", { type: "button", t: "signing.make", "aria-describedby": `signing-save-${ending}`, onclick: () => this.#make(ending) });
    const link = make("a", { class: "button", hidden: true, "aria-describedby": `signing-save-${ending}` });
    this.#rows[ending] = { button, link };
    return make("li", {}, make("div", { id: `signing-save-${ending}` }, make("strong", { t: `signing.save.${ending}` }), make("span", { class: "hint", t: `signing.save-hint.${ending}` })), button, link);
  }

  #placing() {
    this.film = make("p");
    this.side = choices("signing.side", SIDES);
    this.share = make("select", { id: "signing-share" }, ...["sixth", "quarter", "third"].map((share) => option("share", share, "sixth")));
    this.beside = make("input", { type: "checkbox", id: "signing-beside" });
    this.put = make("button", { type: "button", t: "signing.put", onclick: () => this.#put() });
    this.video = make("video", { controls: true, playsinline: true, preload: "auto", "t-label": "signing.over-player" });
    this.placedFile = make("div", { class: "stack" });
    this.placed = make("div", { class: "stack", hidden: true }, make("div", { class: "stage" }, this.video), this.placedFile);
    this.choices = make("div", { class: "stack" }, this.side,
      make("div", { class: "field" }, make("label", { for: "signing-share", t: "signing.share" }), this.share),
      make("label", { class: "check", for: "signing-beside" }, this.beside, make("span", { t: "signing.beside" })),
      make("p", { class: "hint", t: "signing.over-hint" }), make("div", { class: "row" }, this.put), this.#over.node, this.overProblem, this.placed);
    this.none = make("p", { hidden: true }, make("span", { t: "signing.no-film" }), " ", make("a", { href: "#film", t: "signing.to-film" }));
    return make("section", { class: "card stack" }, make("h3", { t: "signing.over" }), this.film, this.none, this.choices);
  }

  /** A signing to make files of; those that were made of it already stay. */
  show(answer) {
    if (this.#answer?.version !== answer.version) this.#made = {};
    this.#answer = answer;
    Object.assign(this.#made, answer.made);
    this.#draw();
  }

  clear() {
    [this.#answer, this.#made] = [null, {}];
    this.#draw();
  }

  takeAll(jobs) {
    this.#files.takeAll(jobs);
    this.#over.takeAll(jobs);
  }

  /** The film of the first tab may be another one now. */
  async refresh() {
    this.#film = (await this.#ask("film")).film;
    this.#draw();
  }

  #take(result) {
    if (result.version !== this.#answer?.version) return;
    this.#made[result.key] = result;
    if (result.key !== this.#clicked) return;
    this.#clicked = "";
    const { button, link } = this.#rows[result.file.split(".").pop()];
    const waits = [button, document.body].includes(document.activeElement); // else somebody does something else meanwhile
    this.#draw();
    if (navigator.userActivation?.isActive) link.click();
    if (waits) link.focus();
  }

  #key(ending) { return FILMS.includes(ending) ? `${ending} ${this.size.value}` : ending; }

  async #make(ending) {
    if (this.#files.busy) return;
    this.#clicked = this.#key(ending);
    await attempt(this.problem, () => this.#ask("make", this.#answer.version, ending, this.size.value));
  }

  async #put() {
    if (this.#over.busy) return;
    await attempt(this.overProblem, () => this.#ask("over", this.#answer.version, { side: chosenOf(this.side), share: this.share.value, beside: this.beside.checked }));
  }

  #draw() {
    this.node.hidden = !this.#answer;
    if (!this.#answer) return;
    for (const ending of ENDINGS) this.#drawRow(ending);
    this.none.hidden = Boolean(this.#film);
    this.choices.hidden = this.film.hidden = !this.#film;
    this.film.textContent = this.#film ? t("signing.over-film", { title: this.#film }) : "";
    this.put.setAttribute("aria-disabled", String(this.#over.busy)); // it keeps the focus
    this.#drawPlaced();
  }

  #drawRow(ending) {
    const made = this.#made[this.#key(ending)];
    const { button, link } = this.#rows[ending];
    button.hidden = Boolean(made);
    button.setAttribute("aria-disabled", String(this.#files.busy));
    link.hidden = !made;
    if (!made) return;
    link.href = room.url(made.file, made.as);
    link.textContent = t("signing.download", { size: bytes(made.bytes) });
    link.download = made.as;
  }

  #drawPlaced() {
    const made = this.#made.over;
    this.placed.hidden = !made;
    if (!made) return this.video.removeAttribute("src");
    const source = `${room.url(made.file)}?made=${made.bytes}`;
    if (this.video.src !== source) this.video.src = source; // else it plays on
    this.placedFile.replaceChildren(make("div", { class: "row" }, make("a", { class: "button", href: room.url(made.file, made.as), download: made.as }, t("signing.download", { size: bytes(made.bytes) }))),
      made.notes.length ? noteDetails(made.notes) : "");
  }
}
