/** Points of hands and body over a picture. */

const HAND = /HAND/;
const BODY_POINTS = 25; // below them come the legs, which say nothing here

/** Draws `points` (x, y in ten-thousandths, or null) into `canvas`, whose size is the picture's. */
export function drawPoints(canvas, parts, points) {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (!parts || !points) return;
  const unit = Math.max(canvas.width, canvas.height) / 640;
  pen.lineCap = "round";
  let first = 0;
  for (const part of parts) {
    const at = (index) => {
      const place = 2 * (first + index);
      const [x, y] = [points[place], points[place + 1]];
      return x == null || (!HAND.test(part.name) && index >= BODY_POINTS) ? null : [(x / 10000) * canvas.width, (y / 10000) * canvas.height];
    };
    const thick = HAND.test(part.name) ? 3 : 4;
    for (const edge of [true, false]) drawLimbs(pen, part, at, unit, edge ? thick + 2.5 : thick, edge);
    for (let index = 0; index < part.count; index++) drawPoint(pen, at(index), unit * (HAND.test(part.name) ? 3 : 4), colorOf(part, index));
    first += part.count;
  }
}

const colorOf = (part, index) => `rgb(${part.colors[index % part.colors.length].join(" ")})`;

/** Every line has a dark edge, so that it is seen on light clothes and skin too. */
function drawLimbs(pen, part, at, unit, width, edge) {
  pen.lineWidth = width * unit;
  for (const [from, to] of part.limbs) {
    const [start, end] = [at(from), at(to)];
    if (!start || !end) continue;
    pen.strokeStyle = edge ? "rgb(0 0 0 / 0.65)" : colorOf(part, to);
    pen.beginPath();
    pen.moveTo(...start);
    pen.lineTo(...end);
    pen.stroke();
  }
}

function drawPoint(pen, place, radius, color) {
  if (!place) return;
  pen.beginPath();
  pen.arc(...place, radius, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.fill();
  pen.lineWidth = radius / 3;
  pen.strokeStyle = "rgb(0 0 0 / 0.65)";
  pen.stroke();
}

/** Whether any hand is among the points. */
export function seesHand(parts, points) {
  let first = 0;
  for (const part of parts) {
    if (HAND.test(part.name) && points[2 * first] != null) return true;
    first += part.count;
  }
  return false;
}
