/** Where the sound of live captions comes from: a microphone; and the tape that keeps its last seconds. */

export const KEPT_SECONDS = 20; // of sound, to be sent again after the connection was lost

/** A microphone, or whatever else the browser takes for one. */
export class Microphone {
  #stream = null; #context = null; #recorder = null; #onSound; #deviceId;
  format = "pcm16";
  rate = 16000;

  constructor(deviceId = "") { this.#deviceId = deviceId; }

  /**
   * Raises what getUserMedia raises. From then on calls `onSound` with blocks of PCM16 (or of WebM) and the peak of
   * each, 0 to 1; `onEnd` when the microphone goes.
   */
  async open(onSound, onEnd) {
    this.#onSound = onSound;
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "insecure");
    const wanted = { channelCount: 1, ...(this.#deviceId ? { deviceId: { exact: this.#deviceId } } : {}) };
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    const [track] = this.#stream.getAudioTracks();
    track.addEventListener("ended", () => onEnd());
    if (globalThis.AudioWorkletNode) await this.#listen();
    else this.#prepareRecorder();
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
    await listen(source, (sound, peak) => this.#onSound(sound, peak));
    await this.#context.resume();
  }

  #prepareRecorder() {
    if (!globalThis.MediaRecorder?.isTypeSupported?.("audio/webm;codecs=opus")) throw new DOMException("", "NotSupportedError");
    this.format = "webm";
  }
}

/** Calls `onSound` with the samples of an audio node in blocks of 40 ms of PCM16, and the peak of each, 0 to 1. */
export async function listen(source, onSound) {
  await source.context.audioWorklet.addModule(new URL("microphone.js", import.meta.url));
  const node = new AudioWorkletNode(source.context, "microphone", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }) => onSound(data.sound, data.peak);
  source.connect(node);
}

/** The newest seconds of PCM sound by their place in the stream, so that none is lost with a connection. */
export class Tape {
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
