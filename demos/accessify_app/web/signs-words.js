/** How sure the machine is, in words and numbers; and what it took for a sign. */

import { make } from "./accessify-captions.js";
import { percent, t } from "./text.js";

const PLAIN = 0.9;
const FAIR = 0.7;
const LEAST = 0.05; // a candidate less likely than this is not worth a word

const nameOf = (one) => one.gloss || one.name;
const sureness = (part) => t("signs.confidence", { words: t(part >= PLAIN ? "signs.sure" : part >= FAIR ? "signs.fairly" : "signs.little"), percent: percent(part) });

/** A confidence as text, with a bar behind it that says the same. */
function meter(part) {
  const bar = make("span", { "aria-hidden": "true" }, make("span"));
  bar.style.setProperty("--part", part);
  return make("span", { class: "meter" }, sureness(part), bar);
}

/** "Not sure: perhaps HOUSE 41 %, or TREE 20 %": a normal answer. */
function doubt(candidates) {
  const likely = candidates.filter((one) => one.confidence >= LEAST).slice(0, 3);
  if (!likely.length) return t("signs.unknown");
  const told = likely.map((one) => t("signs.maybe", { name: nameOf(one), percent: percent(one.confidence) }));
  return t("signs.unsure", { what: told.join(t("signs.or")) });
}

/** A sign as one line of text. */
export function signText({ known, candidates }) {
  return known ? `${nameOf(candidates[0])}: ${sureness(candidates[0].confidence)}` : doubt(candidates);
}

/** A sign as nodes: its name large, then how sure. */
export function signNodes({ known, candidates }) {
  if (known) return [make("strong", { class: "signs-name", dir: "auto" }, nameOf(candidates[0])), " ", meter(candidates[0].confidence)];
  const [first, ...rest] = doubt(candidates).split(/(?<=[:：])\s*/);
  return [make("strong", { class: "signs-doubt" }, first), " ", make("span", { dir: "auto" }, rest.join(" "))];
}

/** A letter as a node; one that is not sure is marked by a sign of its own, not by colour. */
export function letterNode({ known, candidates, within }) {
  const [best] = candidates;
  if (within) return make("s", { class: "signs-letter" }, known ? best.name : "(?)", make("span", { class: "visually-hidden" }, ` ${t("signs.letter.within")} `));
  if (!known || !best) {
    const perhaps = best && best.confidence >= LEAST ? t("signs.maybe", { name: best.name, percent: percent(best.confidence) }) : "";
    return make("span", { class: "signs-letter unsure", title: perhaps }, "(?)", make("span", { class: "visually-hidden" }, ` ${t("signs.letter.unknown")} ${perhaps} `));
  }
  if (best.confidence >= FAIR) return make("span", { class: "signs-letter", title: percent(best.confidence) }, best.name);
  return make("span", { class: "signs-letter unsure", title: percent(best.confidence) }, `${best.name}?`, make("span", { class: "visually-hidden" }, ` ${t("signs.letter.unsure", { percent: percent(best.confidence) })} `));
}

/** The letters of one word as text, unsure ones marked. */
const wordText = (letters) => letters.map(({ known, candidates: [best] }) => (!known || !best ? "(?)" : best.confidence >= FAIR ? best.name : `${best.name}?`)).join("-");

/** How sure the least sure letter of a word is; 0 with an unknown one. */
const wordSureness = (letters) => Math.min(...letters.map(({ known, candidates: [best] }) => (known && best ? best.confidence : 0)));

/** A word as nodes: its letters, then how sure; struck out where the hand only passed through them. */
export function wordNodes(letters) {
  const [text, least] = [wordText(letters), wordSureness(letters)];
  const word = make(letters[0].within ? "s" : "strong", { class: "signs-word", dir: "ltr" }, text);
  const sure = letters[0].within ? "signs.word.within" : least ? "" : "signs.word.unknown";
  return [make("span", { class: "badge" }, t("signs.spelled")), " ", word, " ", sure ? make("span", { class: "hint" }, t(sure)) : meter(least), " "];
}

/** The same as one line of text. */
export function spelledText(letters) {
  const least = wordSureness(letters);
  const sure = letters[0].within ? t("signs.word.within") : least ? percent(least) : t("signs.word.unknown");
  return `${wordText(letters)} (${t("signs.spelled")}, ${sure})`;
}

/** Letters in groups: a word ends where no letter follows within `pause`, and where a sign begins or ends that they lie in. */
export function wordsOf(letters, pause) {
  const words = [];
  for (const letter of letters) {
    const word = words.at(-1);
    const before = word?.at(-1);
    if (before && letter.start - before.end < pause && Boolean(before.within) === Boolean(letter.within)) word.push(letter);
    else words.push([letter]);
  }
  return words;
}
