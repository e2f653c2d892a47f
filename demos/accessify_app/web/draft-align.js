/** Which captions of two versions are the same one. */

const nameOf = ({ start, end, text }) => `${start} ${end} ${text}`;

/**
 * For each caption of `now` the index of its equal in `before`, or null: first those that did not change, then, in
 * order, what is left over on both sides between two of them, by the time they share.
 */
export function aligned(before, now) {
  const unchanged = new Map();
  before.forEach((cue, index) => {
    const name = nameOf(cue);
    unchanged.has(name) ? unchanged.get(name).push(index) : unchanged.set(name, [index]);
  });
  const found = now.map((cue) => unchanged.get(nameOf(cue))?.shift() ?? null);
  const left = new Set(before.keys());
  for (const index of found) left.delete(index);
  const spare = [...left];
  now.forEach((cue, index) => {
    if (found[index] !== null || !spare.length) return;
    const place = spare.findIndex((old) => akin(before[old], cue));
    if (place >= 0) found[index] = spare.splice(place, 1)[0];
  });
  return found;
}

/** Whether two captions can be one before and after a change: one word is the same and they share time, or all words are. */
function akin(old, cue) {
  return old.text === cue.text || old.start === cue.start || (old.start < cue.end && cue.start < old.end);
}
