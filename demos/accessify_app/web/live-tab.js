/** Tab "Live captions": a microphone, or a film that is played here, and its words in large text at once. */

import { make } from "./accessify-captions.js";
import { lineWishes, listMicrophones, LiveCaptions } from "./live-captions.js";
import { choices, chosenOf } from "./choices.js";
import { filePicker } from "./film-source.js";
import { CueView } from "./live-cue-view.js";
import { FilmSound, loadFilm, setAudible } from "./live-film.js";
import { Notebook } from "./live-notebook.js";
import { Microphone } from "./live-sound.js";
import { resize, StageView } from "./live-stage.js";
import { clearProblem, Problem, showProblem } from "./problem.js";
import { clock, has, language, onLanguage, t, translate } from "./text.js";

const PROBLEMS = {
  NotAllowedError: "blocked", SecurityError: "blocked", NotFoundError: "no-microphone", NotReadableError: "busy", AbortError: "busy",
  OverconstrainedError: "gone", NotSupportedError: "unsupported", insecure: "insecure", "insecure-film": "insecure-film", pulled: "pulled",
  unplayable: "unplayable", "no-sound": "no-sound", token: "refused", refused: "refused",
};
const SIGNS = {
  ready: "○", asking: "…", connecting: "…", live: "●", silent: "◇", "catching-up": "◐", lost: "▲", unreachable: "▲",
  finishing: "…", ended: "■", "film-paused": "❚❚",
};
const KEYS = { pause: ["P"], options: ["O"], size: ["+", "−"], leave: ["Esc"] };
const LOUD = 0.7; // peaks above are told as too loud, those below SOFT as soft
const SOFT = 0.02;

export function mount(root, ask) { return new LiveTab(root, ask).begin(); }

class LiveTab {
  #root; #ask; #live; #film = null; #playing = null; #wanted = ""; #loudest = 0; #loudAt = 0; #behind = null; #hears = null; #announced = false;
  #notebook = new Notebook();
  #cues = new CueView();
  #channel = globalThis.BroadcastChannel ? new BroadcastChannel("accessify-live") : null;

