/** The captions that are being edited: what stands on the page, what the server has of it, and how the two agree. */

import { aligned } from "./draft-align.js";
import { Problem } from "./problem.js";
import { room } from "./room.js";

const REST = 500; // milliseconds without a key after which what was typed is saved
const TRIES = 3; // to save over the changes of other pages
/** In place of rows: the server works at it. */
export const LATER = Object.freeze([]);
const FIELDS = ["start", "end", "text"];
const given = (cue) => Object.fromEntries(FIELDS.map((name) => [name, cue[name]]));

/**
 * A caption is an object that stays the same while it is edited: {start, end, text, confidence, unsure, findings}.
 * Events: "splice" {from, removed, added}, "values" {cue}, "findings", "meta", "saving", "done", "lost", "fail" {error}.
 */
export class Draft extends EventTarget {
  #ask; #work = Promise.resolve(); #waiting = 0; #typed = new Map(); #timer = 0;
  cues = [];
  meta = null; // all of the draft but its captions and findings
  checked = false; // whether the findings are those of the newest version
  whole = []; // findings on the file, not on one caption
  kept = []; // what was typed here into captions that changed elsewhere: {text, start, end}

  constructor(ask) {
    super();
    this.#ask = ask;
    room.on("draft", ({ version }) => this.meta && this.#queue(() => version > this.version && this.#newest(), { asked: false }));
    room.on("findings", () => this.#queue(() => this.#check(), { asked: false }));
    room.on("connection", (state) => {
      if (state === "open") this.#save();
      this.#tell("saving");
    });
    addEventListener("beforeunload", (event) => {
      if (this.saved) return;
      this.#save();
      event.preventDefault(); // the browser asks whether to leave
    });
  }

  get version() { return this.meta?.version ?? 0; }
  get saved() { return this.#waiting === 0 && this.#typed.size === 0; }
  get fixable() { return this.cues.reduce((sum, cue) => sum + cue.findings.filter((each) => each.fixable).length, 0); }

  /** Takes the draft of the server in place of what is here. */
  take(answer) {
    this.#typed.clear();
    this.kept = [];
    this.#replace(answer);
  }

  /** The server was started anew: what `made` gives is the draft of the new room, and what was typed and not sent goes over it. */
  async renew(made) {
    await this.#queue(async () => this.#replace(await made()), { typed: false });
    this.#save();
  }

  load() { return this.#queue(async () => this.take(await this.#ask("draft"))); }

  /** What a person types: at once on the page, a moment later on the server. */
  set(cue, fields) {
    const changed = Object.entries(fields).filter(([name, value]) => cue[name] !== value);
    if (!changed.length) return;
    Object.assign(cue, fields);
    this.#typed.set(cue, { ...this.#typed.get(cue), ...Object.fromEntries(changed) });
    this.#tell("values", { cue });
    this.#tell("saving");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), REST);
  }

  /** Sends what was typed; done when the server has it. */
  save() { return this.#save(); }

  /** A change of rows; `change` makes the list of changes, when all before it is on the server. Gives the rows it made. */
  change(change) {
    return this.#queue(async () => {
      const changes = change();
      return changes ? this.#splice(await this.#ask("edit", this.version, changes)) : null;
    });
  }

  split(cue, at, time = null) { return this.change(() => this.#on(cue, (number) => [{ op: "split", cue: number, at, time }])); }
  merge(cue) { return this.change(() => this.#on(cue, (number) => [{ op: "merge", cue: number }])); }
  remove(cue) { return this.change(() => this.#on(cue, (number) => [{ op: "delete", cue: number, count: 1 }])); }

  /** A new caption; its times say where. `gives`: [caption, {start or end}] of those that are shorter for it. */
  insert({ start, end, text }, gives = []) {
    return this.change(() => [
      ...gives.flatMap(([cue, fields]) => this.#on(cue, (number) => [{ op: "set", cue: number, ...fields }]) ?? []),
      { op: "insert", cues: [{ start, end, text }] },
    ]);
  }

  undo() { return this.#step("undo"); }
  redo() { return this.#step("redo"); }

  /** Repairs a caption, or one of its findings, or all. */
  fix(cue = null, rule = null) {
    return this.#later("fix", () => (cue ? this.cues.indexOf(cue) + 1 : null), rule);
  }

  /** Another style guide; `recompose` cuts the words anew for it ("anyway": even where that loses edits). */
  profile(name, recompose = false) {
    return this.#later("profile", name, recompose);
  }

  // ---- one thing at a time, on what the server has

  #on(cue, make) {
    const index = this.cues.indexOf(cue);
    return index < 0 ? null : make(index + 1);
  }

  /** Gives the rows that changed; LATER where that is a job: the "draft" event tells when it is done. */
  #later(name, ...args) {
    return this.#queue(async () => {
      const answer = await this.#ask(name, this.version, ...args.map((arg) => (typeof arg === "function" ? arg() : arg)));
      return answer.job ? LATER : this.#splice(answer);
    });
  }

  #step(name) {
    return this.#queue(async () => this.#splice(await this.#ask(name, this.version)));
  }

  /** Does `work` after all before it, what was `typed` being sent first; `asked`: by the person. Gives undefined where it failed, which is told. */
  #queue(work, { asked = true, typed = true } = {}) {
    this.#waiting += 1;
    this.#tell("saving");
    const done = this.#work.then(async () => {
      try {
        if (typed) await this.#send();
        const made = await work();
        if (asked) this.#tell("done");
        return made;
      } catch (error) {
        if (error instanceof Problem && error.code === "stale") await this.#newest().catch(() => {});
        this.#tell("fail", { error });
        return undefined;
      } finally {
        this.#waiting -= 1;
        this.#tell("saving");
      }
    });
    this.#work = done.catch(() => {});
    return done;
  }

  #save() {
    clearTimeout(this.#timer);
    return this.#typed.size ? this.#queue(() => null) : this.#work;
  }

  /** What was typed goes to the server, over the newest of other pages where that does not hurt it. */
  async #send() {
    for (let tries = 0; this.#typed.size; tries += 1) {
      const sent = new Map(this.#typed);
      const changes = [...sent].map(([cue, fields]) => ({ op: "set", cue: this.cues.indexOf(cue) + 1, ...fields })).filter(({ cue }) => cue);
      this.#typed.clear();
      try {
        if (changes.length) this.#splice(await this.#ask("edit", this.version, changes));
        return;
      } catch (error) {
        for (const [cue, fields] of sent) this.#typed.set(cue, { ...fields, ...this.#typed.get(cue) });
        if (!(error instanceof Problem) || ["unreachable", "no-room"].includes(error.code)) throw error; // it is sent when the connection is back
        if (error.code !== "stale" || tries === TRIES) {
          this.#typed.clear();
          for (const cue of sent.keys()) this.#keep(cue);
          await this.#newest();
          throw error;
        }
        await this.#newest();
      }
    }
  }

  // ---- what comes from the server

  async #newest() { this.#replace(await this.#ask("draft")); }

  /** The newest captions; what is typed and not yet sent is kept, and told where its caption is another one now. */
  #replace({ cues, findings, ...meta }) {
    const before = this.cues;
    this.meta = meta;
    const fresh = cues.map((cue) => this.#cue(cue));
    const same = aligned(before.map((cue) => cue.stored), fresh.map((cue) => cue.stored));
    const cuesNow = fresh.map((cue, index) => (same[index] === null ? cue : this.#update(before[same[index]], cue)));
    for (const cue of [...this.#typed.keys()]) {
      if (!cuesNow.includes(cue)) this.#keep(cue);
    }
    this.cues = cuesNow;
    this.#tell("splice", { from: 0, removed: before, added: cuesNow });
    this.#found(findings);
    this.#tell("meta");
  }

  #splice({ version, from, removed, cues, findings, ...more }) {
    Object.assign(this.meta, more, { version });
    const old = this.cues.slice(from, from + removed);
    const fresh = cues.map((cue) => this.#cue(cue));
    const same = aligned(old.map(given), fresh.map(given));
    const added = fresh.map((cue, index) => (same[index] === null ? cue : this.#update(old[same[index]], cue, true)));
    this.cues.splice(from, removed, ...added);
    for (const cue of [...this.#typed.keys()]) if (!this.cues.includes(cue)) this.#typed.delete(cue);
    this.#tell("splice", { from, removed: old, added });
    this.#found(findings ?? null);
    this.#tell("meta");
    return added;
  }

  /** A caption as the server has it; `stored` is that alone. */
  #cue(cue) {
    return { confidence: null, unsure: [], ...cue, findings: [], stored: given(cue) };
  }

  /** Brings a caption of the page to what the server has; what is typed and not sent stays, unless it changed elsewhere. */
  #update(cue, { findings, ...values }, own = false) {
    const typed = this.#typed.get(cue);
    if (typed && !own && Object.keys(typed).some((name) => values.stored[name] !== cue.stored[name])) {
      this.#keep(cue);
      return Object.assign(cue, values);
    }
    return Object.assign(cue, values, typed);
  }

  #keep(cue) {
    this.kept.push(given(cue));
    this.#typed.delete(cue);
    this.#tell("lost");
  }

  async #check() {
    if (!this.meta || this.checked) return;
    try {
      const { findings } = await this.#ask("findings", this.version);
      this.#found(findings);
    } catch (error) {
      if (error.code !== "stale") throw error; // else those of the newest version are still to come
    }
  }

  /** Findings of all captions; null: they come later, those of before stay meanwhile. */
  #found(findings) {
    this.checked = findings !== null;
    if (findings === null) return;
    const found = this.cues.map(() => []);
    this.whole = [];
    for (const finding of findings) (found[finding.cue - 1] ?? this.whole).push(finding);
    this.cues.forEach((cue, index) => (cue.findings = found[index]));
    this.#tell("findings");
  }

  #tell(type, detail = {}) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
