/** What the machine remarks about a clip or film, in the reader's words where there are some. */

import { make } from "./accessify-captions.js";
import { has, language, t } from "./text.js";

/** A remark as a node: English with its figures, or what it means in the reader's language. */
export function noteText({ kind, text }) {
  const key = `signs.note.${kind}`;
  if (language() === "en" || !has(key)) return make("span", { lang: "en", dir: "auto" }, text);
  const [, , name = ""] = /looks like (['"])(.+?)\1 \(/.exec(text) ?? [];
  return make("span", {}, t(key, { name }));
}
