/** Teaching a sign: its name, two takes of it, what the person shown agreed to. */

import { make } from "./accessify-captions.js";
import { JobView } from "./job.js";
import { attempt, clearProblem, Problem, showProblem } from "./problem.js";
import { room } from "./room.js";
import { noteText } from "./signs-notes.js";
import { Take } from "./signs-record.js";
import { has, onLanguage, t } from "./text.js";

const HARMLESS = new Set(["variable-rate", "resampled"]); // of recordings in a browser, always
let uploads = 0;

export class Enrolment {
  #ask; #settings; #onBook; #takes; #job; #result = null; #sending = false; #sent = [];
  #asked = null; // what this page has asked for, or seen begin: all else is told by the page that did
  #name = make("input", { id: "signs-name", autocomplete: "off", maxlength: 200, required: true, oninput: () => this.#show() });
  #gloss = make("input", { id: "signs-gloss", autocomplete: "off", maxlength: 200, autocapitalize: "characters" });
  #language = make("input", { id: "signs-language", autocomplete: "off", maxlength: 3, list: "signs-languages", pattern: "[a-z]{3}" });
  #consent = make("textarea", { id: "signs-consent", rows: 2, maxlength: 2000 });
  #files = make("input", { type: "file", id: "signs-clips", accept: "video/*,.pose,.npz", multiple: true, onchange: () => this.#choose() });
  #go = make("button", { type: "submit", class: "primary", "data-t": "signs.enrol", disabled: true });
  #lacks = make("p", { class: "hint", id: "signs-lacks" });
  #problem = make("div", { class: "problem", tabindex: -1 });
  #said = make("div", { class: "stack signs-said", role: "status", tabindex: -1 });

