/** Audio worklet: the microphone's samples as 16-bit PCM in blocks of 40 ms, with the peak of each (0 to 1). */

class Microphone extends AudioWorkletProcessor {
  #size = Math.round(sampleRate / 25);
  #block = new Int16Array(this.#size);
  #filled = 0;
  #peak = 0;

  process([channels]) {
    if (!channels.length) return true;
    const [first] = channels;
    for (let index = 0; index < first.length; index++) {
      let sample = 0;
      for (const channel of channels) sample += channel[index] / channels.length;
      sample = Math.max(-1, Math.min(1, sample));
      this.#peak = Math.max(this.#peak, Math.abs(sample));
      this.#block[this.#filled++] = Math.round(sample * 32767);
      if (this.#filled === this.#size) this.#send();
    }
    return true;
  }

  #send() {
    const sound = this.#block.buffer;
    this.port.postMessage({ sound, peak: this.#peak }, [sound]);
    this.#block = new Int16Array(this.#size); // the other is the page's now
    this.#filled = this.#peak = 0;
  }
}

registerProcessor("microphone", Microphone);
