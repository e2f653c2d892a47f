/** The film of the signing: which sign is shown now, in large letters; one sign again; how fast. */

import { make } from "./accessify-captions.js";
import { choices, chosenOf } from "./choices.js";
import { language, onLanguage, t } from "./text.js";

const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const AROUND = 0.12; // seconds before and behind a sign that is shown again
const NEAR = 0.05; // seconds by which a browser may round a moment
const APART = 1.6; // seconds without a sign after which none is current

export class SigningPlayer {
  #answer = null; #tell; #range = null; #number = -1; #target = null; #loop; #frame = 0;

  constructor(onSign) {
    this.#tell = onSign;
    this.video = make("video", { controls: true, playsinline: true, preload: "auto", "t-label": "signing.film", hidden: true });
    this.still = make("img", { hidden: true, alt: "" });
    this.empty = make("p", { class: "signing-empty", t: "signing.empty" });
    this.drawing = make("p", { class: "badge signing-drawing", t: "signing.drawing", hidden: true });
    this.word = make("p", { class: "signing-word", dir: "auto" });
    this.letters = make("p", { class: "signing-letters" });
    this.now = make("div", { class: "signing-now", hidden: true }, this.word, this.letters);
    this.controls = make("div", { class: "stack", hidden: true }, this.#buttons(), this.#rates());
    this.node = make("section", { class: "stack", "t-label": "signing.player" },
      make("div", { class: "stage signing-stage" }, this.empty, this.still, this.video, this.drawing), this.now, this.controls);
    for (const event of ["play", "timeupdate", "pause", "loadeddata"]) this.video.addEventListener(event, () => this.#follow());
    this.video.addEventListener("play", () => this.#played());
    this.video.addEventListener("seeking", () => this.#seeks());
    this.video.addEventListener("seeked", () => { this.#target = null; this.#follow(); });
    this.video.addEventListener("ended", () => this.#over());
    onLanguage(() => this.#draw());
  }

  #buttons() {
    const one = (key, step) => make("button", { type: "button", t: key, onclick: () => this.#step(step) });
    this.#loop = make("input", { type: "checkbox", id: "signing-loop", onchange: () => this.#looped() });
    return make("div", { class: "row" }, one("signing.before", -1), one("signing.again", 0), one("signing.next", 1),
      make("label", { class: "check", for: "signing-loop" }, this.#loop, make("span", { t: "signing.loop" })));
  }

  #rates() {
    const named = (value) => {
      const words = make("span");
      const tell = () => {
        const number = new Intl.NumberFormat(language()).format(value);
        words.textContent = value === 1 ? t("signing.rate-natural") : t("signing.rate", { n: number });
      };
      tell();
      onLanguage(tell);
      return words;
    };
    this.rates = choices("signing.rates", RATES, { chosen: 1, named, onchange: ({ target }) => this.#rate(Number(target.value)) });
    return this.rates;
  }

  get looking() { return !this.still.hidden; }

  /** The signs are known, the film is still to come. */
  prepare(answer) {
    this.clear();
    this.#answer = answer;
  }

  /** A picture of what is being drawn, `at` seconds of it; the first one comes into sight where that is wanted. */
  look(url, at, { reveal }) {
    const next = new Image();
    next.onload = () => {
      if (!this.video.hidden) return;
      if (reveal && !this.looking) this.node.scrollIntoView({ block: "nearest" });
      this.still.src = url;
      this.still.hidden = this.drawing.hidden = false;
      this.empty.hidden = true;
      this.#point(this.#at(at));
    };
    next.src = url;
  }

  /** Nothing is being drawn any more. */
  rest() {
    this.drawing.hidden = true;
    if (!this.video.hidden || !this.looking) return;
    this.still.hidden = true;
    this.empty.hidden = false;
    this.#point(-1);
  }

  /** The film is there. */
  show(answer, url, { play }) {
    this.#answer = answer;
    this.#range = null;
    this.video.src = url;
    this.video.hidden = this.controls.hidden = false;
    this.empty.hidden = this.still.hidden = this.drawing.hidden = true;
    this.#rate(Number(chosenOf(this.rates)));
    this.#point(-1);
    if (play) this.video.play().catch(() => {}); // the browser may want a press on its own button first
  }

  clear() {
    this.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.video.hidden = this.controls.hidden = this.still.hidden = this.drawing.hidden = true;
    this.empty.hidden = false;
    [this.#answer, this.#range] = [null, null];
    this.#point(-1);
  }

  pause() { this.video.pause(); }

  /** Plays one sign, and stops behind it. */
  replay(number) {
    const gloss = this.#answer?.glosses[number];
    if (!gloss || this.video.hidden) return;
    this.#range = { from: Math.max(0, gloss.start - AROUND), to: Math.min(this.#answer.duration, gloss.end + AROUND) };
    this.#looped();
    this.#jump(this.#range.from);
    this.video.play().catch(() => {});
    this.#point(number);
  }

  #step(step) {
    const count = this.#answer?.glosses.length ?? 0;
    this.replay(Math.min(Math.max(Math.max(this.#number, step > 0 ? -1 : 0) + step, 0), count - 1));
  }

  #jump(time) {
    this.#target = time;
    this.video.currentTime = time;
  }

  /** Whoever goes somewhere else by hand wants no longer one sign alone. */
  #seeks() {
    if (this.#target !== null && Math.abs(this.video.currentTime - this.#target) < NEAR) return;
    [this.#target, this.#range] = [null, null];
    this.#looped();
  }

  #rate(value) { this.video.defaultPlaybackRate = this.video.playbackRate = value; }

  #looped() { this.video.loop = this.#loop.checked && !this.#range; }

  #over() {
    if (this.#range && this.#loop.checked) this.#again();
    else this.#range = null;
  }

  #again() {
    this.#jump(this.#range.from);
    this.video.play().catch(() => {});
  }

  /** While it plays, looks at each picture which sign it belongs to. */
  #played() {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      this.#follow();
      if (!this.video.paused && !this.video.ended) this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  #follow() {
    if (!this.#answer || this.video.hidden) return;
    const time = this.video.currentTime;
    if (this.#range && this.#target === null && time >= this.#range.to) {
      if (this.#loop.checked) return this.#again();
      this.#range = null;
      this.#looped();
      return this.pause();
    }
    if (!this.#range) this.#point(this.#at(time));
  }

  /** Number of the sign at `time`; on the way to the next one, that before; -1 where there is none. */
  #at(time) {
    const glosses = this.#answer?.glosses ?? [];
    let found = -1;
    for (let low = 0, high = glosses.length - 1; low <= high;) {
      const middle = (low + high) >> 1;
      if (glosses[middle].start <= time) [found, low] = [middle, middle + 1];
      else high = middle - 1;
    }
    return found >= 0 && time - glosses[found].end < APART ? found : -1;
  }

  #point(number) {
    if (number === this.#number) return;
    this.#number = number;
    this.#draw();
    this.#tell(number);
  }

  #draw() {
    const gloss = this.#answer?.glosses[this.#number];
    this.now.hidden = !this.#answer;
    this.word.textContent = gloss?.text ?? "\u00a0";
    this.word.lang = this.#answer?.written ?? "";
    this.letters.textContent = gloss ? [gloss.origin === "spelled" ? gloss.name : "", t(`signing.origin.${gloss.origin}`)].filter(Boolean).join(" · ") : "\u00a0";
  }
}
