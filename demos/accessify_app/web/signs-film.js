/** A film of one's own instead of the camera: read once, then played with points, signs and letters at their times. */

import { make } from "./accessify-captions.js";
import { filePicker } from "./film-source.js";
import { JobView } from "./job.js";
import { attempt, clearProblem, Problem, showProblem } from "./problem.js";
import { room } from "./room.js";
import { drawPoints } from "./signs-draw.js";
import { noteText } from "./signs-notes.js";
import { letterNode, signNodes, wordNodes, wordsOf } from "./signs-words.js";
import { bytes, clock, onLanguage, percent, t } from "./text.js";

const PAUSE = 0.8; // seconds between two letters from which they belong to two words
const STANDS = 1.5; // seconds that something stays on screen after its end
const ENDINGS = [".vtt", ".srt", ".eaf"];

export class FilmView {
  #ask; #settings; #file = null; #url = ""; #result = null; #drawn = null; #rows = []; #stop = null;
  #asked = null; // name in the room of the film that this page has given to be read
  #title = make("strong", { dir: "auto", hidden: true });
  #drop = make("div", { class: "drop" }, make("strong", { t: "signs.film.drop" }), this.#title);
  #video = make("video", { controls: true, playsinline: true, muted: true, preload: "metadata", "t-label": "signs.film", ontimeupdate: () => this.#follow(), onerror: () => this.#show() });
  #canvas = make("canvas", { class: "signs-through", role: "img", "t-label": "signs.picture" });
  #stage = make("div", { class: "stage signs-stage", hidden: true }, this.#video, this.#canvas);
  #unplayable = make("p", { class: "note", t: "signs.film.unplayable", hidden: true });
  #line = make("p", { class: "signs-line" });
  #caption = make("div", { class: "card signs-caption", hidden: true }, this.#line);
  #go = make("button", { type: "button", class: "primary", t: "signs.film.read", disabled: true, onclick: () => this.#read() });
  #sent = make("p", { class: "hint" });
  #problem = make("div", { class: "problem", tabindex: -1 });
  #said = make("p", { class: "note", role: "status", hidden: true });
  #again = make("p", { class: "hint" });
  #list = make("ol", { class: "signs-list" });
  #notes = make("ul", { class: "signs-notes" });
  #files = make("div", { class: "row" });
  #job;

