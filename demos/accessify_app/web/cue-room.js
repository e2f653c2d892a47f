/** Where another caption fits in: into time that is free, else into time that a neighbour gives. */

const FRESH = 2; // seconds that a caption gets, where there is room

/**
 * The place {start, end} behind `before` and in front of `next` (either may be null), from `at` on if that can be, and
 * `gives`: [caption, {start or end}] of a neighbour that is shorter for it. `shortest` and `gap` are what the style
 * guide asks of captions, `limit` is where the film ends. Null: neither may be shorter.
 */
export function roomFor({ before, next, at = 0, limit = Infinity }, { shortest: asked, gap }) {
  const shortest = asked - 1e-6; // sums of seconds are not exact
  const first = before ? before.end + gap : 0;
  const last = next ? next.start - gap : before?.end > limit ? Infinity : limit;
  if (last - first >= shortest) {
    const start = Math.max(first, Math.min(at, last - shortest));
    return { start, end: Math.min(start + FRESH, last), gives: [] };
  }
  const half = (from, to) => Math.min(FRESH, (to - from - gap) / 2); // the other half stays the neighbour's
  const offers = [];
  if (before) {
    const length = half(before.start, last);
    offers.push({ length, start: last - length, end: last, gives: [[before, { end: last - length - gap }]] });
  }
  if (next) {
    const length = half(first, next.end);
    offers.push({ length, start: first, end: first + length, gives: [[next, { start: first + length + gap }]] });
  }
  const [best] = offers.sort((one, other) => other.length - one.length);
  return best?.length >= shortest ? best : null;
}
