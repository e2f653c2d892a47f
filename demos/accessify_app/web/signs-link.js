/** The line to the server: pictures out, points, signs and letters back; never more than two pictures on their way. */

import { Problem } from "./problem.js";
import { room } from "./room.js";

const LONGEST = 640; // pixels of the longer side: hands are found as well as in larger pictures
const QUALITY = 0.8;
const IN_FLIGHT = 2;
const GIVE_UP = 3000; // milliseconds after which a picture counts as lost
const FULL_AGAIN = 5000;
const LATEST_RETRY = 8000;
const FOR_GOOD = new Set(["camera-replaced", "bad-message", "bad-picture", "too-big", "missing-extra", "offline", "model-not-found", "media-error"]);

/** Sends the pictures of `video`; tells "state" (connecting, loading, open, lost, full, resting, ended), "seen", "ready", "sign", "letter", "within", "problem". */
export class SignLink {
  #video; #settings; #tell; #socket = null; #closed = false; #resting = false; #encoding = false; #waiting = [];
  #canvas = document.createElement("canvas"); #retry = 500; #timer = null; #watch = null; #fresh = true;

  constructor(video, settings, tell) {
    [this.#video, this.#settings, this.#tell] = [video, settings, tell];
    document.addEventListener("visibilitychange", this.#visible);
    this.#watch = setInterval(() => this.#pump(), 250);
    this.#everyFrame();
    this.#open();
  }

  /** New settings; the sign book is read anew with them. */
  set(settings) {
    this.#settings = settings;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: "settings", ...settings }));
  }

  /** Sends nothing for a while, so that a recording has the machine for itself. */
  rest(on) {
    this.#resting = on;
    if (!on) this.#pump();
  }

  close() {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#visible);
    this.#socket?.close(1000);
  }

  #visible = () => {
    if (!document.hidden && !this.#closed && !this.#socket) this.#again(0);
  };

  async #open() {
    await room.ready;
    if (this.#closed) return;
    this.#tell("state", "connecting");
    const url = new URL(`rooms/${room.key}/camera`, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#waiting = [];
    let problem = null;
    socket.addEventListener("open", () => {
      this.#retry = 500;
      this.set(this.#settings);
      this.#fresh = true;
      this.#pump();
    });
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "problem") problem = message;
      else this.#take(message);
    });
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (!this.#closed) this.#lost(problem);
    });
  }

  #take(message) {
    if (message.type === "loading") this.#tell("state", "loading", message);
    if (message.type === "seen") {
      this.#waiting = this.#waiting.filter((sent) => sent > message.at + 0.01);
      this.#tell("state", "open");
      this.#pump();
    }
    this.#tell(message.type, message);
  }

  #lost(problem) {
    const code = problem?.code;
    if (code === "idle" && document.hidden) return this.#tell("state", "resting");
    if (code === "camera-turned") return this.#again(0); // a phone: what is read begins anew
    if (code === "cameras-full") {
      this.#tell("state", "full", problem.data);
      return this.#again(FULL_AGAIN);
    }
    if (code && FOR_GOOD.has(code)) {
      this.#tell("state", "ended");
      return this.#tell("problem", new Problem(problem));
    }
    this.#tell("state", "lost");
    this.#retry = Math.min(2 * this.#retry, LATEST_RETRY);
    return this.#again(this.#retry);
  }

  #again(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#closed || this.#socket || this.#open(), milliseconds);
  }

  #everyFrame() {
    if (this.#closed) return;
    const next = () => { this.#fresh = true; this.#pump(); this.#everyFrame(); };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(next);
    else setTimeout(next, 40);
  }

  #pump() {
    const now = performance.now();
    this.#waiting = this.#waiting.filter((sent) => now - sent < GIVE_UP);
    const free = this.#socket?.readyState === WebSocket.OPEN && !this.#encoding && this.#waiting.length < IN_FLIGHT;
    if (!free || !this.#fresh || this.#resting || this.#closed || !this.#video.videoWidth) return;
    this.#fresh = false;
    this.#send(now);
  }

  #send(now) {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, LONGEST / Math.max(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#canvas.getContext("2d").drawImage(this.#video, 0, 0, width, height);
    this.#encoding = true;
    this.#canvas.toBlob(async (picture) => {
      const bytes = picture && (await picture.arrayBuffer());
      this.#encoding = false;
      if (bytes && this.#socket?.readyState === WebSocket.OPEN) {
        const message = new Uint8Array(8 + bytes.byteLength);
        new DataView(message.buffer).setFloat64(0, now, true);
        message.set(new Uint8Array(bytes), 8);
        this.#socket.send(message);
        this.#waiting.push(now);
      }
      this.#pump();
    }, "image/jpeg", QUALITY);
  }
}
