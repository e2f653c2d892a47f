/** What the machine remarks about a clip or film, in the reader's words where there are some. */

import { make } from "./accessify-captions.js";
import { has, language, t } from "./text.js";

/** A remark as a node; readers of other languages get the machine's English, with its figures, behind it. */
export function noteText({ kind, text }) {
  const key = `signs.note.${kind}`;
  if (language() === "en" || !has(key)) return make("span", { lang: "en", dir: "auto" }, text);
  const quoted = /looks like '([^']+)'/.exec(text)?.[1] ?? "";
  return make("span", {}, t(key, { name: quoted }), " ", make("span", { class: "hint", lang: "en", dir: "auto" }, `(${text})`));
}
