/** What went wrong, in the reader's words. */

import { make } from "./accessify-captions.js";
import { has, onLanguage, t } from "./text.js";

/** A failure that the server, or this page, can name. */
export class Problem extends Error {
  constructor({ code, text = "", data = {} }) {
    super(text || code);
    [this.code, this.text, this.data] = [code, text, data];
  }
}

/** One sentence in the reader's language, and the server's English where it says more. */
export function wordsOf(error) {
  const problem = error instanceof Problem ? error : new Problem({ code: lost(error) ? "unreachable" : "unexpected", text: String(error?.message ?? error) });
  const key = `problem.${problem.code}`;
  if (!has(key)) return { sentence: problem.text, detail: "" };
  const sentence = t(key, problem.data);
  return { sentence, detail: letters(sentence) === letters(problem.text) ? "" : problem.text };
}

const letters = (text) => text.toLowerCase().replace(/\P{L}/gu, "");

/** Whether the browser could not reach the server: it says so with a TypeError, and nothing else. */
const lost = (error) => error instanceof TypeError && /fetch|network|load failed/i.test(error.message);

const shown = new Map(); // box → error

/** Shows `error` in `box`, which is read aloud at once. */
export function showProblem(box, error) {
  if (error?.name === "AbortError") return;
  if (!(error instanceof Problem) && !lost(error)) console.error(error);
  shown.set(box, error);
  draw(box, error);
}

export function clearProblem(box) {
  shown.delete(box);
  box.replaceChildren();
}

/** Does `work`; what it throws is shown in `box`. Gives its result, or undefined. */
export async function attempt(box, work) {
  clearProblem(box);
  try {
    return await work();
  } catch (error) {
    showProblem(box, error);
    return undefined;
  }
}

function draw(box, error, { aloud = true } = {}) {
  const { sentence, detail } = wordsOf(error);
  box.classList.add("problem");
  if (aloud) box.setAttribute("role", "alert");
  else box.removeAttribute("role"); // the same in another language is no news
  box.replaceChildren(make("p", {}, sentence), detail ? make("p", { class: "hint", lang: "en", dir: "auto" }, detail) : "");
}

onLanguage(() => {
  for (const [box, error] of shown) {
    if (box.isConnected) draw(box, error, { aloud: false });
    else shown.delete(box);
  }
});
