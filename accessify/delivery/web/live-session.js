/** The connection of live captions: WS /v1/captions of the server that the page comes from (docs/live-protocol.md). */

import { Tape } from "./live-sound.js";

const LONGEST_WAIT = 8000; // milliseconds between two tries to connect
const STUCK_SECONDS = 6; // in which more and more sound waits for the network, after which the connection counts as dead

/** One session of captions over as many connections and streams as it takes. */
export class Session {
  #socket = null; #timer = 0; #tries = 0; #ready = false; #over = false; #finishing = false;
  #id = null; #seq = 0; #key = crypto.randomUUID(); #heard = 0; #interrupted = false; #tape; #source; #tell; #wishes;
  #offset; #began = 0; #lostAt = 0; #waits = 0; #movedAt = 0; #holes = []; // {at, seconds}: what the present stream never got of the sound

  /** `source`: its `format`, `rate` and `connected()`; `wishes`: fields of the start message; `offset`: seconds of the page's clock at which the sound begins. */
  constructor(source, wishes, offset, tell) {
    [this.#source, this.#wishes, this.#offset, this.#tell] = [source, wishes, offset, tell];
    this.#tape = new Tape(source.rate);
    this.#connect();
  }

  /** Seconds of the page's clock for seconds of the present stream. */
  clock(seconds) {
    return this.#holes.reduce((sum, hole) => sum + (seconds >= hole.at ? hole.seconds : 0), this.#offset + seconds);
  }

  push(sound) {
    if (this.#finishing || this.#over) return;
    if (this.#source.format === "webm") {
      if (this.#ready) this.#socket.send(sound);
      return;
    }
    this.#tape.add(sound);
    if (!this.#ready) return;
    this.#tape.send((block) => this.#socket.send(block));
    const [waits, now] = [this.#socket.bufferedAmount, performance.now() / 1000];
    if (waits <= this.#waits) this.#movedAt = now;
    this.#waits = waits;
    if (now - this.#movedAt > STUCK_SECONDS) this.drop();
  }

  /** Gives a dead connection up and makes another; browsers notice by themselves only after minutes. */
  drop() {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed({ code: 1006 });
  }

  /** No more sound: hears out what was said, then ends. */
  finish() {
    if (this.#over || this.#finishing) return;
    this.#finishing = true;
    if (this.#ready) this.#socket.send(JSON.stringify({ type: "finish" }));
    else this.#giveUp();
    if (!this.#over) this.#timer = setTimeout(() => this.#end(), 8000);
  }

  retry() {
    if (this.#socket || this.#over) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect() {
    const address = new URL("v1/captions", document.baseURI);
    const token = keptToken.get();
    const protocols = token ? ["accessify", `bearer.${token}`] : ["accessify"];
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = new WebSocket(address, protocols);
    } catch { // a token with characters that a header cannot carry
      return this.#stop("token");
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify(this.#start()));
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = (event) => this.#closed(event);
  }

  #start() {
    const { format, rate } = this.#source;
    const again = this.#id && format === "pcm16" ? { resume: { id: this.#id, seq: this.#seq } } : {};
    return { type: "start", format, rate, channels: 1, key: this.#key, ...this.#wishes, ...again };
  }

  #take(message) {
    if (message.seq) this.#seq = message.seq;
    if (message.type === "started") return this.#started(message);
    if (message.type === "error") return this.#refused(message);
    if (message.type === "line") this.#heard = Math.max(this.#heard, message.end ?? 0);
    if (message.type === "ended" && !this.#finishing) return this.#outlived();
    this.#tell("message", message);
    if (message.type === "ended") this.#end();
  }

  /** The connection was away for so long that the server ended the stream; somebody still speaks. */
  #outlived() {
    this.#id = null;
    this.#socket.close();
  }

  #started(message) {
    const hole = message.resumed ? this.#resumed(message) : this.#begun();
    this.#id = message.id;
    this.#ready = true;
    this.#tries = 0;
    this.#source.connected();
    if (this.#source.format === "pcm16") this.#tape.send((block) => this.#socket.send(block));
    this.#waits = Infinity; // what was just sent again takes its time
    this.#tell("message", message);
    const again = this.#source.format === "pcm16" || !this.#interrupted; // sound is sent again, or none was missed
    const whole = again && hole.seconds < 0.5 && !message.missed;
    if (!whole || (this.#interrupted && !message.resumed)) this.#tell("gap", { ...hole, whole });
    this.#interrupted = false;
    this.#tell("live");
    if (this.#finishing) this.#socket.send(JSON.stringify({ type: "finish" }));
  }

  /** The stream goes on; gives what it will never hear. */
  #resumed({ clock }) {
    const hole = { at: this.clock(clock ?? this.#heard), seconds: clock == null ? 0 : this.#tape.rewind(clock) };
    if (hole.seconds) this.#holes.push({ at: clock, seconds: hole.seconds });
    return hole;
  }

  /** Another stream, whose times begin anew, behind what was heard; gives what is missing between the two. */
  #begun() {
    const now = performance.now() / 1000;
    const hole = { at: this.clock(this.#heard), seconds: 0 };
    if (this.#source.format === "pcm16") {
      const { at, missed } = this.#tape.renew(this.#id || this.#interrupted ? this.#heard : 0);
      this.#offset = this.clock(at);
      hole.seconds = missed;
    } else if (this.#began) { // a new recording, of what is said from now on
      this.#offset += now - this.#began;
      hole.seconds = now - this.#lostAt;
      hole.at = this.#offset - hole.seconds;
    }
    this.#began = now;
    this.#holes = [];
    this.#seq = this.#heard = 0;
    return hole;
  }

  #refused({ code, message }) {
    if (code === "unknown-stream" || code === "restarting" || code === "failed") {
      this.#id = null; // the next connection begins a new stream; the text so far stays
    } else if (code !== "idle" && code !== "slow-reader") {
      this.#stop("refused", { code, text: message });
    }
  }

  async #closed(event) {
    const wasReady = this.#ready;
    if (wasReady) this.#lostAt = performance.now() / 1000;
    this.#socket = null;
    this.#ready = false;
    if (this.#over) return;
    if (this.#finishing) return this.#end();
    if (event.code === 4401 || (!wasReady && (await refusedByToken()))) return this.#stop("token");
    if (this.#over) return;
    this.#interrupted ||= wasReady || this.#id !== null;
    this.#tell(this.#interrupted ? "lost" : "unreachable");
    this.#timer = setTimeout(() => this.#connect(), this.#tries ? Math.min(500 * 2 ** this.#tries, LONGEST_WAIT) : 200);
    this.#tries++;
  }

  /** Stopped while there was no connection: what was said since is not captioned, and that is told. */
  #giveUp() {
    if (this.#interrupted) this.#tell("gap", { at: this.clock(this.#heard), seconds: 0, whole: false });
    this.#end();
  }

  #end() {
    if (!this.#over) this.#stop("ended");
  }

  #stop(why, detail) {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#tell(why, detail);
  }
}

/** A browser does not tell a page why a socket was refused; the same address over HTTP does. */
async function refusedByToken() {
  const token = keptToken.get();
  try {
    const answer = await fetch("v1/models", { cache: "no-store", headers: token ? { Authorization: `Bearer ${token}` } : {} });
    return answer.status === 401 || answer.status === 403;
  } catch {
    return false;
  }
}

/** The token of this server, where it has one: kept until the tab is closed. */
export const keptToken = {
  value: "",
  get() {
    try {
      return sessionStorage.getItem("accessify-token") ?? this.value;
    } catch {
      return this.value;
    }
  },
  set(value) {
    this.value = value;
    try {
      sessionStorage.setItem("accessify-token", value);
    } catch { /* blocked: kept until the page is left */ }
  },
};
