/** The camera: its picture as in a mirror, the points over it, what state it is in, and how late it is. */

import { make } from "./accessify-captions.js";
import { clearProblem, Problem, showProblem } from "./problem.js";
import { drawPoints, seesHand } from "./signs-draw.js";
import { SignLink } from "./signs-link.js";
import { bytes, has, onLanguage, percent, t } from "./text.js";

const HANDLESS = 4000; // milliseconds without a hand after which a hint says so
const FAILURES = {
  NotAllowedError: "camera-denied", SecurityError: "camera-denied", NotFoundError: "camera-none", OverconstrainedError: "camera-none",
  NotReadableError: "camera-busy", AbortError: "camera-busy",
};

/** Opens a camera; throws a `Problem` that says what to do. */
async function openCamera(id) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Problem({ code: window.isSecureContext ? "camera-unknown" : "camera-insecure" });
  const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, ...(id ? { deviceId: { exact: id } } : { facingMode: "user" }) };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    if (id && error.name === "OverconstrainedError") return openCamera(""); // that one is gone; another may be there
    const code = FAILURES[error.name] ?? "camera-failed";
    throw new Problem({ code, text: `${error.name}: ${error.message}` });
  }
}

/** `settings()` gives what is looked for; `on` has functions "begins", "released", "ready", "sign", "letter", "within". */
export class CameraView {
  #settings; #on; #stream = null; #link = null; #parts = null; #state = "off"; #detail = null; #opening = false; #round = 0;
  #seen = []; #delays = []; #handAt = 0; #clock = null;
  #video = make("video", { muted: true, playsinline: true, "aria-hidden": "true" });
  #canvas = make("canvas", { role: "img", "data-t-label": "signs.picture" });
  #off = make("p", {});
  #over = make("div", { class: "signs-over", hidden: true, "aria-hidden": "true" });
  #start = make("button", { type: "button", class: "primary", "data-t": "signs.start", onclick: () => this.start() });
  #cover = make("div", { class: "signs-cover" }, make("div", { class: "stack" }, this.#off, this.#start));
  #stop = make("button", { type: "button", "data-t": "signs.stop", hidden: true, onclick: () => this.stop() });
  #choice = make("select", { id: "signs-device", onchange: () => this.#change() });
  #choosing = make("div", { class: "field signs-device", hidden: true }, make("label", { for: "signs-device", "data-t": "signs.device" }), this.#choice);
  #status = make("p", { class: "hint", role: "status" });
  #figures = make("p", { class: "hint signs-figures" });
  #problem = make("div", { class: "problem", tabindex: -1 });

