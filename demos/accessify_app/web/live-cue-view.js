/** The card where an actor names cues, and the banner that tells when one was said. */

import { make } from "./accessify-captions.js";
import { CueWatch } from "./live-cue.js";
import { onLanguage, t } from "./text.js";

const STORE = "accessify-cues";
const PULSES = [250, 120, 250, 120, 400]; // milliseconds of shaking and rest, on phones that can

export class CueView {
  #watch = new CueWatch((found) => this.#found(found));
  #list = make("ul", { class: "live-cues row" });
  #input = make("input", { type: "text", id: "live-cue", autocomplete: "off", maxlength: "80" });
  #none = make("p", { class: "hint", t: "live.cue.none" });
  #told = null; // {phrase, heard, sure, at}
  #clock = 0;

  constructor() {
    const add = (event) => {
      event.preventDefault();
      this.#add(this.#input.value);
    };
    this.node = make("section", { class: "card stack", "aria-labelledby": "live-cue-title" },
      make("h3", { id: "live-cue-title", t: "live.cue.title" }),
      make("form", { class: "field", onsubmit: add },
        make("label", { for: "live-cue", t: "live.cue.label" }),
        make("div", { class: "live-add" }, this.#input, make("button", { type: "submit", t: "live.cue.add" }))),
      this.#list, this.#none, make("p", { class: "hint", t: "live.cue.hint" }));
    this.#words = make("p", { class: "live-banner-words" });
    this.#ago = make("p", { class: "live-banner-ago" }); // not in the alert, which would be read anew each second
    const dismiss = make("button", { type: "button", t: "live.cue.dismiss", onclick: () => (this.clear(), this.onseen?.()) });
    this.banner = make("div", { class: "live-banner", hidden: true },
      make("div", {}, make("div", { role: "alert" }, this.#words), this.#ago), dismiss);
    this.#watch.phrases = kept();
    this.#draw();
    onLanguage(() => (this.#draw(), this.#tell()));
  }
  #words; #ago;
  /** Called when the banner, and the focus on it, is gone. */
  onseen = null;

  /** What a live stream says, see docs/live-protocol.md. */
  hear(message) {
    if (message.type === "line") this.#watch.commit(String(message.new ?? ""));
    else if (message.type === "tail") this.#watch.guess(String(message.text ?? ""));
  }

  clear() {
    this.#told = null;
    this.#tell();
  }

  #add(text) {
    const phrase = text.trim().replace(/\s+/g, " ");
    this.#input.value = "";
    this.#input.focus();
    if (phrase && !this.#watch.phrases.includes(phrase)) this.#set([...this.#watch.phrases, phrase]);
  }

  #remove(phrase) {
    this.#set(this.#watch.phrases.filter((one) => one !== phrase));
    (this.#list.querySelector("button") ?? this.#input).focus();
  }

  #set(phrases) {
    this.#watch.phrases = phrases;
    try {
      sessionStorage.setItem(STORE, JSON.stringify(phrases));
    } catch { /* until the page is left */ }
    this.#draw();
  }

  #draw() {
    this.#list.replaceChildren(...this.#watch.phrases.map((phrase) => make("li", { class: "badge" }, make("bdi", {}, phrase),
      make("button", { type: "button", class: "quiet small", "aria-label": t("live.cue.remove", { phrase }), onclick: () => this.#remove(phrase) }, "✕"))));
    this.#list.hidden = !this.#watch.phrases.length;
    this.#none.hidden = !this.#list.hidden;
  }

  #found({ phrase, heard, sure, again }) {
    this.#told = { phrase, heard, sure, at: again && this.#told ? this.#told.at : Date.now() };
    if (!again) navigator.vibrate?.(PULSES);
    this.#tell();
    this.banner.classList.toggle("new", !again);
    if (!again) this.banner.getAnimations?.().forEach((animation) => (animation.cancel(), animation.play()));
  }

  #tell() {
    clearInterval(this.#clock);
    this.banner.hidden = !this.#told;
    if (!this.#told) return;
    const { phrase, heard, sure } = this.#told;
    this.banner.classList.toggle("sure", sure);
    this.#words.replaceChildren(make("strong", {}, t(sure ? "live.cue.said" : "live.cue.perhaps")), " ",
      make("bdi", {}, `“${phrase}”`), sure ? "" : make("small", {}, t("live.cue.heard", { heard })));
    this.#count();
    this.#clock = setInterval(() => this.#count(), 1000);
  }

  /** How long ago it was, for somebody who looked elsewhere. */
  #count() {
    const n = Math.round((Date.now() - this.#told.at) / 1000);
    this.#ago.textContent = n < 2 ? t("live.cue.now") : t("live.cue.ago", { n });
  }
}

function kept() {
  try {
    const phrases = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    return Array.isArray(phrases) ? phrases.map(String) : [];
  } catch {
    return [];
  }
}