  constructor(ask, settings) {
    [this.#ask, this.#settings] = [ask, settings];
    this.#job = new JobView({
      kind: "watch", cancel: (id) => ask("cancel", id), onStart: () => this.#show(), onDone: ({ result }) => this.#done(result),
      onFail: ({ problem }) => this.#over(new Problem(problem)), onCancel: () => this.#over(),
    });
    const { button, input } = filePicker({ words: "signs.film.choose", accept: "video/*,.mkv", onFile: (file) => this.#choose(file), zone: this.#drop });
    this.#drop.append(button, input);
    this.node = make("div", { class: "stack" }, this.#drop, this.#stage, this.#unplayable, this.#caption, make("div", { class: "row" }, this.#go, this.#sent), this.#job.node, this.#problem, this.#said);
    this.results = make("section", { class: "card stack", hidden: true }, make("h3", { t: "signs.read" }), this.#again, make("div", { class: "signs-log", role: "region", "t-label": "signs.read", tabindex: 0 }, this.#list), this.#notes, this.#files);
    this.#frames();
    onLanguage(() => this.#draw());
  }

  pause() { this.#video.pause(); }

  /** Takes another film; what was asked of the one before is stopped. */
  #choose(file) {
    this.#stop?.abort();
    if (this.#asked && this.#job.busy) this.#ask("cancel", this.#job.job.id).catch(() => {}); // it ends by itself at the latest
    this.#over();
    const same = !this.#file && this.#result?.title === file.name; // after the page was loaded anew
    if (!same) [this.#result, this.#drawn] = [null, null];
    URL.revokeObjectURL(this.#url);
    [this.#file, this.#url] = [file, URL.createObjectURL(file)];
    this.#video.src = this.#url;
    clearProblem(this.#problem);
    this.#draw();
  }

  #show() {
    this.#go.disabled = !this.#file;
    this.#go.setAttribute("aria-disabled", String(Boolean(this.#asked) || this.#job.busy)); // it keeps the focus
    this.#title.textContent = this.#file?.name ?? "";
    this.#stage.hidden = this.#title.hidden = !this.#file;
    this.#unplayable.hidden = !this.#file || !this.#video.error;
    this.#drop.classList.toggle("chosen", Boolean(this.#file));
  }

  async #read() {
    if (this.#asked || this.#job.busy) return;
    const [file, settings, stop] = [this.#file, this.#settings(), new AbortController()];
    const name = `signs-film-${Date.now()}${/\.[a-z0-9]{1,5}$/i.exec(file.name)?.[0].toLowerCase() ?? ".mp4"}`;
    [this.#asked, this.#stop] = [name, stop];
    this.#said.textContent = ""; // the same once more is news too
    this.#show();
    const onProgress = (sent, size) => { this.#sent.textContent = sent < size && this.#asked === name ? `${percent(sent / size)} · ${bytes(size)}` : ""; };
    const begun = await attempt(this.#problem, async () => {
      await room.upload(file, name, { onProgress, signal: stop.signal });
      stop.signal.throwIfAborted();
      return this.#ask("watch", name, settings);
    });
    if (begun && !stop.signal.aborted) return;
    if (begun) this.#ask("cancel", begun.job).catch(() => {});
    room.remove(name);
    if (this.#asked === name) this.#over();
  }

  /** Nothing came of it: it was cancelled, or `problem` says why. */
  #over(problem = null) {
    if (this.#asked && problem) showProblem(this.#problem, problem);
    this.#asked = null;
    this.#sent.textContent = "";
    this.#show();
  }

  async #done(result) {
    if (this.#file && result.file !== this.#asked && result.title !== this.#file.name) return this.#show(); // of a film that was put away
    this.#asked = null;
    clearProblem(this.#problem);
    this.#result = result;
    this.#draw();
    await attempt(this.#problem, async () => {
      const answer = await fetch(room.url(result.points));
      if (answer.ok && this.#result === result) this.#drawn = await answer.json();
    });
    return this.#follow();
  }

  #draw() {
    this.#show();
    this.#follow();
    const result = this.#result;
    this.results.hidden = this.#said.hidden = !result;
    if (!result) return;
    const words = wordsOf(result.letters, PAUSE).map((letters) => ({ start: letters[0].start, end: letters.at(-1).end, letters }));
    this.#rows = [...result.signs.map((sign) => ({ start: sign.start, end: sign.end, sign })), ...words].sort((one, other) => one.start - other.start);
    this.#said.textContent = summary(result, words);
    this.#again.hidden = Boolean(this.#file);
    this.#again.textContent = t("signs.film.again", { title: result.title });
    this.#list.replaceChildren(...this.#rows.map((row) => this.#row(row)));
    this.#notes.replaceChildren(...result.notes.map((note) => make("li", {}, noteText(note))));
    const kinds = [result.signs.length && "signs", result.letters.some(({ within }) => !within) && "letters"].filter(Boolean);
    this.#files.replaceChildren(...(kinds.length ? [make("span", { class: "hint" }, t("signs.captions"))] : []), ...kinds.flatMap((kind) => ENDINGS.map((ending) => make("button", { type: "button", class: "small", onclick: () => this.#download(kind, ending) }, t(`signs.captions.${kind}`, { ending })))));
  }

  #row(row) {
    const jump = !this.#file ? make("span", { class: "signs-time" }, clock(row.start, 1)) : make("button", { type: "button", class: "small quiet signs-time", "aria-label": t("signs.jump", { time: clock(row.start, 1) }), onclick: () => { this.#video.currentTime = row.start; this.#follow(); } }, clock(row.start, 1));
    return make("li", {}, jump, make("span", {}, ...(row.sign ? signNodes(row.sign) : wordNodes(row.letters))));
  }

  #follow() {
    this.#caption.hidden = !this.#file;
    if (!this.#result) return this.#line.replaceChildren(make("span", { class: "hint" }, t("signs.film.before")));
    const now = this.#video.currentTime;
    const row = this.#rows.findLast((one) => one.start <= now && now < one.end + STANDS);
    if (!row) return this.#line.replaceChildren(make("span", { class: "hint" }, t("signs.film.line")));
    if (row.sign) return this.#line.replaceChildren(...signNodes(row.sign));
    return this.#line.replaceChildren(...row.letters.filter((letter) => letter.start <= now).flatMap((letter) => [letterNode(letter), " "]));
  }

  #frames() {
    const paint = () => { this.#paint(); this.#frames(); };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(paint);
    else setTimeout(paint, 60);
  }

  #paint() {
    if (!this.#drawn) return drawPoints(this.#canvas, null, null);
    const { times, points, parts, size } = this.#drawn;
    if (this.#canvas.width !== size[0]) [this.#canvas.width, this.#canvas.height] = size;
    const now = this.#video.currentTime * 1000;
    const index = times.findLastIndex((time) => time <= now + 20);
    return drawPoints(this.#canvas, parts, points[Math.max(index, 0)]);
  }

  async #download(kind, ending) {
    await attempt(this.#problem, async () => {
      const { file, as } = await this.#ask("captions", kind, ending);
      make("a", { href: room.url(file, as), download: as }).click();
    });
  }
}

/** How much was found of what was asked for. */
function summary({ mode, signs, letters }, words) {
  const known = signs.filter((sign) => sign.known).length;
  const spelled = letters.filter((letter) => !letter.within);
  const clear = spelled.filter((letter) => letter.known).length;
  const told = [];
  if (mode !== "letters") told.push(signs.length ? t("signs.film.signs", { signs: t("signs.count", { n: known }), unsure: signs.length - known }) : t("signs.film.no-sign"));
  if (mode !== "signs") {
    const count = words.filter((word) => !word.letters[0].within).length;
    told.push(spelled.length ? t("signs.film.letters", { letters: t("signs.film.letter", { n: clear }), words: t("signs.film.word", { n: count }), unsure: spelled.length - clear }) : t("signs.film.no-letter"));
  }
  if (spelled.length < letters.length) told.push(t("signs.film.struck", { n: letters.length - spelled.length }));
  return told.join(t("signs.sentence"));
}
