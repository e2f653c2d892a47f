/** The film to be captioned: chosen or dropped, sent to the room, and looked at there. */

import { make } from "./accessify-captions.js";
import { attempt, clearProblem } from "./problem.js";
import { room } from "./room.js";
import { bytes, duration, onLanguage, percent, t } from "./text.js";

export const FILMS = "video/*,audio/*,.mkv,.mxf,.ts,.mts,.mov";

/** A name in the room that the same file always gets, so that an upload goes on where it stopped. */
function nameFor(kind, file) {
  let hash = 0x811c9dc5;
  for (const character of `${file.name}|${file.size}|${file.lastModified}`) {
    hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
  }
  const suffix = /\.[A-Za-z0-9]{1,8}$/.exec(file.name)?.[0] ?? "";
  return `${kind}-${hash.toString(16).padStart(8, "0")}${suffix.toLowerCase()}`;
}

/** Sends a caption file; gives its name in the room. */
export async function sendCaptions(file) {
  const name = nameFor("captions", file);
  await room.upload(file, name);
  return name;
}

/** Whether something that is dragged brings files. */
export const holdsFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");

/** A button that opens the browser's choice of files, and takes what is dropped on `zone`. */
export function filePicker({ words, accept, onFile, primary = false, zone = null }) {
  const input = make("input", { type: "file", accept, hidden: true });
  const button = make("button", { type: "button", class: primary ? "primary" : "", t: words, onclick: () => input.click() });
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (file) onFile(file);
    input.value = ""; // the same file may be chosen again
  });
  for (const type of ["dragenter", "dragover"]) {
    zone?.addEventListener(type, (event) => holdsFiles(event) && (event.preventDefault(), zone.classList.add("over")));
  }
  for (const type of ["dragleave", "drop"]) zone?.addEventListener(type, () => zone.classList.remove("over"));
  zone?.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer.files[0]) onFile(event.dataTransfer.files[0]);
  });
  return { button, input };
}

/** Events: "chosen", "ready" (it lies in the room and `info` tells what is in it), "failed", "dropped". */
export class FilmSource extends EventTarget {
  #ask; #say; #stop = null; #title; #state; #bar; #problem; #again; #sent = 0; #silent = false;
  file = null; // as it lies on this computer; null after the page was loaded anew
  name = null; // in the room
  title = "";
  size = 0;
  info = null;

  constructor(ask, say) {
    super();
    [this.#ask, this.#say] = [ask, say];
    this.#title = make("strong", { class: "film-title", dir: "auto" });
    this.#state = make("span", { class: "hint" });
    this.#bar = make("progress", { max: 1, "t-label": "film.upload" });
    this.#problem = make("div");
    this.#again = make("button", { type: "button", class: "small", t: "film.other", onclick: () => this.drop() });
    this.node = make("div", { class: "stack film-chosen" },
      make("div", { class: "row" }, this.#title, this.#again), this.#state, this.#bar, this.#problem);
    onLanguage(() => this.#draw());
  }

  get ready() { return this.info !== null; }

  /** The film that captions of a file belong to: one without sound is none to listen to, and a film all the same. */
  get film() { return this.ready || this.#silent ? this.name : null; }

  /** Takes a file of this computer and sends it. */
  async take(file) {
    this.#begin({ file, name: nameFor("film", file), title: file.name, size: file.size });
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#say(t("film.sending", { title: file.name }));
    await this.#settle(async () => {
      const onProgress = (sent) => {
        this.#sent = sent;
        if (!signal.aborted) this.#draw();
      };
      await room.upload(file, this.name, { onProgress, signal, title: file.name, resume: true });
      if (!signal.aborted) await this.#look();
    });
  }

  /** Takes what lies in the room already. */
  async takeStored(name, { title, size = 0 }) {
    this.#begin({ file: null, name, title: title || name, size });
    this.#sent = size;
    await this.#settle(() => this.#look());
  }

  /** Lets it go; an upload that runs is stopped. */
  drop() {
    this.#stop?.abort();
    Object.assign(this, { file: null, name: null, info: null });
    this.#silent = false;
    clearProblem(this.#problem);
    this.#tell("dropped");
  }

  #begin(values) {
    this.#stop?.abort();
    clearProblem(this.#problem);
    Object.assign(this, { info: null }, values);
    [this.#sent, this.#silent] = [0, false];
    this.#draw();
    this.#tell("chosen");
  }

  async #look() {
    const { name } = this;
    const info = await this.#ask("inspect", name).catch((error) => {
      this.#silent = name === this.name && error.code === "no-audio";
      throw error;
    });
    if (name !== this.name) return;
    this.info = info;
    this.#draw();
    this.#say(t("film.arrived", { title: this.title }));
    this.#tell("ready");
  }

  async #settle(work) {
    const done = await attempt(this.#problem, async () => ((await work()), true));
    if (!done) {
      this.#say(""); // no longer on its way; the problem is read aloud
      this.#tell("failed");
    }
    this.#draw();
  }

  #draw() {
    this.#title.textContent = this.title;
    const sending = this.file && !this.info && this.#sent < this.size;
    const parts = this.size ? [bytes(this.size)] : [];
    if (sending) parts.push(t("film.sent", { percent: percent(this.#sent / this.size) }));
    else if (this.info?.duration) parts.push(t("film.long", { time: duration(this.info.duration) }));
    this.#state.textContent = parts.join(" · ");
    this.#bar.hidden = !this.file || Boolean(this.#problem.firstChild);
    this.#bar.style.visibility = sending ? "" : "hidden"; // its place stays: nothing may move below a pointer that is down
    this.#bar.value = this.size ? this.#sent / this.size : 0;
  }

  #tell(type) { this.dispatchEvent(new CustomEvent(type)); }
}
