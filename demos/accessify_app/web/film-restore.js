/** After the server was started anew its rooms are gone: the captions that stand on the page are sent again. */

import { timeText } from "./cue-times.js";
import { sendCaptions } from "./film-source.js";

const stamp = (seconds) => timeText(seconds).padStart(12, "0").replace(".", ",");

/** The captions as SubRip has them. */
const subRip = (cues) => cues.map(({ start, end, text }, index) =>
  `${index + 1}\n${stamp(start)} --> ${stamp(end)}\n${text.replace(/\n{2,}/g, "\n")}\n`).join("\n");

/** Gives the new room's draft of the same captions. */
export async function restored(draft, ask) {
  const title = (draft.meta.film?.title ?? "captions").replace(/\.[^.]*$/, "");
  const name = await sendCaptions(new File([subRip(draft.cues)], `${title}.srt`));
  return ask("open_captions", name, null, draft.meta.language ?? null);
}
