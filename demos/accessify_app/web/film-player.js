/** The film with its captions as they stand: a plain <video>, our player element, and a text track that follows edits. */

import { make } from "./accessify-captions.js";
import { t } from "./text.js";

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
/** Plain text as WebVTT writes it: what a person typed is what is read. */
const escaped = (text) => text.replace(/[&<>]/g, (sign) => ESCAPES[sign]);

/** Events: "current" {cue}, "playable" {playable}. */
export class FilmPlayer extends EventTarget {
  #track; #shown = new Map(); #given = new WeakMap(); #address = null; #current = null; #captions; #sorry; #picture = true;

  constructor() {
    super();
    this.video = make("video", { id: "film-video", controls: true, playsinline: true, preload: "metadata", "data-t-label": "film.video" });
    this.#track = this.video.addTextTrack("captions", "", "");
    this.#captions = make("accessify-captions", { for: "film-video" });
    this.#sorry = make("p", { class: "note", hidden: true });
    this.stage = make("div", { class: "stage" }, this.video);
    this.node = make("div", { class: "film-player" }, this.stage, this.#sorry, this.#captions);
    this.#track.addEventListener("cuechange", () => this.#look());
    new ResizeObserver(() => this.#fit()).observe(this.node);
    addEventListener("resize", () => this.#fit());
    this.video.addEventListener("error", () => this.#failed());
    this.video.addEventListener("loadedmetadata", () => this.#loaded());
  }

  playable = false;
  get time() { return this.video.currentTime; }
  get current() { return this.#current; }

  /** Shows a film: a file of this computer, or the address of the room's; `picture`: whether it has one. */
  show(source, picture = true) {
    this.#picture = picture;
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = source instanceof Blob ? URL.createObjectURL(source) : null;
    this.#offer(false);
    this.#sorry.hidden = true;
    this.node.hidden = this.stage.hidden = !source;
    this.#captions.hidden = !source;
    if (source) this.video.src = this.#address ?? source;
    else this.video.removeAttribute("src"), this.video.load();
  }

  set language(tag) { this.#captions.setAttribute("srclang", tag); }

  /** The captions that are shown, in place of those of before. */
  setCues(cues) {
    this.splice([...this.#shown.keys()], cues);
  }

  splice(removed, added) {
    const stay = new Set(added);
    for (const cue of removed) if (!stay.has(cue)) this.#remove(cue);
    for (const cue of added) this.#shown.has(cue) ? this.#bring(cue) : this.#add(cue);
    this.#captions.redraw?.();
  }

  /** A caption has other text or times now. */
  update(cue) {
    if (this.#shown.has(cue)) this.#bring(cue);
    this.#captions.redraw?.();
  }

  /** To the moment, or a touch behind it: browsers round down, to where a caption of that moment is not shown yet. */
  seek(seconds) {
    if (this.playable) this.video.currentTime = seconds + 0.002;
  }

  pause() { this.video.pause(); }

  /** On a small window the film stays in view above the list, unless it would leave too little of it. */
  #fit() {
    const height = this.node.offsetHeight;
    const stays = height > 0 && height < innerHeight * 0.45;
    this.node.classList.toggle("stays", stays);
    this.node.closest(".film-bench")?.style.setProperty("--film-top", stays ? `${height}px` : "0px");
  }

  #add(cue) {
    const shown = new VTTCue(cue.start, Math.max(cue.end, cue.start), escaped(cue.text));
    this.#shown.set(cue, shown);
    this.#given.set(shown, cue);
    this.#track.addCue(shown);
  }

  #bring(cue) {
    const shown = this.#shown.get(cue);
    const text = escaped(cue.text);
    if (shown.text !== text) shown.text = text;
    if (shown.startTime !== cue.start) shown.startTime = cue.start;
    if (shown.endTime !== cue.end) shown.endTime = Math.max(cue.end, cue.start);
  }

  #remove(cue) {
    const shown = this.#shown.get(cue);
    this.#shown.delete(cue);
    if (shown) this.#track.removeCue(shown);
  }

  #look() {
    const [first] = this.#track.activeCues ?? [];
    const cue = first ? this.#given.get(first) : null;
    if (cue === this.#current) return;
    this.#current = cue;
    this.dispatchEvent(new CustomEvent("current", { detail: { cue } }));
  }

  #loaded() {
    const sound = this.video.videoWidth === 0;
    this.stage.classList.toggle("sound", sound);
    if (sound && this.#picture) this.#regret("film.soundonly");
    this.#offer(true);
  }

  #regret(key) {
    this.#sorry.hidden = false;
    this.#sorry.dataset.t = key;
    this.#sorry.textContent = t(key);
  }

  #failed() {
    if (!this.video.getAttribute("src")) return;
    this.#regret("film.unplayable");
    this.stage.hidden = this.#captions.hidden = true;
    this.#offer(false);
  }

  #offer(playable) {
    this.playable = playable;
    this.dispatchEvent(new CustomEvent("playable", { detail: { playable } }));
  }
}
