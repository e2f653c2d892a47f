/** Which captions of two versions are the same one. */

const nameOf = ({ start, end, text }) => `${start} ${end} ${text}`;

/** For each caption of `now` the index of its equal in `before`, or null: first those that did not change, then by text and time. */
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
  for (const akin of AKIN) {
    now.forEach((cue, index) => {
      if (found[index] !== null || !spare.length) return;
      const place = spare.findIndex((old) => akin(before[old], cue));
      if (place >= 0) found[index] = spare.splice(place, 1)[0];
    });
  }
  return found;
}

/** By what two captions can be one before and after a change; what comes first says more. */
const AKIN = [
  (old, cue) => old.text === cue.text,
  (old, cue) => old.start === cue.start,
  (old, cue) => old.start < cue.end && cue.start < old.end,
];
