/** The list of captions, in which they are edited. It stays quick with thousands: rows far from the window are text only. */

import { make } from "./accessify-captions.js";
import { roomFor } from "./cue-room.js";
import { CueRow, isUnsure } from "./cue-row.js";
import { timeText } from "./cue-times.js";
import { findingWords } from "./finding-words.js";
import { onLanguage, t } from "./text.js";

const FILTERS = {
  all: () => true,
  findings: (cue) => cue.findings.length > 0,
  unsure: isUnsure,
};

export class CueTable {
  #rows = new Map(); // caption → row
  #filter = "all"; #current = null; #nearby; #say; #last = null; #note = null; #empty; #list;
  follow = true;

  /** `say` tells people who listen what a button did. */
  constructor(draft, player, say) {
    [this.draft, this.player, this.#say] = [draft, player, say];
    this.#list = make("ol", { class: "cues" });
    this.#empty = make("p", { class: "hint", hidden: true });
    const add = make("button", { type: "button", t: "film.insert.here", onclick: () => this.#insertHere() });
    this.node = make("div", { class: "cue-list" }, this.#list, this.#empty, make("div", { class: "row" }, add));
    this.#nearby = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#build(target.row);
    }, { rootMargin: "800px 0px" });
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("focusin", ({ target }) => (this.#last = target.closest("li.cue")?.row ?? this.#last));
    draft.addEventListener("splice", ({ detail }) => this.#splice(detail));
    draft.addEventListener("values", ({ detail }) => this.player.update(detail.cue));
    draft.addEventListener("findings", () => this.#showFindings());
    player.addEventListener("current", ({ detail }) => this.#mark(detail.cue));
    player.addEventListener("playable", ({ detail }) => this.node.classList.toggle("no-film", !detail.playable));
    onLanguage(() => this.#relabel());
  }

  // ---- which rows are shown

  get filter() { return this.#filter; }
  set filter(name) {
    this.#filter = name;
    this.#hide();
  }

  count(name) { return this.draft.cues.reduce((sum, cue) => sum + (FILTERS[name](cue) ? 1 : 0), 0); }

  #hide() {
    const wanted = FILTERS[this.#filter];
    const focused = document.activeElement?.closest?.("li.cue");
    let shown = 0;
    for (const cue of this.draft.cues) {
      const { node } = this.#rows.get(cue);
      node.hidden = !wanted(cue) && node !== focused; // a row that is worked at stays until it is left
      shown += node.hidden ? 0 : 1;
    }
    this.#empty.hidden = shown > 0;
    this.#empty.textContent = shown ? "" : t(`film.none.${this.#filter}`);
  }

  /** Goes to the next caption (or the one before: -1) with findings, from where the work is. */
  findNext(direction) {
    const { cues } = this.draft;
    const here = cues.indexOf((this.#last ?? this.#rows.get(this.#current))?.cue);
    const from = here < 0 && direction < 0 ? cues.length : here;
    for (let step = 1; step <= cues.length; step += 1) {
      const index = (from + direction * step + cues.length * 2) % cues.length;
      const cue = cues[index];
      if (!FILTERS.findings(cue)) continue;
      const row = this.#rows.get(cue);
      this.player.seek(cue.start);
      this.#reveal(row);
      row.focus("text");
      return this.#say(t("film.found", { n: index + 1, what: cue.findings.map((each) => findingWords(each).sentence).join(t("film.comma")) }));
    }
    this.#say(t("film.none.findings"));
  }

  /** Brings a caption into view and puts the cursor into it. */
  show(cue, field = "text") {
    const row = this.#rows.get(cue);
    if (!row) return;
    row.node.hidden = false;
    this.#reveal(row);
    row.focus(field);
  }

  /** Brings a caption into view; the cursor stays where it is. */
  reveal(cue) {
    if (this.#rows.has(cue)) this.#reveal(this.#rows.get(cue));
  }

  /** Brings the fields of a caption to what it is, and the cursor there. */
  refresh(cue) {
    this.#rows.get(cue)?.refresh();
    this.show(cue);
  }

  #reveal(row) {
    row.node.hidden = false;
    this.#build(row);
    row.node.scrollIntoView({ block: "nearest" });
    requestAnimationFrame(() => row.node.scrollIntoView({ block: "nearest" })); // rows above have their true height now
  }

  // ---- what the buttons of a row do

  say(text) { this.#say(text); }

  goTo(cue) {
    this.player.seek(cue.start);
    this.#say(t("film.gone", { n: this.#rows.get(cue).number }));
  }

  async split(row) {
    const { cue, number } = row;
    const at = place(cue.text, row.cursor);
    if (at === null) return this.#say(t("film.split.not"));
    const made = await this.draft.split(cue, at);
    if (!made) return undefined;
    const index = this.draft.cues.indexOf(cue) + 1;
    this.#rows.get(this.draft.cues[index])?.focus("text", 0);
    return this.#say(t("film.split.done", { n: number }));
  }

  async merge(row) {
    const { cue, number } = row;
    const length = cue.text.length;
    if (this.draft.cues.at(-1) === cue) return this.#say(t("film.merge.not"));
    if (!(await this.draft.merge(cue))) return undefined;
    this.#rows.get(cue)?.focus("text", Math.min(length, cue.text.length));
    return this.#say(t("film.merge.done", { n: number, next: number + 1 }));
  }

  async remove(row) {
    const index = this.draft.cues.indexOf(row.cue);
    if (!(await this.draft.remove(row.cue))) return;
    const { cues } = this.draft;
    const next = cues[Math.min(index, cues.length - 1)];
    if (next) this.show(next);
    else this.node.querySelector(":scope > .row button").focus();
    this.#say(t("film.remove.done", { n: index + 1, left: t("film.captions", { n: cues.length }) }));
  }

  insert({ cue }) { return this.#put(this.draft.cues.indexOf(cue) + 1); }

  #insertHere() {
    const { cues } = this.draft;
    const at = this.player.playable ? this.player.time : (cues.at(-1)?.end ?? 0);
    const next = cues.findIndex((cue) => cue.start > at);
    return this.#put(next < 0 ? cues.length : next, at);
  }

  /** A caption without text in front of caption `index`, from `at` on if that can be: nobody is overlaid, who gives time is told. */
  async #put(index, at) {
    const { cues, meta } = this.draft;
    const [before, next] = [cues[index - 1], cues[index]];
    this.#note?.tell(null);
    const place = roomFor({ before, next, at, limit: meta.film?.duration ?? undefined }, meta.profile);
    if (!place) {
      this.#note = this.#rows.get(before ?? next);
      this.#reveal(this.#note);
      this.#note.tell("film.insert.not");
      return this.#say(t("film.insert.not"));
    }
    const known = new Set(cues);
    const made = await this.draft.insert({ ...place, text: "" }, place.gives);
    const cue = made?.find((each) => !known.has(each));
    if (!cue) return undefined;
    this.show(cue);
    const told = [t("film.insert.done", { n: this.#rows.get(cue).number })];
    for (const [giver, times] of place.gives) {
      const [[name, time]] = Object.entries(times);
      const words = [`film.insert.${name}`, { n: this.#rows.get(giver).number, time: timeText(time) }];
      this.#note = this.#rows.get(cue);
      this.#note.tell(...words);
      told.push(t(...words));
    }
    return this.#say(told.join(t("film.gap")));
  }

  async fix(row, finding) {
    const { cue, number } = row;
    if (!(await this.draft.fix(cue, finding.rule))) return;
    if (this.#rows.has(cue)) this.show(cue);
    else this.node.querySelector("li.cue:not([hidden]) textarea")?.focus();
    this.#say(t("film.fix.done", { n: number }));
  }

  // ---- the rows follow the draft

  #splice({ from, removed, added }) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    const stay = new Set(added);
    for (const cue of removed) if (!stay.has(cue)) this.#drop(cue);
    let next = this.#rows.get(this.draft.cues[from + added.length])?.node ?? null;
    for (let index = added.length - 1; index >= 0; index -= 1) {
      const row = this.#rows.get(added[index]) ?? this.#make(added[index]);
      row.refresh();
      if (row.node.parentNode !== this.#list || row.node.nextSibling !== next) this.#list.insertBefore(row.node, next);
      next = row.node;
    }
    this.draft.cues.forEach((cue, index) => (this.#rows.get(cue).number = index + 1));
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    else if (focused && !focused.isConnected) this.#refocus(from);
    this.#hide();
  }

  /** The row that had the cursor is gone: it goes to the one that took its place. */
  #refocus(from) {
    const { cues } = this.draft;
    const cue = cues[Math.min(from, cues.length - 1)];
    if (cue) this.show(cue);
  }

  #make(cue) {
    const row = new CueRow(cue, this);
    this.#rows.set(cue, row);
    this.#nearby.observe(row.node);
    return row;
  }

  #drop(cue) {
    const row = this.#rows.get(cue);
    this.#rows.delete(cue);
    if (this.#last === row) this.#last = null;
    if (this.#note === row) this.#note = null;
    if (!row) return;
    this.#nearby.unobserve(row.node);
    row.node.remove();
  }

  #build(row) {
    row.build();
    this.#nearby.unobserve(row.node);
  }

  #showFindings() {
    for (const row of this.#rows.values()) row.showFindings();
    this.#hide();
  }

  #relabel() {
    for (const row of this.#rows.values()) row.relabel();
    this.#hide();
  }

  #mark(cue) {
    if (cue === null) return; // between two captions the one before stays marked
    const before = this.#rows.get(this.#current);
    if (before) before.current = false;
    this.#current = cue;
    const row = this.#rows.get(cue);
    if (!row) return;
    row.current = true;
    const working = this.#list.contains(document.activeElement);
    if (this.follow && !working && !this.player.video.paused) this.#reveal(row);
  }

  // ---- keys

  #key(event) {
    const row = event.target.closest("li.cue")?.row;
    if (!row) return;
    if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.#beside(row, event.key === "ArrowDown" ? 1 : -1)?.focus(row.fieldOf(event.target));
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.shiftKey ? this.split(row) : this.goTo(row.cue);
    }
  }

  #beside(row, direction) {
    const side = direction > 0 ? "nextElementSibling" : "previousElementSibling";
    let node = row.node[side];
    while (node?.hidden) node = node[side];
    return node?.row;
  }
}

/** Where a caption is cut: at the cursor, else at a line break, else between two words near the middle; null: nowhere. */
function place(text, cursor) {
  if (text.slice(0, cursor).trim() && text.slice(cursor).trim()) return cursor;
  const middle = text.length / 2;
  const places = [...text.matchAll(/\n/g)].concat([...text.matchAll(/\s+|(?<=[、。，！？；：])/g)]).map((match) => match.index);
  const broken = text.indexOf("\n");
  if (broken > 0 && text.slice(broken).trim()) return broken;
  const usable = places.filter((at) => text.slice(0, at).trim() && text.slice(at).trim());
  if (!usable.length) return text.trim().length > 1 ? Math.floor(middle) : null;
  return usable.reduce((best, at) => (Math.abs(at - middle) < Math.abs(best - middle) ? at : best));
}
