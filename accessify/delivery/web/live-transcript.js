/** What live captions said, to be kept: as rows beside the captions, as text, as WebVTT. */

import { joint, make } from "./accessify-captions.js";

const CUE = { seconds: 6, characters: 74 }; // of saved captions: two lines of 37

/** Everything said, over all streams: its final reading where there is one. */
export class Transcript {
  #entries = []; // {start, end, text, words?}
  #open = new Map(); // lines that still grow
  #settled = 0; // entries that stay; those behind are lines without a final reading
  #read = 0; // seconds up to which there are final readings
  #onSettled;
  saved = true;

  /** `onSettled` is called with each entry {start, end, text} that stays as it is. */
  constructor(onSettled) { this.#onSettled = onSettled; }

  get empty() { return this.#entries.length === 0; }
  /** Entries so far, to be kept and given to `restore`. */
  get entries() { return this.#entries.map((entry) => ({ ...entry })); }

  /** Puts kept entries before all others. */
  restore(entries) {
    this.#entries.unshift(...entries);
    this.#settled += entries.length;
    entries.forEach(this.#onSettled);
  }

  /** `clock` gives seconds of the session for those of the stream, `place` seconds of the transcript for those. */
  line({ line, start, end, text, speaker, closed }, clock, place = same) {
    if (clock(end) <= this.#read) return; // at a reader's pace, lines come after their final reading
    const entry = this.#open.get(line) ?? {};
    if (!this.#open.has(line)) this.#entries.push(entry);
    Object.assign(entry, { start: place(clock(start)), end: place(clock(end)), text: speaker ? `${speaker}: ${text}` : text });
    closed ? this.#open.delete(line) : this.#open.set(line, entry);
    this.saved = false;
  }

  /** The reading of an utterance that ended, instead of its lines. */
  final({ text, words }, clock, place = same) {
    if (!words?.length) return;
    const at = (seconds) => place(clock(seconds));
    const timed = words.map((word) => ({ text: word.text, start: at(word.start), end: at(word.end) }));
    this.#entries.splice(this.#settled, Infinity, { start: timed[0].start, end: timed.at(-1).end, text, words: timed });
    this.#read = clock(words.at(-1).end);
    this.restart();
  }

  /** A place, or `seconds` of it, of which something is to be told. */
  mark(text, at, seconds) {
    const entry = { start: at, end: at + Math.max(seconds, 2), text: `[${text}]` };
    this.#entries.splice(this.#settled++, 0, entry); // what is open behind it still gets its final reading
    this.#onSettled(entry);
    this.saved = false;
  }

  /** What is there stays as it is. */
  restart() {
    this.#open.clear();
    this.#entries.slice(this.#settled).forEach(this.#onSettled);
    this.#settled = this.#entries.length;
  }

  /** Times begin anew. */
  rewind() {
    this.restart();
    this.#read = 0;
  }

  /** As WebVTT, with `remark` in its head. */
  vtt(remark) {
    const timed = this.#newest().flatMap((entry) => (entry.words ? cuesOf(entry.words) : [entry]));
    timed.sort(earlier);
    let last = 0;
    const cues = timed.map(({ start, end, text }, index) => {
      const from = Math.max(start, last);
      const next = timed[index + 1]?.start ?? Infinity; // a cue makes way for the one behind it
      last = next > from ? Math.min(Math.max(end, from + 0.5), next) : from + 0.5;
      const plain = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
      return `${clock(from)} --> ${clock(last)}\n${plain}\n`;
    });
    return `WEBVTT\n\nNOTE ${remark}\n\n${cues.join("\n")}`;
  }

  txt() { return this.#newest().sort(earlier).map(({ start, text }) => `${clock(start).slice(0, 8)}  ${text}\n`).join(""); }

  /** Entries without those that were heard again: of a film that went back, the last reading of a place counts. */
  #newest() {
    const again = (entry, later) => later.words && Math.min(entry.end, later.end) - Math.max(entry.start, later.start) > (entry.end - entry.start) / 2;
    return this.#entries.filter((entry, index) => !entry.words || !this.#entries.some((later, at) => at > index && again(entry, later)));
  }
}

const same = (seconds) => seconds;
const earlier = (one, other) => one.start - other.start;

/** Words as cues of at most two lines, broken behind sentences where possible. */
function cuesOf(words) {
  const cues = [];
  for (const { text, start, end } of words) {
    const cue = cues.at(-1);
    const longer = cue && cue.text + joint(cue.text, text) + text;
    const fits = cue && longer.length <= CUE.characters && end - cue.start <= CUE.seconds;
    const complete = cue && /[.?!。？！]$/.test(cue.text) && cue.text.length > CUE.characters / 3;
    if (fits && !complete) Object.assign(cue, { text: longer, end });
    else cues.push({ text, start, end });
  }
  return cues;
}

/** Seconds as WebVTT writes them: 01:02:03.456. */
function clock(seconds) {
  const millis = Math.round(seconds * 1000);
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const whole = [millis / 3_600_000, (millis / 60_000) % 60, (millis / 1000) % 60].map(two).join(":");
  return `${whole}.${String(millis % 1000).padStart(3, "0")}`;
}

/** Lets the browser save `text` as a file. */
export function save(text, kind, ending) {
  const link = document.createElement("a");
  const stamp = new Date().toISOString().slice(0, 16).replace("T", "-").replace(":", "");
  link.href = URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` }));
  link.download = `captions-${stamp}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Adds an entry that stays as it is to the rows of `list`, which stays at its end where it stood there. */
export function addRow(list, { start, text }) {
  const low = list.scrollTop + list.clientHeight >= list.scrollHeight - 24;
  const row = make("p", {}, make("time", {}, clock(start).slice(0, 8).replace(/^00:/, "")), " ", text);
  list.append(row);
  while (list.childElementCount > 1000) list.firstElementChild.remove();
  if (low) list.scrollTop = list.scrollHeight;
  return row;
}
