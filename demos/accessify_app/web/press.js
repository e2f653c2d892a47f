/** A press counts although something that arrived just then moved its control away from under the pointer. */

const CONTROLS = "button, a[href], summary, label, input";
const STILL = 8; // pixels by which a pointer that holds still may move; who moves it further takes the press back

export function keepPresses() {
  let pressed = null;
  addEventListener("pointerdown", ({ target, clientX, clientY, isPrimary, button }) => {
    pressed = isPrimary && button === 0 ? { control: target.closest(CONTROLS), clientX, clientY } : null;
  }, true);
  addEventListener("click", (event) => {
    if (!event.isTrusted || event.detail === 0 || !pressed) return; // a script's or the keyboard's
    const { control, clientX, clientY } = pressed;
    pressed = null;
    if (!control?.getClientRects().length || control.contains(event.target)) return;
    if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > STILL) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    control.click();
  }, true);
}