  constructor(root, ask) { [this.#root, this.#ask] = [root, ask]; }

  begin() {
    this.#build();
    this.#live = new LiveCaptions({
      captions: this.#pane, transcript: this.#notebook.transcript, say: (key, values) => t(`live.${key}`, values),
      wishes: () => lineWishes(this.#live.captions, { easy: this.#pace.checked }),
    });
    this.#live.began = this.#notebook.began;
    this.#listen();
    this.#choose();
    this.#show();
    this.#askHears();
  }

  get #source() { return chosenOf(this.#sources); }
  get #isFilm() { return this.#source === "film"; }
  /** Whether captions lie over the picture. */
  get #isOver() { return this.#isFilm && this.#film?.picture && chosenOf(this.#places) === "over"; }

  // ---- what is drawn

  #build() {
    this.#root.append(
      make("div", { class: "stack" },
        make("h2", { t: "live.title" }),
        make("p", { class: "lead live-lead", t: "live.lead" }),
        this.#setUp(),
        this.#problem, this.#other,
        make("div", { class: "live-split" }, this.#drawScreen(),
          make("div", { class: "stack" }, this.#cues.node, this.#notebook.node)),
        make("p", { class: "keys live-keys" }, make("span", { t: "live.keys" }), " ",
          ...Object.entries(KEYS).flatMap(([name, keys]) => [make("span", {},
            ...keys.flatMap((key) => [make("kbd", {}, key), " "]), make("span", { t: `live.key.${name}` })), " "]))));
  }

  #setUp() {
    this.#device.append(new Option("", ""));
    this.#deviceField = make("div", { class: "field" }, make("label", { for: "live-device", t: "live.device" }), this.#device);
    this.#drop = make("div", { class: "drop live-drop" });
    const onFile = (file) => !this.#live.running && this.#open(file);
    this.#picker = filePicker({ words: "live.choose-another", accept: "video/*,audio/*", onFile, zone: this.#drop });
    this.#drop.append(this.#named, this.#picker.button, this.#picker.input, make("p", { class: "hint", t: "live.file-hint" }));
    return (this.#setup = make("section", { class: "card live-setup", "data-t-label": "live.setup" },
      this.#start,
      make("div", { class: "live-choices" }, this.#sources, this.#deviceField, this.#drop, this.#places,
        make("label", { class: "check" }, this.#pace, make("span", { t: "live.pace" }))),
      this.#heard));
  }

  #drawScreen() {
    const bars = [this.#pane, this.#over];
    for (const element of bars) {
      const button = (key, act) => make("button", { type: "button", slot: "controls", t: key, onclick: act });
      element.append(button("live.smaller", () => resize(-10)), button("live.larger", () => resize(10)),
        button("live.stage", () => this.#stage.enter()));
    }
    const now = make("div", { class: "live-now" }, make("div", { class: "live-doing" }, this.#sign, this.#state), this.#lag, this.#level);
    this.#screen = make("section", { class: "card live-screen", "data-t-label": "live.title" });
    this.#stage = new StageView(this.#screen, () => this.#live.captions.shadowRoot.querySelector("[tabindex='0'], button"));
    this.#picture = make("div", { class: "live-picture", hidden: true }, make("div", { class: "stage" }, this.#video),
      make("div", { class: "live-film row" }, this.#hold, this.#seek, this.#time,
        make("label", { class: "check" }, this.#aloud, make("span", { t: "live.aloud" }))), this.#over);
    this.#screen.append(make("div", { class: "live-top" }, now, this.#stage.bar), this.#cues.banner, this.#picture, this.#pane);
    return this.#screen;
  }

  #sources = choices("live.source", ["microphone", "film"]);
  #places = choices("live.place", ["over", "below"], { hidden: true });
  #device = make("select", { id: "live-device" });
  #named = make("strong", { dir: "auto" });
  #pace = make("input", { type: "checkbox", id: "live-pace" });
  #heard = make("p", { class: "hint", id: "live-hears" });
  #start = make("button", { type: "button", class: "primary live-start", id: "live-start", onclick: () => this.#press() });
  #problem = make("div", { id: "live-problem", class: "problem" });
  #other = make("p", { class: "note", role: "status", hidden: true });
  #sign = make("span", { class: "live-sign", "aria-hidden": "true" });
  #state = make("p", { role: "status", id: "live-state" });
  #lag = make("p", { class: "live-lag" });
  #loud = make("span", {});
  #bar = make("span", {});
  #level = make("div", { class: "meter", hidden: true }, make("b", { t: "live.level" }), this.#loud, make("span", { class: "live-bar", "aria-hidden": "true" }, this.#bar));
  #video = make("video", { id: "live-video", playsinline: true, preload: "auto" });
  #hold = make("button", { type: "button", hidden: true, onclick: () => (this.#video.paused ? this.#video.play() : this.#video.pause()) });
  #seek = make("input", { type: "range", min: 0, max: 0, step: 0.1, value: 0, "data-t-label": "live.seek" });
  #time = make("span", { class: "live-time" });
  #aloud = make("input", { type: "checkbox", checked: true });
  #pane = make("accessify-captions", { id: "live-captions" });
  #over = make("accessify-captions", { id: "live-over", for: "live-video" });
  #setup; #picker; #screen; #stage; #picture; #deviceField; #drop;

  // ---- what happens

  #listen() {
    const live = this.#live;
    const on = (target, type, act) => target.addEventListener(type, act);
    on(live, "mode", ({ detail }) => this.#turn(detail));
    on(live, "problem", ({ detail }) => this.#explain(detail));
    on(live, "level", ({ detail }) => this.#showLevel(detail));
    on(live, "message", ({ detail }) => this.#take(detail));
    for (const group of [this.#sources, this.#places]) on(group, "change", () => this.#choose());
    on(this.#aloud, "change", () => setAudible(this.#video, this.#aloud.checked));
    on(this.#seek, "input", () => { this.#video.currentTime = Number(this.#seek.value); });
    for (const type of ["play", "pause", "timeupdate", "seeked", "durationchange"]) on(this.#video, type, () => this.#showFilm());
    for (const type of ["play", "pause"]) on(this.#video, type, () => this.#show());
    this.#notebook.onrenew = () => { live.transcript = this.#notebook.transcript; };
    this.#notebook.onrestore = () => { live.began = this.#notebook.began; };
    this.#cues.onseen = () => this.#stage.home().focus();
    this.#channel?.addEventListener("message", ({ data }) => this.#meet(data));
    on(window, "beforeunload", (event) => { if (live.running || this.#notebook.unsaved) event.preventDefault(); });
    if (navigator.mediaDevices?.addEventListener) on(navigator.mediaDevices, "devicechange", () => this.#listDevices());
    on(this.#root, "left", () => this.#stage.leave()); // Back leads out of it as well
    onLanguage(() => this.#redraw());
    this.#listDevices();
  }

  #press() {
    if (this.#live.running) return this.#live.stop();
    if (this.#isFilm && !this.#film) return this.#picker.input.click();
    const film = this.#isFilm ? this.#film : null;
    this.#live.transcript = this.#notebook.transcript;
    this.#other.hidden = true;
    this.#playing = film ? new FilmSound(this.#video) : null;
    this.#live.start(this.#playing ?? new Microphone(this.#device.value));
  }

  async #open(file) {
    clearProblem(this.#problem);
    this.#film = null;
    this.#wanted = file.name;
    try {
      await loadFilm(this.#video, file);
    } catch (error) {
      if (this.#wanted === file.name) this.#explain({ kind: error.name });
      return this.#choose();
    }
    if (this.#wanted !== file.name) return;
    this.#film = { key: `film:${file.name}:${file.size}`, title: file.name, picture: this.#video.videoWidth > 0 };
    this.#choose();
    this.#start.focus();
  }

  /** Shows what belongs to the chosen source, and gives the captions their place. */
  #choose() {
    const film = this.#isFilm;
    this.#deviceField.hidden = film;
    this.#drop.hidden = !film;
    this.#nameFilm();
    this.#places.hidden = !(film && this.#film?.picture);
    this.#picture.hidden = !(film && this.#film);
    this.#picture.querySelector(".stage").hidden = !this.#film?.picture;
    this.#over.hidden = !this.#isOver;
    this.#pane.hidden = this.#isOver;
    this.#screen.classList.toggle("over", this.#isOver);
    this.#live.captions = this.#isOver ? this.#over : this.#pane;
    if (film && this.#film) this.#notebook.open(this.#film.key, this.#film.title);
    else this.#notebook.open("microphone", "");
    this.#showFilm();
    this.#show();
  }

  #nameFilm() {
    this.#named.textContent = this.#film?.title ?? t("live.file");
    this.#picker.button.hidden = !this.#film;
    this.#drop.classList.toggle("chosen", Boolean(this.#film));
  }

  /** A film waits while there is nobody who listens to it. */
  #turn(mode) {
    if (mode === "lost" || mode === "unreachable") this.#playing?.hold();
    else if (mode === "live") this.#playing?.go();
    if (mode === "live" && !this.#announced) this.#announce(true);
    else if ((mode === "ended" || mode === "ready") && this.#announced) this.#announce(false);
    const button = document.getElementById("tab-live");
    button?.toggleAttribute("data-running", this.#live.running); // also seen from the other tabs
    this.#showFilm();
    this.#show();
  }

  #take(message) {
    this.#cues.hear(message);
    if (message.type === "tail") this.#showLag(message);
    if (["line", "final", "gap"].includes(message.type)) {
      this.#notebook.began = this.#live.began;
      this.#notebook.touch();
    }
  }

  #explain(problem) {
    if (!problem) return clearProblem(this.#problem);
    const { kind, detail } = problem;
    const code = PROBLEMS[kind] ?? "failed";
    if (code === "pulled" || code === "gone") this.#listDevices();
    const known = detail?.code && has(`problem.live-${detail.code}`) ? detail.code : code;
    const data = { address: `http://localhost:${location.port || 80}` };
    showProblem(this.#problem, new Problem({ code: `live-${known}`, text: detail?.text ?? "", data }));
  }

  #announce(running) {
    this.#announced = running;
    this.#other.hidden = true; // until others say that they run
    this.#channel?.postMessage(running ? "started" : "stopped");
  }

  /** Another tab of this browser listens too. */
  #meet(said) {
    if (said !== "running" && this.#announced) this.#channel.postMessage("running"); // also to those that go on
    this.#other.hidden = said === "stopped" || !this.#announced;
    this.#other.textContent = t("live.other-tab");
  }

  async #askHears() {
    this.#hears = await this.#ask("hears").catch(() => null);
    this.#redraw();
  }

  // ---- what is told

  #redraw() {
    const { language: tag, model } = this.#hears ?? {};
    const name = tag && new Intl.DisplayNames([language()], { type: "language" }).of(tag);
    this.#heard.textContent = tag ? t("live.hears", { language: name, model }) : "";
    if (tag) for (const element of [this.#pane, this.#over]) element.setAttribute("srclang", tag);
    if (this.#device.options.length) this.#device.options[0].text = t("live.device.usual");
    this.#other.textContent = t("live.other-tab");
    this.#nameFilm();
    this.#showFilm();
    this.#showLag(this.#behind);
    this.#show();
  }

  /** What goes on, for its words and its sign. */
  get #doing() {
    const { mode } = this.#live;
    const film = this.#isFilm;
    if (film && ["live", "silent"].includes(mode) && this.#video.paused) return "film-paused";
    if (mode === "live" && this.#behind?.state === "catching-up") return "catching-up";
    return mode;
  }

  #show() {
    const { running, mode } = this.#live;
    const doing = this.#doing;
    const key = this.#isFilm && has(`live.state.film-${doing}`) ? `live.state.film-${doing}` : `live.state.${doing}`;
    const state = t(key);
    if (this.#state.textContent !== state) this.#state.textContent = state;
    this.#sign.textContent = SIGNS[doing];
    this.#screen.dataset.doing = doing;
    this.#start.dataset.t = running ? "live.stop" : this.#isFilm && !this.#film ? "live.choose" : "live.start";
    translate(this.#start);
    this.#start.classList.toggle("danger", running);
    this.#start.classList.toggle("primary", !running);
    this.#setup.classList.toggle("running", running);
    for (const field of [this.#sources, this.#places, this.#device, this.#pace]) field.disabled = running;
    this.#level.hidden = !["live", "silent"].includes(mode);
    if (!["live", "silent"].includes(mode)) this.#showLag(null);
    if (mode === "connecting") this.#listDevices(); // they have names now
  }

  #showLag(tail) {
    this.#behind = tail;
    const n = tail && new Intl.NumberFormat(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(tail.lag ?? 0);
    const text = !tail ? "" : tail.lag < 0.05 ? t("live.lag.none") : t("live.lag", { n });
    if (this.#lag.textContent !== text) this.#lag.textContent = text;
    if (tail && this.#screen.dataset.doing !== this.#doing) this.#show();
  }

  /** How loud it is, in a word and a bar; the word changes at most twice a second. */
  #showLevel(peak) {
    this.#bar.parentElement.style.setProperty("--part", String(Math.min(Math.sqrt(peak) * 1.1, 1)));
    this.#loudest = Math.max(this.#loudest, peak);
    const now = performance.now();
    if (now - this.#loudAt < 500) return;
    const key = this.#loudest > LOUD ? "loud" : this.#loudest > SOFT ? "good" : this.#loudest > 0.0004 ? "soft" : "none";
    const text = t(`live.level.${key}`);
    if (this.#loud.textContent !== text) this.#loud.textContent = text;
    [this.#loudest, this.#loudAt] = [0, now];
  }

  #showFilm() {
    const { currentTime, duration, paused } = this.#video;
    this.#hold.dataset.t = paused ? "live.film.go" : "live.film.pause";
    translate(this.#hold);
    this.#hold.hidden = !["live", "silent"].includes(this.#live?.mode);
    const whole = Number.isFinite(duration) ? duration : 0;
    this.#seek.max = String(whole);
    if (document.activeElement !== this.#seek || !paused) this.#seek.value = String(currentTime);
    const text = `${clock(currentTime)} / ${clock(whole)}`;
    if (this.#time.textContent !== text) this.#time.textContent = text;
    this.#seek.setAttribute("aria-valuetext", text);
  }

  #listDevices() { return listMicrophones(this.#device, new Option(t("live.device.usual"), "")); }
}
