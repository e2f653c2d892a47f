/** The stage view: nothing but the text, huge, for people who stand some metres away. */

import { make, preferences } from "./accessify-captions.js";

export const resize = (by) => preferences.set({ size: Math.min(Math.max(preferences.values.size + by, 50), 200) });

/** Makes `screen` fill the display; where a browser cannot (iPhone), it fills the window. */
export class StageView {
  #screen; #opener = null;

  /** `home()` gives what has the focus in it. */
  constructor(screen, home) {
    this.#screen = screen;
    this.home = home;
    this.bar = make("div", { class: "live-leave" },
      make("button", { type: "button", class: "small", t: "live.smaller", onclick: () => resize(-10) }),
      make("button", { type: "button", class: "small", t: "live.larger", onclick: () => resize(10) }),
      make("button", { type: "button", class: "small", t: "live.stage.leave", onclick: () => this.leave() }));
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.#off());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get on() { return this.#screen.classList.contains("on-stage"); }

  async enter() {
    this.#opener = document.activeElement;
    this.#screen.classList.add("on-stage");
    document.documentElement.classList.add("has-stage");
    try {
      await this.#screen.requestFullscreen({ navigationUI: "hide" });
    } catch { /* the window is filled */ }
    this.home().focus();
  }

  leave() {
    if (document.fullscreenElement) document.exitFullscreen();
    this.#off();
  }

  #off() {
    if (!this.on) return;
    this.#screen.classList.remove("on-stage");
    document.documentElement.classList.remove("has-stage");
    this.#opener?.focus?.();
  }

  #key(event) {
    if (!this.on || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const inDialog = event.composedPath().some((node) => node.localName === "dialog");
    if (inDialog) return;
    const act = { Escape: () => this.leave(), "+": () => resize(10), "=": () => resize(10), "-": () => resize(-10) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
