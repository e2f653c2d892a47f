/** "Watch for my cue": tells an actor who does not hear when a word, a name or the end of a line was said. */

const RECENT = 60; // words that are remembered

/** Words as they are compared: small letters, no marks; each Chinese, Japanese or Korean character is a word. */
export const wordsOf = (text) =>
  text.normalize("NFKC").toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu) ?? [];

/**
 * Looks for phrases in what is said. A machine mishears names and inflects them, so what differs in few letters counts
 * as "perhaps"; so do words that may still change.
 */
export class CueWatch {
  #phrases = []; // {text, letters, words, last: {end, sure}}
  #said = []; // the newest words
  #count = 0; // of all words committed
  #tell;

  /** `tell({phrase, heard, sure})` is called once for each time a phrase is said, and again when it becomes sure. */
  constructor(tell) { this.#tell = tell; }

  get phrases() { return this.#phrases.map(({ text }) => text); }

  set phrases(texts) {
    this.#phrases = texts.filter((text) => wordsOf(text).length).map((text) => {
      const words = wordsOf(text);
      return { text, words, letters: words.join(""), last: { end: -1, sure: true } };
    });
  }

  /** Words that stay. */
  commit(text) {
    const words = wordsOf(text);
    this.#said.push(...words);
    this.#count += words.length;
    this.#said.splice(0, Math.max(this.#said.length - RECENT, 0));
    this.#look(this.#said, this.#count, words.length, true);
  }

  /** Words that may still change. */
  guess(text) {
    const words = wordsOf(text);
    this.#look([...this.#said, ...words], this.#count + words.length, words.length, false);
  }

  /** `words` end at the `count`-th word said; the newest `fresh` of them have not been looked at. */
  #look(words, count, fresh, committed) {
    for (const phrase of this.#phrases) {
      const found = find(phrase, words, words.length - fresh);
      if (!found) continue;
      const end = count - words.length + found.end;
      const sure = committed && found.exact;
      const again = end - phrase.last.end <= Math.max(phrase.words.length - 1, 1); // the same words, read again
      if (again && (phrase.last.sure || !sure)) continue;
      phrase.last = { end, sure };
      this.#tell({ phrase: phrase.text, heard: found.heard, sure, again });
    }
  }
}

/** Where `phrase` stands among `words`, its last word not before place `from`: exactly, else nearly. */
function find({ words: wanted, letters }, words, from) {
  let near = null;
  const slack = Math.floor(letters.length / 4);
  for (let end = Math.max(from, 0); end < words.length; end++) {
    for (const size of [wanted.length, wanted.length + 1, wanted.length - 1]) {
      if (size < 1 || end + 1 < size) continue;
      const piece = words.slice(end + 1 - size, end + 1);
      const heard = piece.join(" ");
      const joined = piece.join("");
      if (joined === letters) return { end: end + 1, exact: true, heard };
      if (!near && slack && distance(joined, letters, slack) <= slack) near = { end: end + 1, exact: false, heard };
    }
  }
  return near;
}

/** Letters to change, add or drop between two texts; more than `most` is told as `most` + 1. */
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const same = one[at - 1] === other[to - 1];
      next.push(Math.min(row[to] + 1, next[to - 1] + 1, row[to - 1] + (same ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1);
}
