/** What a style guide objects to, in the reader's language. The check tells it in English; numbers and quotes stay. */

import { english, has, language, t } from "./text.js";

const SPACES = / \([^)]*with spaces[^)]*\)/; // how characters were counted: too much for a row
const QUOTED = /“[^”]*”/g;
const QUOTE = "\x01\\d+\x02"; // stands for one
/** What may stand in place of a {name} in a turn. */
const VALUES = { n: "[\\d.]+", m: "[\\d.]+", time: "[\\d:.]*\\d", word: "\\w+", quote: QUOTE, mark: "\\S", end: "\\S", what: ".+" };
const TURNS = "film.turn.";
let turns = null;

/** The turns of English that the check speaks in: {key, pattern}, in the order of their words. "whole" ones are all of a text. */
function known() {
  turns ??= english(TURNS).flatMap(([key, text]) => Object.values(text.other ? text : { text }).map((form) => ({ key, pattern: patternOf(form, key.startsWith(`${TURNS}whole.`)) })));
  return turns;
}

function patternOf(text, whole) {
  const source = text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${VALUES[name]})`);
  const edge = (letter) => (/\w/.test(letter) ? "\\b" : "");
  return whole ? new RegExp(`^${source}$`) : new RegExp(`${edge(text[0])}${source}${edge(text.at(-1))}`, "g");
}

/** `text` of the check in the reader's language; in English where its words are not known in it. */
export function inWords(text) {
  if (!text || language() === "en") return text ?? "";
  const quotes = [];
  let told = text.replace(QUOTED, (quote) => `\x01${quotes.push(quote) - 1}\x02`);
  for (const { key, pattern } of known()) told = told.replace(pattern, (...found) => t(key, found.at(-1)));
  if (/[a-z]{2}/i.test(told.replace(QUOTED, ""))) return text;
  return told.replace(/\x01(\d+)\x02/g, (_, index) => quotes[Number(index)]);
}

/** What is wrong, and by how much. */
export function findingWords({ rule, message, measured, allowed }) {
  const key = `film.rule.${rule}`;
  const [found, asked] = [inWords(measured.replace(SPACES, "")), inWords(allowed)];
  const words = found && asked ? t("film.measured", { measured: found, asked }) : found ? t("film.measured.alone", { measured: found }) : "";
  return { sentence: has(key) ? t(key) : message, detail: words };
}

/** What repairs it: what the button will do, or what a person may. */
export function fixWords({ fix, fixable }) {
  const words = inWords(fix);
  return words ? t(fixable ? "film.fix.will" : "film.fix.advice", { fix: words }) : "";
}
