/** Times of captions as people write and read them. */

const SHAPE = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:\.\d{1,6})?)$/;

/** Seconds of "1:02:03.4", "62,5" or "１：０２"; null where it is no time. */
export function parseTime(text) {
  const parts = SHAPE.exec(text.normalize("NFKC").trim().replace(",", "."));
  if (!parts) return null;
  const [, hours = 0, minutes = 0, seconds] = parts;
  if ((parts[2] !== undefined && Number(seconds) >= 60) || (parts[1] !== undefined && Number(minutes) >= 60)) return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** "0:00:01.200": to the millisecond, as files have it. */
export function timeText(seconds) {
  const millis = Math.round(Math.max(seconds, 0) * 1000);
  const pad = (number, digits) => String(number).padStart(digits, "0");
  const [hours, minutes] = [Math.floor(millis / 3_600_000), Math.floor(millis / 60_000) % 60];
  return `${hours}:${pad(minutes, 2)}:${pad(Math.floor(millis / 1000) % 60, 2)}.${pad(millis % 1000, 3)}`;
}

/** What is wrong with the times of a caption: the key of a sentence, or null. */
export function faultOf(start, end) {
  if (start === null || end === null) return "film.time.shape";
  return end > start ? null : "film.time.order";
}
