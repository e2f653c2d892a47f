/** A film of one's own instead of the camera: read once, then played with points, signs and letters at their times. */

import { make } from "./accessify-captions.js";
import { JobView } from "./job.js";
import { attempt, clearProblem, Problem, showProblem } from "./problem.js";
import { room } from "./room.js";
import { drawPoints } from "./signs-draw.js";
import { noteText } from "./signs-notes.js";
import { letterNode, meter, signNodes, wordSureness, wordsOf, wordText } from "./signs-words.js";
import { bytes, clock, onLanguage, percent, t } from "./text.js";

const PAUSE = 0.8; // seconds between two letters from which they belong to two words
const STANDS = 1.5; // seconds that something stays on screen after its end
const ENDINGS = [".vtt", ".srt", ".eaf"];

export class FilmView {
  #ask; #settings; #file = null; #url = ""; #result = null; #drawn = null; #rows = [];
  #input = make("input", { type: "file", id: "signs-film", accept: "video/*,.mkv", onchange: () => this.#choose(this.#input.files[0]) });
  #drop = make("div", { class: "drop" }, make("strong", { "data-t": "signs.film.drop" }), make("label", { for: "signs-film", "data-t": "signs.film.choose" }), this.#input);
  #video = make("video", { controls: true, playsinline: true, muted: true, preload: "metadata", "data-t-label": "signs.film", ontimeupdate: () => this.#follow() });
  #canvas = make("canvas", { class: "signs-through", role: "img", "data-t-label": "signs.picture" });
  #stage = make("div", { class: "stage signs-stage", hidden: true }, this.#video, this.#canvas);
  #line = make("p", { class: "signs-line" });
  #caption = make("div", { class: "card signs-caption", hidden: true }, this.#line);
  #go = make("button", { type: "button", class: "primary", "data-t": "signs.film.read", disabled: true, onclick: () => this.#read() });
  #sent = make("p", { class: "hint" });
  #problem = make("div", { class: "problem", tabindex: -1 });
  #said = make("p", { class: "note", role: "status", hidden: true });
  #list = make("ol", { class: "signs-list", "data-t-label": "signs.read" });
  #notes = make("ul", { class: "signs-notes" });
  #files = make("div", { class: "row" });
  #job;

  constructor(ask, settings) {
    [this.#ask, this.#settings] = [ask, settings];
    this.#job = new JobView({
      kind: "watch", cancel: (id) => ask("cancel", id), onStart: () => this.#show(), onDone: ({ result }) => this.#done(result),
      onFail: ({ problem }) => { showProblem(this.#problem, new Problem(problem)); this.#show(); }, onCancel: () => this.#show(),
    });
    for (const type of ["dragover", "dragleave", "drop"]) this.#drop.addEventListener(type, (event) => this.#dragged(event));
    this.node = make("div", { class: "stack" }, this.#drop, this.#stage, this.#caption, make("div", { class: "row" }, this.#go, this.#sent), this.#job.node, this.#problem, this.#said);
    this.results = make("section", { class: "card stack", hidden: true }, make("h3", { "data-t": "signs.read" }), make("div", { class: "signs-log" }, this.#list), this.#notes, this.#files);
    this.#frames();
    onLanguage(() => this.#draw());
  }

  pause() { this.#video.pause(); }

  #dragged(event) {
    event.preventDefault();
    this.#drop.classList.toggle("over", event.type === "dragover");
    if (event.type === "drop" && event.dataTransfer.files[0]) this.#choose(event.dataTransfer.files[0]);
  }

  #choose(file) {
    if (!file) return;
    URL.revokeObjectURL(this.#url);
    [this.#file, this.#url, this.#result, this.#drawn] = [file, URL.createObjectURL(file), null, null];
    this.#video.src = this.#url;
    clearProblem(this.#problem);
    this.#draw();
  }

  #show() {
    this.#go.disabled = !this.#file || this.#job.busy;
    this.#stage.hidden = !this.#file;
    this.#drop.classList.toggle("chosen", Boolean(this.#file));
  }

  async #read() {
    this.#go.disabled = true;
    await attempt(this.#problem, async () => {
      const ending = /\.[a-z0-9]{1,5}$/i.exec(this.#file.name)?.[0].toLowerCase() ?? ".mp4";
      const name = `signs-film-${Date.now()}${ending}`;
      await room.upload(this.#file, name, { onProgress: (sent, size) => { this.#sent.textContent = sent < size ? `${percent(sent / size)} · ${bytes(size)}` : ""; } });
      await this.#ask("watch", name, this.#settings());
    });
    this.#sent.textContent = "";
    this.#show();
  }

  async #done(result) {
    clearProblem(this.#problem);
    this.#result = result;
    this.#draw();
    await attempt(this.#problem, async () => {
      const answer = await fetch(room.url(result.points));
      if (answer.ok) this.#drawn = await answer.json();
    });
    this.#follow();
  }

  #draw() {
    this.#show();
    const result = this.#result;
    this.results.hidden = this.#said.hidden = this.#caption.hidden = !result;
    if (!result) return;
    const words = wordsOf(result.letters, PAUSE).map((letters) => ({ start: letters[0].start, end: letters.at(-1).end, letters }));
    this.#rows = [...result.signs.map((sign) => ({ start: sign.start, end: sign.end, sign })), ...words].sort((one, other) => one.start - other.start);
    const known = result.signs.filter((sign) => sign.known).length;
    this.#said.textContent = t("signs.film.done", { signs: t("signs.film.signs", { n: known }), unknown: t("signs.film.unknown", { n: result.signs.length - known }), words: t("signs.film.words", { n: words.length }) });
    this.#list.replaceChildren(...this.#rows.map((row) => this.#row(row)));
    this.#notes.replaceChildren(...result.notes.map((note) => make("li", {}, noteText(note))));
    const kinds = [result.signs.length && "signs", result.letters.length && "letters"].filter(Boolean);
    this.#files.replaceChildren(...(kinds.length ? [make("span", { class: "hint" }, t("signs.captions"))] : []), ...kinds.flatMap((kind) => ENDINGS.map((ending) => make("button", { type: "button", class: "small", onclick: () => this.#download(kind, ending) }, t(`signs.captions.${kind}`, { ending })))));
    this.#follow();
  }

  #row(row) {
    const jump = make("button", { type: "button", class: "small quiet signs-time", "aria-label": t("signs.jump", { time: clock(row.start, 1) }), onclick: () => { this.#video.currentTime = row.start; this.#follow(); } }, clock(row.start, 1));
    return make("li", {}, jump, make("span", {}, ...this.#nodes(row)));
  }

  #nodes({ sign, letters }) {
    if (sign) return signNodes(sign);
    const least = wordSureness(letters);
    return [make("span", { class: "badge" }, t("signs.spelled")), " ", make("strong", { class: "signs-word", dir: "ltr" }, wordText(letters)), " ", least ? meter(least) : make("span", { class: "hint" }, t("signs.word.unknown"))];
  }

  #follow() {
    if (!this.#result) return;
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
