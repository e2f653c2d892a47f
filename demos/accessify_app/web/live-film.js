/** A film or recording as a source of live captions: the browser plays it at true pace, its sound is listened to. */

import { listen } from "./live-sound.js";

const BREATH = 1.2; // seconds of silence that stand for a pause of the film, so that what was said is committed
const DEAF_AFTER = 3; // seconds of play without any sound decoded, after which the film counts as one without sound
const outlets = new WeakMap(); // <video> → {context, source, loud}: a browser gives its sound once

/** What `video` plays. Its times are those of the film, also behind pauses and jumps. */
export class FilmSound {
  #held = false; #video; #onSound; #listening = new AbortController(); #outlet = null; #given = 0; #places = []; #alive = 0; #open = false;
  format = "pcm16";
  rate = 48000;

  constructor(video) { this.#video = video; }

  connected() {}

  /** As Microphone's; `onEnd("end")` at the end of the film, `onEnd("no-sound")` where it has none. */
  async open(onSound, onEnd) {
    if (!globalThis.AudioWorkletNode) throw new DOMException("", "insecure-film");
    const video = this.#video;
    this.#onSound = onSound;
    this.#outlet = await outletOf(video);
    this.rate = this.#outlet.context.sampleRate;
    this.#outlet.give = (sound, peak) => this.#hear(sound, peak);
    this.#open = true;
    this.#goOn();
    const on = (type, act) => video.addEventListener(type, act, { signal: this.#listening.signal });
    on("pause", () => this.#rest());
    on("seeking", () => this.#rest());
    on("playing", () => this.#goOn());
    on("seeked", () => !video.paused && this.#goOn());
    on("ended", () => onEnd("end"));
    on("error", () => onEnd("unplayable"));
    on("timeupdate", () => video.played.length && isDeaf(video) && onEnd("no-sound"));
    if (video.ended) video.currentTime = 0;
    await video.play().catch((error) => {
      throw new DOMException("", error.name === "NotSupportedError" ? "unplayable" : "failed");
    });
  }

  close() {
    this.#open = false;
    this.#listening.abort();
    clearInterval(this.#alive);
    if (this.#outlet) this.#outlet.give = null;
    this.#video.pause();
  }

  /** The film waits until `go`, e.g. for a connection; no silence stands for that. */
  hold() {
    if (this.#video.paused) return;
    this.#held = true;
    this.#video.pause();
  }

  go() {
    if (this.#held && this.#open) this.#video.play();
    this.#held = false;
  }

  /** Seconds of the film for seconds of the sound that was given. */
  place(seconds) {
    const { at, film, moves } = this.#places.findLast((place) => place.at <= seconds + 0.001) ?? this.#places[0];
    return moves ? film + Math.max(seconds - at, 0) : film;
  }

  #hear(sound, peak) {
    if (this.#open && !this.#video.paused && !this.#video.seeking) this.#give(sound, peak);
  }

  #give(sound, peak) {
    this.#given += sound.byteLength / 2;
    this.#onSound(sound, peak);
  }

  #silence(seconds) { this.#give(new Int16Array(Math.round(seconds * this.rate)).buffer, 0); }

  /** While the film stands still silence goes out, so that the server neither waits nor gives up. */
  #rest() {
    if (this.#alive || !this.#open) return;
    const at = this.#given / this.rate;
    this.#places.push({ at, film: this.place(at), moves: false });
    if (this.#held) return;
    this.#silence(BREATH);
    this.#alive = setInterval(() => this.#silence(1), 1000);
  }

  #goOn() {
    clearInterval(this.#alive);
    this.#alive = 0;
    this.#places.push({ at: this.#given / this.rate, film: this.#video.currentTime, moves: true });
  }
}

/** Whether people hear what `video` plays; captions come either way. */
export function setAudible(video, audible) {
  video.dataset.audible = String(audible);
  const outlet = outlets.get(video);
  if (outlet) outlet.loud.gain.value = audible ? 1 : 0;
}

async function outletOf(video) {
  if (!outlets.has(video)) {
    const context = new AudioContext({ latencyHint: "interactive" });
    const [source, loud] = [context.createMediaElementSource(video), context.createGain()];
    source.connect(loud).connect(context.destination);
    const outlet = { context, source, loud, give: null };
    outlets.set(video, outlet);
    setAudible(video, video.dataset.audible !== "false");
    await listen(source, (sound, peak) => outlet.give?.(sound, peak));
  }
  const outlet = outlets.get(video);
  await outlet.context.resume();
  return outlet;
}

/** Whether a film that has played for a while has no sound at all; false where a browser does not tell. */
function isDeaf(video) {
  if (video.played.end(video.played.length - 1) - video.played.start(0) < DEAF_AFTER) return false;
  return video.webkitAudioDecodedByteCount === 0 || video.mozHasAudio === false;
}

/** Loads `file` into `video`; throws where the browser cannot play it. */
export async function loadFilm(video, file) {
  if (video.src) URL.revokeObjectURL(video.src);
  video.src = URL.createObjectURL(file);
  await new Promise((done, fail) => {
    video.addEventListener("loadeddata", done, { once: true });
    video.addEventListener("error", () => fail(new DOMException("", "unplayable")), { once: true });
  });
}
