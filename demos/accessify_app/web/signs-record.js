/** One take of a sign: a countdown that can be seen, a recording that can be stopped; or a file; and a clip to look at. */

import { make } from "./accessify-captions.js";
import { Problem } from "./problem.js";
import { onLanguage, t } from "./text.js";

const COUNT = 3;
const LASTS = 3500; // milliseconds
const KINDS = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Records `stream` until `stopped` or `LASTS`; throws a `Problem` where the browser cannot. */
async function record(stream, stopped) {
  const kind = KINDS.find((one) => window.MediaRecorder?.isTypeSupported(one));
  if (!kind) throw new Problem({ code: "camera-unrecorded" });
  const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 2_500_000 });
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  const ended = new Promise((done, fail) => {
    recorder.addEventListener("stop", done);
    recorder.addEventListener("error", () => fail(new Problem({ code: "camera-unplugged" })));
  });
  recorder.start();
  await Promise.race([pause(LASTS), stopped, ended]);
  if (recorder.state !== "inactive") recorder.stop();
  await ended;
  const type = kind.split(";")[0];
  return new File(pieces, type.endsWith("mp4") ? "take.mp4" : "take.webm", { type });
}

/** One of the takes; `camera` is a `CameraView`, `onChange` hears that there is a clip or none. */
export class Take {
  #camera; #number; #onChange; #state = "empty"; #stop = null; #url = ""; #recorded = false;
  file = null;
  #say = make("p", { class: "hint signs-said", role: "status" });
  #clip = make("video", { controls: true, loop: true, muted: true, playsinline: true, preload: "auto", hidden: true, onerror: () => this.#show() });
  #button = make("button", { type: "button", onclick: () => this.#press() });
  #drop = make("button", { type: "button", class: "quiet", "data-t": "signs.take.drop", hidden: true, onclick: () => { this.clear(); this.#button.focus(); } });

  constructor(camera, number, onChange) {
    [this.#camera, this.#number, this.#onChange] = [camera, number, onChange];
    this.node = make("li", { class: "signs-take stack" }, make("div", { class: "signs-clip" }, this.#clip, make("span", { class: "signs-number", "aria-hidden": "true" }, String(number))),
      make("div", { class: "row" }, this.#button, this.#drop), this.#say);
    onLanguage(() => this.#show());
    this.#show();
  }

  get busy() { return this.#state === "counting" || this.#state === "recording"; }

  /** What the clip is called; "" without one. */
  get title() { return this.#recorded ? t("signs.take.title", { n: this.#number }) : (this.file?.name ?? ""); }

  /** A clip from a file, or none. */
  set(file, recorded = false) {
    URL.revokeObjectURL(this.#url);
    [this.file, this.#recorded] = [file, recorded];
    this.#url = file ? URL.createObjectURL(file) : "";
    if (file) this.#clip.src = this.#url;
    else this.#clip.removeAttribute("src");
    this.#become(file ? "taken" : "empty");
  }

  clear() { this.set(null); }

  /** Another take is being recorded: one at a time. */
  wait(on) { this.#button.disabled = on; }

  /** Ends a countdown or recording. */
  halt() { this.#stop?.(); }

  async #press() {
    if (this.busy) return this.halt();
    const stream = this.#camera.stream ?? (await this.#camera.start());
    if (!stream) return;
    let halted = false;
    this.#camera.stage.scrollIntoView({ block: "nearest" });
    const stopped = new Promise((done) => { this.#stop = () => { halted = true; done(); }; });
    try {
      this.#become("counting");
      for (let left = COUNT; left > 0 && !halted; left--) {
        this.#camera.overlay(String(left));
        this.#say.textContent = t("signs.take.in", { n: left });
        await Promise.race([pause(1000), stopped]);
      }
      if (halted) return this.#become(this.file ? "taken" : "empty");
      this.#camera.rest(true);
      this.#become("recording");
      this.#camera.overlay(t("signs.take.recording"), true);
      this.set(await record(stream, stopped), true);
      this.#clip.play().catch(() => {}); // muted clips may play; where they may not, the button does it
    } catch (error) {
      this.#become(this.file ? "taken" : "empty");
      this.#onChange(error);
    } finally {
      this.#stop = null;
      this.#camera.rest(false);
      this.#camera.overlay("");
      this.node.scrollIntoView({ block: "nearest" });
    }
  }

  #become(state) {
    this.#state = state;
    this.#show();
    this.#onChange();
  }

  #show() {
    const n = this.#number;
    this.#button.textContent = t(this.busy ? "signs.take.stop" : this.#recorded ? "signs.take.again" : "signs.take.record", { n });
    this.#button.classList.toggle("danger", this.busy);
    this.#button.classList.toggle("primary", this.#state === "empty");
    this.#clip.hidden = this.#state !== "taken" || Boolean(this.#clip.error); // a file of landmarks, say
    this.#clip.setAttribute("aria-label", t("signs.take.clip", { n }));
    this.#drop.hidden = this.#state !== "taken";
    this.#say.textContent = { empty: "", counting: this.#say.textContent, recording: t("signs.take.recording"), taken: t(this.#recorded ? "signs.take.taken" : "signs.take.given", { n, file: this.title }) }[this.#state];
  }
}