  constructor(ask, camera, settings, onBook) {
    [this.#ask, this.#settings, this.#onBook] = [ask, settings, onBook];
    const changed = (error) => {
      if (error) return showProblem(this.#problem, error);
      clearProblem(this.#problem); // it was about takes that are others now
      return this.#show();
    };
    this.#takes = [1, 2].map((number) => new Take(camera, number, changed));
    this.#job = new JobView({
      kind: "enrol", cancel: (id) => ask("cancel", id), onStart: () => { this.#asked ??= { clips: [] }; this.#show(); },
      onDone: ({ result }) => this.#done(result), onFail: ({ problem }) => this.#fail(problem), onCancel: () => { this.#over(); this.#show(); },
    });
    this.#go.setAttribute("aria-describedby", "signs-lacks");
    this.node = make("section", { class: "card stack" }, make("h3", { "data-t": "signs.teach" }), make("p", { class: "hint", "data-t": "signs.teach.how" }),
      make("form", { class: "stack", novalidate: true, onsubmit: (event) => { event.preventDefault(); this.#enrol(); } },
        make("div", { class: "field" }, make("label", { for: "signs-name", "data-t": "signs.name" }), this.#name, make("p", { class: "hint", "data-t": "signs.name.hint" })),
        make("ol", { class: "signs-takes", "data-t-label": "signs.takes" }, ...this.#takes.map((take) => take.node)),
        make("div", { class: "field" }, make("label", { for: "signs-consent", "data-t": "signs.consent" }), this.#consent, make("p", { class: "hint", "data-t": "signs.consent.hint" })),
        make("details", {}, make("summary", { "data-t": "signs.more.sign" }), this.#more()),
        this.#lacks, make("div", { class: "row" }, this.#go)),
      this.#job.node, this.#problem, this.#said);
    onLanguage(() => { this.#show(); this.#tell(); });
    this.#show();
  }

  /** The camera is gone: what was being recorded ends. */
  halt() { for (const take of this.#takes) take.halt(); }

  #more() {
    const codes = ["ase", "bfi", "csl", "gsg", "fsl", "ssp", "sgg", "jsl"];
    return make("div", { class: "stack" },
      make("div", { class: "fields" },
        make("div", { class: "field" }, make("label", { for: "signs-gloss", "data-t": "signs.gloss" }), this.#gloss, make("p", { class: "hint", "data-t": "signs.gloss.hint" })),
        make("div", { class: "field" }, make("label", { for: "signs-language", "data-t": "signs.language" }), this.#language, make("p", { class: "hint", "data-t": "signs.language.hint" }))),
      make("datalist", { id: "signs-languages" }, ...codes.map((code) => make("option", { value: code }))),
      make("div", { class: "field" }, make("label", { for: "signs-clips", "data-t": "signs.clips" }), this.#files));
  }

  #choose() {
    const files = [...this.#files.files];
    this.#files.value = "";
    if (files.length > this.#takes.length) return showProblem(this.#problem, new Problem({ code: "clips-many", data: { n: files.length } }));
    const free = this.#takes.filter((take) => !take.file);
    const takes = free.length < files.length ? this.#takes : free; // one file after the other, and then anew
    files.forEach((file, index) => takes[index].set(file));
    return undefined;
  }

  #show() {
    const name = this.#name.value.trim();
    const [clips, recording] = [this.#takes.filter((take) => take.file).length, this.#takes.some((take) => take.busy)];
    const lacks = [!name && "signs.lacks.name", clips === 0 && "signs.lacks.both", clips === 1 && "signs.lacks.one"].filter(Boolean);
    const busy = this.#sending || Boolean(this.#job?.busy);
    this.#lacks.textContent = busy || recording ? "" : lacks.map((key) => t(key)).join(t("signs.sentence"));
    this.#go.disabled = !name || clips === 0 || recording;
    this.#go.setAttribute("aria-disabled", String(busy)); // it keeps the focus
    this.#files.disabled = recording;
    for (const take of this.#takes) take.wait(recording && !take.busy);
  }

  async #enrol() {
    const takes = this.#takes.filter((take) => take.file);
    if (this.#go.disabled || this.#sending || this.#job.busy) return;
    const [name, gloss] = [this.#name.value, this.#gloss.value];
    [this.#sending, this.#result, this.#asked] = [true, null, { name, gloss, clips: takes.map((take) => take.file) }];
    this.#said.replaceChildren();
    this.#show();
    const begun = await attempt(this.#problem, async () => {
      for (const { file, title } of takes) {
        const ending = /\.[a-z0-9]{1,5}$/i.exec(file.name)?.[0].toLowerCase() ?? ".webm";
        this.#sent.push(`sign-${Date.now()}-${++uploads}${ending}`);
        await room.upload(file, this.#sent.at(-1), { title });
      }
      const { dominant, mirrored } = this.#settings();
      const about = { gloss, language: this.#language.value.trim().toLowerCase(), consent: this.#consent.value.replace(/\s+/g, " "), dominant, mirrored };
      return this.#ask("enrol", name, this.#sent, about);
    });
    this.#sending = false;
    if (!begun) for (const sent of this.#sent) room.remove(sent);
    if (!begun) this.#over();
    this.#show();
  }

  #done(result) {
    const asked = this.#over();
    if (!asked) return;
    clearProblem(this.#problem);
    this.#result = result;
    const focused = document.activeElement === this.#go;
    for (const take of this.#takes) if (asked.clips.includes(take.file)) take.clear(); // not what was recorded meanwhile
    if (this.#name.value === asked.name) this.#name.value = "";
    if (this.#gloss.value === asked.gloss) this.#gloss.value = "";
    this.#tell();
    this.#show();
    if (focused) this.#said.focus();
    this.#onBook(result.book, result.name);
  }

  #fail({ code, text, data }) {
    const named = `enrol-${data?.reason}`;
    if (this.#over()) showProblem(this.#problem, new Problem({ code: has(`problem.${named}`) ? named : code, text, data }));
    this.#show();
  }

  /** What was asked for, which is over now; null where it was another page's, or is told once more. */
  #over() {
    const asked = this.#asked;
    [this.#asked, this.#sent] = [null, []];
    return asked;
  }

  #tell() {
    if (!this.#result) return;
    const { name, clips } = this.#result;
    const hand = t(clips.every((clip) => clip.hand === "left") ? "signs.enrolled.left" : "signs.enrolled.right");
    const notes = clips.flatMap((clip, index) => clip.notes.filter(({ kind }) => !HARMLESS.has(kind)).map((note) => make("li", {}, t("signs.note.take", { n: index + 1 }), t("signs.sentence"), noteText(note))));
    this.#said.replaceChildren(make("p", { class: "note" }, t("signs.enrolled", { name, n: clips.length }), t("signs.sentence"), hand), notes.length ? make("ul", { class: "signs-notes" }, ...notes) : "");
  }
}