  constructor(settings, on) {
    [this.#settings, this.#on] = [settings, on];
    this.stage = make("div", { class: "stage signs-stage" }, this.#video, this.#canvas, this.#cover, this.#over);
    this.node = make("div", { class: "stack" }, this.stage, this.#problem,
      make("div", { class: "row signs-between" }, make("div", { class: "row" }, this.#stop, this.#choosing), this.#figures), this.#status);
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.#stream && this.#listDevices());
    onLanguage(() => this.#tell());
    this.#tell();
  }

  get stream() { return this.#stream; }

  /** Reads the settings anew, and with them the sign book. */
  refresh() { this.#link?.set(this.#settings()); }

  /** Sends no pictures while something is recorded. */
  rest(on) {
    this.#link?.rest(on);
    this.#handAt = performance.now();
    if (on) this.#draw(null);
  }

  /** Something large over the picture, such as a countdown; nothing where `text` is empty. */
  overlay(text, recording = false) {
    this.#over.hidden = !text;
    this.#over.textContent = text;
    this.stage.classList.toggle("recording", recording);
  }

  async start() {
    if (this.#stream || this.#opening) return this.#stream;
    this.#opening = true;
    const round = ++this.#round;
    clearProblem(this.#problem);
    this.#on.begins();
    this.#set("asking");
    try {
      const stream = await openCamera(this.#choice.value);
      if (round !== this.#round) { // stopped while the browser asked
        for (const track of stream.getTracks()) track.stop();
        return null;
      }
      this.#stream = stream;
      const [track] = this.#stream.getVideoTracks();
      track.addEventListener("ended", () => this.#unplugged());
      this.#video.srcObject = this.#stream;
      await this.#video.play();
    } catch (error) {
      if (round !== this.#round) return null;
      this.#release();
      this.#set("off");
      showProblem(this.#problem, error);
      return null;
    } finally {
      this.#opening = false;
    }
    this.#set("connecting");
    this.#handAt = performance.now();
    this.#clock = setInterval(() => this.#measure(), 1000);
    this.#link = new SignLink(this.#video, this.#settings(), (type, ...rest) => this.#take(type, ...rest));
    this.#listDevices();
    this.#start.hidden = true;
    this.#stop.hidden = false;
    if (document.activeElement === this.#start || document.activeElement === document.body) this.#stop.focus();
    return this.#stream;
  }

  /** Whether the camera is on, or the browser asks for it. */
  get active() { return Boolean(this.#stream) || this.#opening; }

  stop(state = "off") {
    this.#round += 1;
    const focused = document.activeElement === this.#stop;
    this.#release();
    this.#set(state);
    if (focused) this.#start.focus();
  }

  #release() {
    this.#link?.close();
    clearInterval(this.#clock);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    [this.#link, this.#stream, this.#video.srcObject] = [null, null, null];
    [this.#seen, this.#delays] = [[], []];
    this.#draw(null);
    this.overlay("");
    this.#figures.textContent = "";
    this.#start.hidden = false;
    this.#stop.hidden = true;
    this.#on.released();
  }

  #unplugged() {
    if (!this.#stream) return;
    this.stop();
    showProblem(this.#problem, new Problem({ code: "camera-unplugged" }));
  }

  async #change() {
    if (!this.#stream) return;
    this.stop();
    await this.start();
  }

  async #listDevices() {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const now = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    this.#choice.replaceChildren(...cameras.map(({ deviceId, label }, index) => make("option", { value: deviceId, selected: deviceId === now }, label || t("signs.camera.number", { n: index + 1 }))));
    this.#choosing.hidden = cameras.length < 2;
  }

  #take(type, ...rest) {
    if (type === "state") return this.#set(...rest);
    const [message] = rest;
    if (type === "ready") [this.#parts, this.#handAt] = [message.parts, performance.now()]; // while it got ready nobody looked
    if (type === "seen") this.#see(message);
    if (type === "problem") {
      this.stop();
      return showProblem(this.#problem, message);
    }
    return this.#on[type]?.(message);
  }

  #see({ at, points }) {
    const now = performance.now();
    this.#seen.push(now);
    this.#delays.push(now - at);
    if (this.#parts && seesHand(this.#parts, points)) this.#handAt = now;
    const { videoWidth, videoHeight } = this.#video;
    if (this.#canvas.width !== videoWidth) this.#canvas.width = videoWidth;
    if (this.#canvas.height !== videoHeight) this.#canvas.height = videoHeight;
    this.#draw(points);
  }

  #draw(points) { drawPoints(this.#canvas, this.#parts, points); }

  #measure() {
    const now = performance.now();
    this.#seen = this.#seen.filter((time) => now - time < 2000);
    this.#delays = this.#delays.slice(-this.#seen.length || this.#delays.length);
    const delay = this.#delays.length ? this.#delays.reduce((sum, one) => sum + one, 0) / this.#delays.length / 1000 : 0;
    this.#figures.textContent = this.#seen.length ? t("signs.figures", { n: Math.round(this.#seen.length / 2), delay: delay.toFixed(1) }) : "";
    if (this.#state === "open" || this.#state === "handless") this.#set(now - this.#handAt > HANDLESS ? "handless" : "open");
  }

  #set(state, detail = null) {
    if (state === "open" && this.#state === "handless" && performance.now() - this.#handAt > HANDLESS) return;
    if (state === this.#state && state !== "loading") return;
    [this.#state, this.#detail] = [state, detail];
    if (state === "lost" || state === "full") this.#draw(null);
    this.#tell();
  }

  #tell() {
    const on = !["off", "asking", "left"].includes(this.#state);
    this.#cover.hidden = on;
    this.#off.textContent = t(this.#state === "asking" ? "signs.cover.asking" : "signs.cover.off");
    this.#canvas.hidden = !on;
    const text = this.#state === "loading" ? this.#loading() : has(`signs.state.${this.#state}`) ? t(`signs.state.${this.#state}`, this.#detail ?? {}) : "";
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  #loading() {
    const { stage = "", done = 0, total, unit } = this.#detail ?? {};
    const [name, ...rest] = stage.split(" ");
    const words = has(`stage.${name}`) ? t(`stage.${name}`, { what: rest.join(" ") }) : stage;
    const part = total ? percent(Math.round((done / total) * 20) / 20) : ""; // in steps of 5 %, so that it is not read aloud all the time
    return [words, part, unit === "B" && total ? `(${bytes(total)})` : ""].filter(Boolean).join(" ");
  }
}
