/** The page of `accessify serve`: the microphone goes to WS /v1/captions, the captions come into the pane. */

import { joint, preferences } from "./accessify-captions.js";

const KEPT_SECONDS = 20; // of sound, to be sent again after the connection was lost
const SILENT_SECONDS = 4; // of digital silence before the page asks whether the microphone is muted
const EASY_PACE = 180; // words a minute (BBC Subtitle Guidelines §4: 160 to 180)
const LONGEST_WAIT = 8000; // milliseconds between two tries to connect
const STUCK_SECONDS = 6; // in which more and more sound waits for the network, after which the connection counts as dead
const CUE = { seconds: 6, characters: 74 }; // of saved captions: two lines of 37
const language = new URLSearchParams(location.search).get("lang");

const byId = (id) => document.getElementById(id);
const captions = byId("captions");
if (language) captions.setAttribute("srclang", language);

// ---------------------------------------------------------------- sound

/** Opens a microphone; raises what getUserMedia raises. Calls back with blocks of PCM16, or of WebM. */
class Microphone {
  #stream = null; #context = null; #recorder = null; #onSound; #onEnd;

  constructor(onSound, onEnd) {
    [this.#onSound, this.#onEnd] = [onSound, onEnd];
    this.format = "pcm16";
    this.rate = 16000;
  }

  async open(deviceId) {
    const wanted = { channelCount: 1, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) };
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    const [track] = this.#stream.getAudioTracks();
    track.addEventListener("ended", () => this.#onEnd());
    if (globalThis.AudioWorkletNode) await this.#listen();
    else this.#prepareRecorder();
    return track.label;
  }

  close() {
    if (this.#recorder?.state === "recording") this.#recorder.stop();
    this.#recorder = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#stream = this.#context = null;
  }

  /** A WebM stream has one beginning: a new connection needs a new one. */
  connected() {
    if (this.format !== "webm" || !this.#stream) return;
    if (this.#recorder?.state === "recording") this.#recorder.stop();
    const recorder = (this.#recorder = new MediaRecorder(this.#stream, { mimeType: "audio/webm;codecs=opus" }));
    recorder.addEventListener("dataavailable", async ({ data }) => {
      const sound = await data.arrayBuffer();
      if (sound.byteLength && this.#recorder === recorder) this.#onSound(sound, 1);
    });
    recorder.start(100);
  }

  async #listen() {
    let source;
    try {
      this.#context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
      source = this.#context.createMediaStreamSource(this.#stream);
    } catch { // a browser that does not resample the microphone: the server does
      await this.#context?.close();
      this.#context = new AudioContext({ latencyHint: "interactive" });
      source = this.#context.createMediaStreamSource(this.#stream);
    }
    this.rate = this.#context.sampleRate;
    await this.#context.audioWorklet.addModule(new URL("microphone.js", import.meta.url));
    const node = new AudioWorkletNode(this.#context, "microphone", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => this.#onSound(data.sound, data.peak);
    source.connect(node);
    await this.#context.resume();
  }

  #prepareRecorder() {
    if (!globalThis.MediaRecorder?.isTypeSupported?.("audio/webm;codecs=opus")) throw new DOMException("", "NotSupportedError");
    this.format = "webm";
  }
}

/** The newest seconds of PCM sound by their place in the stream, so that none is lost with a connection. */
class Tape {
  #blocks = []; // {at, samples, sound}
  #end = 0;
  #sent = 0;

  constructor(rate) { this.rate = rate; }

  add(sound) {
    const samples = sound.byteLength / 2;
    this.#blocks.push({ at: this.#end, samples, sound });
    this.#end += samples;
    while (this.#end - this.#blocks[0].at > KEPT_SECONDS * this.rate) this.#blocks.shift();
  }

  /** Gives the blocks that wait to be sent. */
  send(give) {
    for (const block of this.#blocks) if (block.at + block.samples > this.#sent) give(block.sound);
    this.#sent = this.#end;
  }

  /** Sends again what lies behind `seconds` of the stream; gives the seconds that are forgotten, which it never has. */
  rewind(seconds) {
    const wanted = Math.min(Math.round(seconds * this.rate), this.#end);
    const lost = Math.max((this.#blocks[0]?.at ?? wanted) - wanted, 0);
    for (const block of this.#blocks) block.at -= lost;
    this.#end -= lost;
    this.#sent = wanted;
    return lost / this.rate;
  }

  /** A new stream begins at `seconds` of this one, or where the oldest block does; gives that place. */
  renew(seconds) {
    const wanted = Math.max(Math.round(seconds * this.rate), 0);
    const at = Math.min(Math.max(wanted, this.#blocks[0]?.at ?? this.#end), this.#end);
    this.#blocks = this.#blocks.filter((block) => block.at + block.samples > at);
    const first = this.#blocks[0]?.at ?? this.#end;
    for (const block of this.#blocks) block.at -= first;
    this.#end -= first;
    this.#sent = 0;
    return { at: first / this.rate, missed: Math.max(first - wanted, 0) / this.rate };
  }
}

// ---------------------------------------------------------------- the connection

/** One session of captions over as many connections and streams as it takes. */
class Session {
  #socket = null; #timer = 0; #tries = 0; #ready = false; #over = false; #finishing = false;
  #id = null; #seq = 0; #key = crypto.randomUUID(); #heard = 0; #interrupted = false; #tape; #microphone; #tell; #wishes;
  #offset; #began = 0; #lostAt = 0; #waits = 0; #movedAt = 0; #holes = []; // {at, seconds}: what the present stream never got of the sound

  /** `wishes`: fields of the start message; `offset`: seconds of the page's clock at which the sound begins. */
  constructor(microphone, wishes, offset, tell) {
    [this.#microphone, this.#wishes, this.#offset, this.#tell] = [microphone, wishes, offset, tell];
    this.#tape = new Tape(microphone.rate);
    this.#connect();
  }

  /** Seconds of the page's clock for seconds of the present stream. */
  clock(seconds) {
    return this.#holes.reduce((sum, hole) => sum + (seconds >= hole.at ? hole.seconds : 0), this.#offset + seconds);
  }

  push(sound) {
    if (this.#finishing || this.#over) return;
    if (this.#microphone.format === "webm") {
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
    const token = sessionStore.get();
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
    const { format, rate } = this.#microphone;
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
    this.#microphone.connected();
    if (this.#microphone.format === "pcm16") this.#tape.send((block) => this.#socket.send(block));
    this.#waits = Infinity; // what was just sent again takes its time
    this.#tell("message", message);
    const again = this.#microphone.format === "pcm16" || !this.#interrupted; // sound is sent again, or none was missed
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
    if (this.#microphone.format === "pcm16") {
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
      this.#stop("refused", message);
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
  const token = sessionStore.get();
  try {
    const answer = await fetch("v1/models", { cache: "no-store", headers: token ? { Authorization: `Bearer ${token}` } : {} });
    return answer.status === 401 || answer.status === 403;
  } catch {
    return false;
  }
}

const sessionStore = {
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

// ---------------------------------------------------------------- what was said

/** Everything said since the page was opened, over all streams: its final reading where there is one. */
class Transcript {
  #entries = []; // {start, end, text, words?}
  #open = new Map(); // lines that still grow
  #settled = 0; // entries that stay; those behind are lines without a final reading
  #read = 0; // seconds up to which there are final readings
  #onSettled;
  saved = true;

  constructor(onSettled) { this.#onSettled = onSettled; }

  get empty() { return this.#entries.length === 0; }

  line({ line, start, end, text, speaker, closed }, clock) {
    if (clock(end) <= this.#read) return; // at a reader's pace, lines come after their final reading
    const entry = this.#open.get(line) ?? {};
    if (!this.#open.has(line)) this.#entries.push(entry);
    Object.assign(entry, { start: clock(start), end: clock(end), text: speaker ? `${speaker}: ${text}` : text });
    closed ? this.#open.delete(line) : this.#open.set(line, entry);
    this.saved = false;
  }

  /** The reading of an utterance that ended, instead of its lines. */
  final({ text, words }, clock) {
    if (!words?.length) return;
    const timed = words.map((word) => ({ text: word.text, start: clock(word.start), end: clock(word.end) }));
    this.#entries.splice(this.#settled, Infinity, { start: timed[0].start, end: timed.at(-1).end, text, words: timed });
    this.#read = timed.at(-1).end;
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

  vtt() {
    const timed = this.#entries.flatMap((entry) => (entry.words ? cuesOf(entry.words) : [entry]));
    timed.sort(earlier);
    let last = 0;
    const cues = timed.map(({ start, end, text }, index) => {
      const from = Math.max(start, last);
      const next = timed[index + 1]?.start ?? Infinity; // a cue makes way for the one behind it
      last = next > from ? Math.min(Math.max(end, from + 0.5), next) : from + 0.5;
      const plain = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
      return `${clock(from)} --> ${clock(last)}\n${plain}\n`;
    });
    return `WEBVTT\n\nNOTE Captions made by a machine; they may be wrong.\n\n${cues.join("\n")}`;
  }

  txt() { return [...this.#entries].sort(earlier).map(({ start, text }) => `${clock(start).slice(0, 8)}  ${text}\n`).join(""); }
}

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

function clock(seconds) {
  const millis = Math.round(seconds * 1000);
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const whole = [millis / 3_600_000, (millis / 60_000) % 60, (millis / 1000) % 60].map(two).join(":");
  return `${whole}.${String(millis % 1000).padStart(3, "0")}`;
}

function save(text, kind, ending) {
  const link = document.createElement("a");
  const stamp = new Date().toISOString().slice(0, 16).replace("T", "-").replace(":", "");
  link.href = URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` }));
  link.download = `captions-${stamp}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// ---------------------------------------------------------------- the page

const STATES = {
  ready: "Ready.", asking: "Asking for the microphone…", connecting: "Connecting…",
  live: "Listening.", lost: `Connection lost. Trying again; the last ${KEPT_SECONDS} seconds of sound are kept.`,
  unreachable: "The server does not answer. Trying again…", finishing: "Finishing the last words…",
  ended: "Stopped. The text stays until you close this page.",
  silent: "The microphone gives no sound. Is it muted?",
};
const PROBLEMS = {
  NotAllowedError: ["The microphone is blocked.",
    "Allow it in the browser: click the sign beside the address, set Microphone to Allow, then press Start captions again."],
  SecurityError: ["The microphone is blocked.",
    "Allow it in the browser or the system settings, then press Start captions again."],
  NotFoundError: ["No microphone was found.", "Plug one in or switch it on, then press Start captions again."],
  NotReadableError: ["The microphone could not be opened.",
    "Another program may be using it. Close that program, then press Start captions again."],
  OverconstrainedError: ["That microphone is no longer there.", "Choose another one, then press Start captions again."],
  NotSupportedError: ["This browser cannot record sound for captions.", "Use a current Firefox, Chrome, Edge or Safari."],
  insecure: ["The browser gives no microphone to this address.",
    "Open the page over https, or on the machine itself as http://localhost."],
  pulled: ["The microphone was unplugged or switched off.",
    "Everything said so far is kept. Plug it in or choose another one, then press Start captions again."],
  token: ["This server asks for a token.", "Enter it below."],
  "wrong-token": ["The server does not accept this token.", "Check it and enter it again."],
  refused: ["The server ended the captions.", ""],
};
const transcript = new Transcript(beside);
let microphone = null;
let session = null;
let mode = "ready";
let began = 0; // of the first stream, so that all times of the transcript are on one clock
let quiet = 0; // seconds of digital silence
let heardAt = 0;

function show(next) {
  mode = next;
  document.body.dataset.mode = next;
  const running = !["ready", "ended"].includes(next);
  byId("start").textContent = running ? "Stop" : "Start captions";
  if (byId("state").textContent !== STATES[next]) byId("state").textContent = STATES[next];
  for (const id of ["device", "pace"]) byId(id).disabled = running;
}

function explain(kind, detail) {
  const box = byId("problem");
  box.replaceChildren();
  if (!kind) return;
  const [what, fix] = PROBLEMS[kind] ?? PROBLEMS.NotReadableError;
  const head = document.createElement("strong");
  head.textContent = what;
  box.append(head, ` ${detail ? `${detail}. ` : ""}${fix}`);
}

async function start() {
  explain(null);
  byId("token-form").hidden = true;
  if (!navigator.mediaDevices?.getUserMedia) return explain("insecure");
  show("asking");
  const opened = new Microphone(hear, () => pulled());
  microphone = opened;
  try {
    await opened.open(byId("device").value);
  } catch (error) {
    opened.close();
    if (microphone !== opened) return;
    microphone = null;
    show("ready");
    return explain(error.name);
  }
  if (microphone !== opened) return opened.close(); // stopped while the browser asked
  listDevices();
  show("connecting");
  began ||= Date.now();
  captions.restart();
  transcript.restart();
  const current = new Session(opened, wishes(), (Date.now() - began) / 1000,
    (what, detail) => session === current && happened(what, detail));
  session = current;
  keepAwake();
}

/** How the captions shall come: lines as long as fit and an eye follows easily, and at what pace. */
function wishes() {
  const width = Math.min(Math.max(captions.columns, 16), 42);
  captions.setAttribute("width", width);
  return { width, ...(byId("pace").checked ? { pace: EASY_PACE } : {}), ...(language ? { language } : {}) };
}

function hear(sound, peak) {
  session?.push(sound);
  heardAt = Date.now();
  byId("level").style.setProperty("--level", String(Math.min(Math.sqrt(peak) * 1.1, 1)));
  quiet = peak > 0.0004 ? 0 : quiet + 0.04;
  if (mode === "live" && quiet > SILENT_SECONDS) show("silent");
  else if (mode === "silent" && quiet === 0) show("live");
}

/** Where the browser gives no sound at all, e.g. during a phone call. */
setInterval(() => {
  if (mode === "live" && Date.now() - heardAt > SILENT_SECONDS * 1000) show("silent");
}, 1000);

function happened(what, detail) {
  if (what === "message") {
    if (detail.type === "started" && !detail.resumed) transcript.restart();
    const clock = (seconds) => session.clock(seconds);
    if (detail.type === "line") transcript.line(detail, clock);
    if (detail.type === "final") transcript.final(detail, clock);
    captions.update(detail);
    for (const id of ["save-txt", "save-vtt"]) byId(id).disabled = transcript.empty;
  } else if (what === "gap") {
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const { at, seconds, whole } = detail;
    const text = whole ? `Connection lost until ${time}: what was said meanwhile follows`
      : seconds >= 1 ? `Connection lost: about ${Math.round(seconds)} s not captioned, until ${time}`
        : `Connection lost until ${time}: words may be missing here`;
    captions.mark(text);
    transcript.mark(text, at, seconds);
  } else if (what === "live") {
    explain(null);
    heardAt = Date.now();
    show("live");
  } else if (what === "lost" || what === "unreachable") {
    show(what);
  } else {
    closeMicrophone();
    transcript.restart();
    session = null;
    show("ended");
    if (what === "token") askForToken();
    else if (what === "refused") explain("refused", detail);
  }
}

function stop() {
  closeMicrophone();
  if (session) {
    show("finishing");
    session.finish();
  } else {
    show("ready");
  }
}

function pulled() {
  if (!microphone) return;
  stop();
  explain("pulled");
  listDevices();
}

function closeMicrophone() {
  microphone?.close();
  microphone = null;
  quiet = 0;
  byId("level").style.setProperty("--level", "0");
}

function askForToken() {
  explain(sessionStore.get() ? "wrong-token" : "token");
  show("ready");
  byId("token-form").hidden = false;
  byId("token").focus();
}

async function listDevices() {
  const select = byId("device");
  const chosen = select.value;
  const devices = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  const named = devices.filter(({ kind, deviceId, label }) => kind === "audioinput" && label && deviceId !== "default");
  const options = named.map(({ deviceId, label }) => new Option(label, deviceId));
  select.replaceChildren(new Option("Default microphone", ""), ...options);
  select.value = options.some(({ value }) => value === chosen) ? chosen : "";
}

async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch { /* not allowed, e.g. with a low battery */ }
}

/** The transcript beside the captions: what stays as it is, with its time. */
function beside({ start, text }) {
  const list = byId("transcript");
  const low = list.scrollTop + list.clientHeight >= list.scrollHeight - 24;
  const [row, time] = ["p", "time"].map((name) => document.createElement(name));
  time.textContent = clock(start).slice(0, 8).replace(/^00:/, "");
  row.append(time, " ", text);
  list.append(row);
  while (list.childElementCount > 1000) list.firstElementChild.remove();
  if (low) list.scrollTop = list.scrollHeight;
}

/** What a browser keeps for this page; where it keeps nothing, until the page is left. */
const kept = (value) => {
  try {
    if (value === undefined) return localStorage.getItem("accessify-page");
    localStorage.setItem("accessify-page", value);
  } catch { /* blocked */ }
  return null;
};

/** Beside the captions where there is room, else folded away. */
const wide = matchMedia("(min-width: 64rem)");
const fold = () => (byId("more").open = wide.matches);
wide.addEventListener("change", fold);
fold();

byId("pace").checked = kept() === "easy";
byId("pace").addEventListener("change", () => kept(byId("pace").checked ? "easy" : "direct"));

const resize = (by) => preferences.set({ size: Math.min(Math.max(preferences.values.size + by, 50), 200) });

byId("start").addEventListener("click", () => (["ready", "ended"].includes(mode) ? start() : stop()));
byId("smaller").addEventListener("click", () => resize(-10));
byId("larger").addEventListener("click", () => resize(10));
byId("save-txt").addEventListener("click", () => (save(transcript.txt(), "text/plain", "txt"), (transcript.saved = true)));
byId("save-vtt").addEventListener("click", () => (save(transcript.vtt(), "text/vtt", "vtt"), (transcript.saved = true)));
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStore.set(byId("token").value.trim());
  byId("token").value = "";
  byId("start").focus(); // the form goes
  start();
});
window.addEventListener("online", () => session?.retry());
window.addEventListener("offline", () => session?.drop());
window.addEventListener("beforeunload", (event) => { if (session || !transcript.saved) event.preventDefault(); });
navigator.mediaDevices?.addEventListener?.("devicechange", listDevices);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && session && keepAwake());
listDevices();
show("ready");
