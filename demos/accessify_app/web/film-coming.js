/** Captions while they are made: they can be read and watched, and edited when all are there. */

import { make } from "./accessify-captions.js";
import { clock, onLanguage, t } from "./text.js";

export class ComingCaptions {
  #player; #cues = []; #list; #note;

  constructor(player) {
    this.#player = player;
    this.#note = make("p", { class: "hint", t: "film.coming" });
    this.#list = make("ol", { class: "coming" });
    this.node = make("div", { class: "stack" }, this.#note, this.#list);
    onLanguage(() => {
      for (const go of this.#list.querySelectorAll("button")) go.ariaLabel = t("film.goto.time", { time: go.textContent });
    });
  }

  get count() { return this.#cues.length; }

  clear() { this.take({ from: 0, cues: [] }); }

  /** From index `from` on, the captions so far are `cues`. */
  take({ from, cues }) {
    const removed = this.#cues.splice(from);
    for (const _ of removed) this.#list.lastElementChild.remove();
    const atEnd = this.#atEnd();
    for (const cue of cues) {
      this.#cues.push(cue);
      const go = make("button", { type: "button", class: "small quiet", onclick: () => this.#player.seek(cue.start), "aria-label": t("film.goto.time", { time: clock(cue.start) }) }, clock(cue.start));
      this.#list.append(make("li", {}, go, make("span", { dir: "auto" }, cue.text)));
    }
    this.#player.splice(removed, cues);
    if (atEnd && cues.length) this.#list.scrollTop = this.#list.scrollHeight;
  }

  /** Whether the newest captions are in view: then those that come stay in view. */
  #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.#list;
    return scrollTop + clientHeight >= scrollHeight - 40;
  }
}
