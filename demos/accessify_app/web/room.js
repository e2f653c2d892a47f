/** This page's private room on the server: its files, its jobs, and what happens in it. */

import { Problem } from "./problem.js";

const STORE = "accessify-room";
const PIECE = 8 << 20; // bytes that are sent at once
const PATIENCE = 60; // tries to go on with an upload whose connection was lost
const GOING_ON = "behind"; // the server has more, or less, of a file than the page thinks: sending goes on from there
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const at = (path) => new URL(`rooms${path}`, document.baseURI);

class Room {
  #listeners = new Map(); // type → functions
  #source = null;
  #jobs = new Map(); // kind → the newest job, as it was told last
  key = "";
  connection = "connecting";

  constructor() { this.ready = this.#enter(); }

  /** Calls `listener` with each message of this type; "connection" tells open, lost or new. Gives what ends that. */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  /** The newest job of a kind as far as it was told, for who comes late. */
  job(kind) { return this.#jobs.get(kind) ?? null; }

  /** All that is in the room: files, jobs, draft. */
  async state() {
    await this.ready;
    return answered(await fetch(at(`/${this.key}`)));
  }

  /** Where a file of the room lies; `as` is the name it is saved under. */
  url(name, as = null) {
    const url = at(`/${this.key}/files/${encodeURIComponent(name)}`);
    if (as) url.searchParams.set("as", as);
    return String(url);
  }

  /** Sends `file` in pieces to be `name` in the room; `resume`: what is there under this name is the file's beginning. */
  async upload(file, name, { onProgress = () => {}, signal = null, title = file.name, resume = false } = {}) {
    const there = resume ? (await this.state()).files?.[name] : await this.ready;
    let sent = there?.size === file.size ? there.received : 0;
    if (sent && sent === file.size) return { name, size: file.size };
    for (let tries = 0; ;) {
      const url = at(`/${this.key}/files/${encodeURIComponent(name)}`);
      for (const [field, value] of Object.entries({ at: sent, size: file.size, title })) url.searchParams.set(field, value);
      try {
        const answer = await fetch(url, { method: "PUT", body: file.slice(sent, sent + PIECE), signal });
        sent = (await answered(answer, GOING_ON)).received;
        tries = 0;
        if (this.#source?.readyState === EventSource.OPEN) this.#tell("connection", "open");
      } catch (error) {
        if (!(error instanceof TypeError || error.code === "stalled") || ++tries > PATIENCE) throw error;
        this.#tell("connection", "lost");
        await pause(1000);
        continue;
      }
      onProgress(sent, file.size);
      if (sent >= file.size) return { name, size: file.size };
    }
  }

  /** Takes `name` out of the room; what cannot be reached goes with the room at the latest. */
  remove(name) { fetch(this.url(name), { method: "DELETE" }).catch(() => {}); }

  async #enter() {
    this.key = stored();
    await this.#settle();
    this.#listen();
  }

  /** Finds this page's room again, or makes another where it is gone; whether it did. Waits for a server that is away. */
  async #settle() {
    for (;; await pause(1000)) {
      try {
        const answer = this.key ? await fetch(at(`/${this.key}`)) : null;
        if (answer?.ok) return false;
        if (answer && answer.status !== 404) continue; // it starts or stops, and knows the room again later
        this.key = (await answered(await fetch(at(""), { method: "POST" }))).key;
        store(this.key);
        return true;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.#tell("connection", "lost");
      }
    }
  }

  #listen() {
    this.#source = new EventSource(at(`/${this.key}/events`));
    this.#source.addEventListener("open", () => this.#tell("connection", "open"));
    this.#source.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      this.#tell(message.type, message);
    });
    this.#source.addEventListener("error", () => this.#lose());
  }

  /** The browser tries again by itself, unless the room is gone; then there is a new one, which is told. */
  async #lose() {
    this.#tell("connection", "lost");
    if (this.#source.readyState !== EventSource.CLOSED) return;
    if (await this.#settle().catch(() => false)) this.#tell("connection", "new"); // no room just now: tried again below
    await pause(1000);
    this.#listen();
  }

  #tell(type, message) {
    if (type === "state") this.#jobs.clear();
    for (const job of type === "state" ? (message.jobs ?? []) : type === "job" ? [message.job] : []) this.#jobs.set(job.kind, job);
    if (type === "connection") {
      if (this.connection === message) return;
      this.connection = message;
    }
    for (const listener of this.#listeners.get(type) ?? []) listener(message);
  }
}

/** The key of this tab's room, also after a reload; blocked storage forgets it. */
function stored() {
  try { return sessionStorage.getItem(STORE) ?? ""; } catch { return ""; }
}

function store(key) {
  try { sessionStorage.setItem(STORE, key); } catch { /* until the page is left */ }
}

/** What the server says; throws what it objects to, but for an objection with the code `taken`. */
async function answered(answer, taken = null) {
  const body = await (answer.ok ? answer.json() : answer.json().catch(() => ({})));
  const problem = answer.ok ? null : body.problem ?? body.error ?? { code: "failed", text: `${answer.status}` };
  if (problem && problem.code !== taken) throw new Problem(problem);
  return body;
}

export const room = new Room();
