/** Live captions of a page, whatever it looks like: sound goes out, captions come in, and what happens is told. */

import { KEPT_SECONDS } from "./live-sound.js";
import { Session } from "./live-session.js";

const SILENT_SECONDS = 4; // of digital silence before the page asks whether the microphone is muted
export const EASY_PACE = 180; // words a minute (BBC Subtitle Guidelines §4: 160 to 180)

/**
 * Events, with what they tell in `detail`:
 * - mode: ready, asking, connecting, live, silent, lost, unreachable, finishing or ended;
 * - problem: {kind, detail}: the name of an error of getUserMedia, insecure, pulled, token or refused (then with what
 *   the server says, {code, text}); null: none;
 * - level: peak of the last 40 ms, 0 to 1;
 * - message: one of docs/live-protocol.md, after the captions have it.
 */
export class LiveCaptions extends EventTarget {
  #source = null; #session = null; #began = 0; #quiet = 0; #heardAt = 0; #say; #wishes; #place = null; #awake = null;
  mode = "ready";

  /**
   * `captions`: the element; `transcript`: what keeps it all; both may be others from the next start on.
   * `say(key, values)`: words for what is marked among the captions; `wishes()`: fields of the start message.
   */
  constructor({ captions, transcript, say, wishes = () => ({}) }) {
    super();
    Object.assign(this, { captions, transcript });
    [this.#say, this.#wishes] = [say, wishes];
    /** Where the browser gives no sound at all, e.g. during a phone call. */
    setInterval(() => {
      if (this.mode === "live" && Date.now() - this.#heardAt > SILENT_SECONDS * 1000) this.#show("silent");
    }, 1000);
    window.addEventListener("online", () => this.#session?.retry());
    window.addEventListener("offline", () => this.#session?.drop());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#keepAwake());
  }

  get running() { return !["ready", "ended"].includes(this.mode); }
  /** When the first stream began, in milliseconds since 1970, so that all times of a transcript are on one clock. */
  get began() { return this.#began; }
  set began(time) { this.#began = time; }

  /** Opens `source` (see Microphone) and has it captioned. A source with `place` has a clock of its own. */
  async start(source) {
    this.#tell("problem", null);
    this.#show("asking");
    this.#source = source;
    try {
      await source.open((sound, peak) => this.#hear(sound, peak), (why) => this.#source === source && this.#gone(why));
    } catch (error) {
      source.close();
      if (this.#source !== source) return;
      this.#source = null;
      this.#show("ready");
      this.#tell("problem", { kind: error.name });
      return;
    }
    if (this.#source !== source) source.close(); // stopped while the browser asked
    else this.#begin(source);
  }

  /** No more sound; what was said is heard out. */
  stop() {
    this.#closeSource();
    if (this.#session) {
      this.#show("finishing");
      this.#session.finish();
    } else {
      this.#show("ready");
    }
  }

  #begin(source) {
    this.#show("connecting");
    this.#began ||= Date.now();
    this.#place = source.place ? (seconds) => source.place(seconds) : undefined;
    this.captions.restart();
    this.#place ? this.transcript.rewind() : this.transcript.restart();
    const offset = this.#place ? 0 : (Date.now() - this.#began) / 1000;
    const session = new Session(source, this.#wishes(), offset,
      (what, detail) => this.#session === session && this.#happened(what, detail));
    this.#session = session;
    this.#keepAwake();
  }

  #hear(sound, peak) {
    this.#session?.push(sound);
    this.#heardAt = Date.now();
    this.#tell("level", peak);
    this.#quiet = peak > 0.0004 ? 0 : this.#quiet + 0.04;
    if (this.mode === "live" && this.#quiet > SILENT_SECONDS) this.#show("silent");
    else if (this.mode === "silent" && this.#quiet === 0) this.#show("live");
  }

  /** The sound ended by itself: a film was played to its end, a microphone pulled out. */
  #gone(why = "pulled") {
    this.stop();
    if (why !== "end") this.#tell("problem", { kind: why });
  }

  #happened(what, detail) {
    if (what === "message") {
      this.#take(detail);
    } else if (what === "gap") {
      this.#gap(detail);
    } else if (what === "live") {
      this.#tell("problem", null);
      this.#heardAt = Date.now();
      this.#show("live");
    } else if (what === "lost" || what === "unreachable") {
      this.#show(what);
    } else {
      this.#over(what, detail);
    }
  }

  #take(message) {
    const clock = (seconds) => this.#session.clock(seconds);
    if (message.type === "started" && !message.resumed) this.transcript.restart();
    if (message.type === "line") this.transcript.line(message, clock, this.#place);
    if (message.type === "final") this.transcript.final(message, clock, this.#place);
    this.captions.update(message.type === "note" ? { ...message, text: this.#said(message) } : message);
    this.#tell("message", message);
  }

  /** The text of a note, in the page's words where it has them. */
  #said({ kind, text, start, end }) {
    const told = this.#say(`note.${kind}`, { n: Math.max(1, Math.round(end - start)) });
    return told.includes(`note.${kind}`) ? text : told;
  }

  /** Tells what was not heard, or that it follows. */
  #gap({ at, seconds, whole }) {
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const kind = whole ? "gap.whole" : seconds >= 1 ? "gap.seconds" : "gap.some";
    const text = this.#say(kind, { time, n: Math.round(seconds) });
    this.captions.mark(text);
    this.transcript.mark(text, this.#place?.(at) ?? at, seconds);
    this.#tell("message", { type: "gap" });
  }

  #over(why, detail) {
    this.#closeSource();
    this.transcript.restart();
    this.#session = null;
    this.#awake?.release();
    this.#awake = null;
    this.#show("ended");
    if (why !== "ended") this.#tell("problem", { kind: why, detail });
  }

  #closeSource() {
    this.#source?.close();
    this.#source = null;
    this.#quiet = 0;
    this.#tell("level", 0);
  }

  /** The screen stays on while there are captions. */
  async #keepAwake() {
    if (!this.#session || (this.#awake && !this.#awake.released)) return;
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (!this.#session || (this.#awake && !this.#awake.released)) await lock?.release(); // over meanwhile, or asked for twice
      else this.#awake = lock ?? null;
    } catch { /* not allowed, e.g. with a low battery */ }
  }

  #show(mode) {
    this.mode = mode;
    this.#tell("mode", mode);
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}

/** Fills `select` with the microphones that have names, `usual` first; what was chosen stays. */
export async function listMicrophones(select, usual) {
  const chosen = select.value;
  const devices = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  const named = devices.filter(({ kind, deviceId, label }) => kind === "audioinput" && label && deviceId !== "default");
  const options = named.map(({ deviceId, label }) => new Option(label, deviceId));
  select.replaceChildren(usual, ...options);
  select.value = options.some(({ value }) => value === chosen) ? chosen : "";
}

/** What a server is asked for, so that lines are as long as fit and an eye follows easily, at the pace that is wished. */
export function lineWishes(captions, { easy = false, language = null } = {}) {
  const width = Math.min(Math.max(captions.columns, 16), 42);
  captions.setAttribute("width", width);
  return { width, ...(easy ? { pace: EASY_PACE } : {}), ...(language ? { language } : {}) };
}

/** Words of pages in English; `{n}` and `{time}` are put in. */
export const WORDS = {
  start: "Start captions", stop: "Stop", remark: "Captions made by a machine; they may be wrong.",
  "state.ready": "Ready.", "state.asking": "Asking for the microphone…", "state.connecting": "Connecting…",
  "state.live": "Listening.",
  "state.lost": `Connection lost. Trying again; the last ${KEPT_SECONDS} seconds of sound are kept.`,
  "state.unreachable": "The server does not answer. Trying again…", "state.finishing": "Finishing the last words…",
  "state.ended": "Stopped. The text stays until you close this page.",
  "state.silent": "The microphone gives no sound. Is it muted?",
  "gap.whole": "Connection lost until {time}: what was said meanwhile follows",
  "gap.seconds": "Connection lost: about {n} s not captioned, until {time}",
  "gap.some": "Connection lost until {time}: words may be missing here",
  "problem.NotAllowedError": "The microphone is blocked.",
  "fix.NotAllowedError":
    "Allow it in the browser: click the sign beside the address, set Microphone to Allow, then press Start captions again.",
  "problem.SecurityError": "The microphone is blocked.",
  "fix.SecurityError": "Allow it in the browser or the system settings, then press Start captions again.",
  "problem.NotFoundError": "No microphone was found.",
  "fix.NotFoundError": "Plug one in or switch it on, then press Start captions again.",
  "problem.NotReadableError": "The microphone could not be opened.",
  "fix.NotReadableError": "Another program may be using it. Close that program, then press Start captions again.",
  "problem.OverconstrainedError": "That microphone is no longer there.",
  "fix.OverconstrainedError": "Choose another one, then press Start captions again.",
  "problem.NotSupportedError": "This browser cannot record sound for captions.",
  "fix.NotSupportedError": "Use a current Firefox, Chrome, Edge or Safari.",
  "problem.insecure": "The browser gives no microphone to this address.",
  "fix.insecure": "Open the page over https, or on the machine itself as http://localhost.",
  "problem.pulled": "The microphone was unplugged or switched off.",
  "fix.pulled": "Everything said so far is kept. Plug it in or choose another one, then press Start captions again.",
  "problem.token": "This server asks for a token.", "fix.token": "Enter it below.",
  "problem.wrong-token": "The server does not accept this token.", "fix.wrong-token": "Check it and enter it again.",
  "problem.refused": "The server ended the captions.", "fix.refused": "",
};

/** The words of `key` in `table`, with `values` in their places. */
export const say = (key, values = {}, table = WORDS) =>
  (table[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (values[name] === undefined ? whole : String(values[name])));
