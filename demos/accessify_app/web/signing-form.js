/** What is to be signed, in which sign language, and who signs. */

import { make } from "./accessify-captions.js";
import { choices, chosenOf } from "./choices.js";
import { attempt, clearProblem } from "./problem.js";
import { room } from "./room.js";
import { OwnSigns } from "./signing-own.js";
import { clock, duration, has, language, onLanguage, t } from "./text.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5];
const STYLES = ["avatar", "skeleton"];
const WORDS = ["missing", "all", "none"];
const SOURCES = ["text", "draft", "file"];
const FILES = ".vtt,.srt,.ass,.ssa,.ttml,.dfxp,.xml,.sbv,.lrc,.scc,.json,.txt,.sub";
const EXAMPLES = { en: "Hello, I am Anna.", de: "Guten Tag, wie ist dein Name?", zh: "你好，世界！" };
const LATE = 3; // seconds behind the captions that are told
const PAUSE = 400; // milliseconds without a key before the length is told

/** The name of a language in the reader's language. */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames([language()], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

const count = (number) => new Intl.NumberFormat(language()).format(number);

export function signName(code) {
  const key = `signing.language.${code}`;
  return has(key) ? t(key) : code;
}

/** A select with its label; words come from `key.value`, or from `named(value)`. */
function selected(name, label, values, { named = null, chosen = null } = {}) {
  const id = `signing-${name}`;
  const select = make("select", { id }, ...values.map((value) => make("option", {
    value, selected: value === chosen, ...(named ? {} : { t: `signing.${name}.${value}` }),
  }, named ? named(value) : "")));
  return { select, node: make("div", { class: "field" }, make("label", { for: id, t: label }), select) };
}

export class SigningForm {
  #ask; #choices = null; #captions = {}; #timer = 0; #languages; #written; #speed; #skin; #hair; #style; #words;

  constructor(ask, onSign) {
    this.#ask = ask;
    this.problem = make("div", { class: "problem" });
    this.text = make("textarea", { id: "signing-text", rows: 5, "aria-describedby": "signing-length", dir: "auto", oninput: () => this.#measureSoon() });
    this.example = make("button", { type: "button", class: "quiet small", t: "signing.example", onclick: () => this.#example() });
    this.length = make("p", { class: "hint", id: "signing-length" });
    this.first = make("input", { id: "signing-first", type: "number", min: 1, value: 1, inputmode: "numeric", onchange: () => this.#recount() });
    this.about = make("p", { role: "status" });
    this.late = make("p", { class: "note", hidden: true });
    this.file = make("input", { id: "signing-file", type: "file", accept: FILES, onclick: () => { this.file.value = ""; }, onchange: () => this.#open() }); // the same file may be chosen again once it is mended
    this.button = make("button", { type: "submit", class: "primary", t: "signing.sign" });
    this.languages = make("div", { class: "stack signing-languages" });
    this.own = new OwnSigns(ask);
    this.more = make("details", {}, make("summary", { t: "signing.more" }));
    this.node = make("form", { class: "stack", novalidate: true, onsubmit: (event) => { event.preventDefault(); if (this.button.getAttribute("aria-disabled") !== "true") onSign(); } },
      this.#sources(), this.#textPart(), this.#captionPart(), this.#filePart(), this.#chosenPart(), this.problem,
      make("fieldset", { class: "signing-fieldset" }, make("legend", { t: "signing.sign-language" }), this.languages),
      this.more, this.own.node, make("div", { class: "row" }, this.button));
    this.#show();
    onLanguage(() => this.#words_());
  }

  #sources() {
    this.source = choices("signing.source", SOURCES, { onchange: () => this.#show() });
    return this.source;
  }

  #textPart() {
    this.textPart = make("div", { class: "field" },
      make("div", { class: "row signing-text-row" }, make("label", { for: "signing-text", t: "signing.text" }), this.example), this.text, this.length);
    return this.textPart;
  }

  #captionPart() {
    this.captionPart = make("p", { hidden: true }, make("span", { t: "signing.no-captions" }), " ", make("a", { href: "#film", t: "signing.to-film" }));
    return this.captionPart;
  }

  #filePart() {
    this.filePart = make("div", { class: "field", hidden: true }, make("label", { for: "signing-file", t: "signing.file" }), this.file);
    return this.filePart;
  }

  #chosenPart() {
    this.chosenPart = make("div", { class: "stack", hidden: true }, this.about, this.late,
      make("div", { class: "field signing-first" }, make("label", { for: "signing-first", t: "signing.first" }), this.first));
    return this.chosenPart;
  }

  /** Offers what this machine can do. */
  choose(choices) {
    this.#choices = choices;
    const { languages, skins, hairs, no_avatar: noAvatar } = choices;
    const usual = language() === "zh-Hans" ? "csl" : "ase";
    this.languages.replaceChildren(...languages.map((one) => this.#languageChoice(one, usual)));
    const tags = ["", ...new Set(["en", "zh", ...languages.map(({ written }) => written)])];
    this.#written = selected("written", "signing.written", tags, { named: (tag) => (tag ? languageName(tag) : t("signing.automatic")), chosen: "" });
    this.#speed = selected("speed", "signing.speed", SPEEDS.map(String), { chosen: "1" });
    this.#speed.select.addEventListener("change", () => { this.#measure(); this.#drawCaptions(); });
    this.#style = selected("style", "signing.style", STYLES, { chosen: noAvatar ? "skeleton" : "avatar" });
    this.#skin = selected("skin", "signing.skin", skins, { chosen: "light" });
    this.#hair = selected("hair", "signing.hair", hairs, { chosen: "brown" });
    this.#words = selected("words", "signing.words", WORDS, { chosen: "missing" });
    this.noAvatar = noAvatar ? make("div", { class: "note" }, make("p", { t: "signing.no-avatar" }), make("p", { class: "hint", lang: "en" }, noAvatar)) : null;
    if (noAvatar) {
      this.more.open = true;
      this.#style.select.querySelector("[value=avatar]").disabled = true;
    }
    this.more.append(make("div", { class: "stack" },
      ...(this.noAvatar ? [this.noAvatar] : []),
      make("div", { class: "fields" }, this.#written.node, this.#speed.node, this.#style.node, this.#skin.node, this.#hair.node, this.#words.node),
      make("p", { class: "hint", t: "signing.speed-hint" })));
    this.#measure();
  }

  #languageChoice({ code, written, words: known }, usual) {
    const what = known === 0 ? "signing.only-letters" : known === null ? "signing.signs-unfetched" : "signing.signs";
    const id = `signing-language-${code}`;
    const name = make("strong", { class: "signing-language-name" });
    const told = make("span", { class: "hint", id: `${id}-told` });
    const words = () => {
      name.textContent = signName(code);
      told.textContent = t(what, { n: count(known ?? 0), language: languageName(written) });
    };
    words();
    onLanguage(words);
    return make("label", { class: "signing-language" },
      make("input", { type: "radio", name: "signing-language", id, value: code, checked: code === usual, "aria-describedby": `${id}-told` }), make("span", {}, name, told));
  }

  /** What is asked to be signed. */
  asked() {
    const language_ = this.node.querySelector("[name=signing-language]:checked")?.value ?? "ase";
    return {
      source: this.#source(),
      ...(this.#source() === "text" ? { text: this.text.value } : { first: Number(this.first.value) || 1 }),
      language: language_,
      written: this.#written.select.value,
      speed: Number(this.#speed.select.value),
      style: this.#style.select.value,
      skin: this.#skin.select.value,
      hair: this.#hair.select.value,
      words: this.#words.select.value,
    };
  }

  /** Sets the form to what was asked before. */
  fill(asked) {
    if (asked.source && asked.source !== "text") this.#choose("signing-source", asked.source);
    if (asked.text) this.text.value = asked.text;
    if (asked.first) this.first.value = asked.first;
    this.#choose("signing-language", asked.language);
    const selects = { written: this.#written, speed: this.#speed, style: this.#style, skin: this.#skin, hair: this.#hair, words: this.#words };
    for (const [name, { select }] of Object.entries(selects)) {
      if (asked[name] !== undefined && [...select.options].some(({ value }) => value === String(asked[name]))) select.value = String(asked[name]);
    }
    this.#show();
    this.#measure();
  }

  #choose(name, value) {
    const input = [...this.node.querySelectorAll(`[name=${name}]`)].find((each) => each.value === value);
    if (input) input.checked = true;
  }

  /** Whether nobody wrote anything yet. */
  get empty() { return !this.text.value; }

  busy(on) { this.button.setAttribute("aria-disabled", String(on)); } // it keeps the focus

  /** The style that needs no OpenGL. */
  skeleton() { this.#style.select.value = "skeleton"; }

  #source() { return chosenOf(this.source); }

  #show() {
    const source = this.#source();
    clearProblem(this.problem);
    this.textPart.hidden = source !== "text";
    this.filePart.hidden = source !== "file";
    this.#drawCaptions();
    if (source !== "text") attempt(this.problem, () => this.refresh());
  }

  /** Asks which captions there are; the first tab may have made some meanwhile. */
  async refresh() {
    const source = this.#source();
    if (source === "text") return;
    try {
      this.#captions[source] = await this.#ask("captions", source, Math.max(1, Number(this.first.value) || 1));
    } catch (error) {
      if (error.code === "option-error" && this.first.value !== "1") {
        this.first.value = 1; // there are fewer captions now
        return this.refresh();
      }
      delete this.#captions[source];
      if (!["no-draft", "no-captions"].includes(error.code)) throw error;
    }
    this.#drawCaptions();
  }

  #recount() { attempt(this.problem, () => this.refresh()); }

  async #open() {
    const [file] = this.file.files;
    if (!file) return;
    await attempt(this.problem, async () => {
      const suffix = /\.[a-z0-9]{1,8}$/i.exec(file.name)?.[0].toLowerCase() ?? ".vtt";
      const name = `signing.captions${suffix}`;
      await room.upload(file, name);
      this.first.value = 1;
      this.#captions.file = await this.#ask("open_captions", name);
    });
    this.#drawCaptions();
  }

  #drawCaptions() {
    const source = this.#source();
    const found = this.#captions[source];
    this.captionPart.hidden = source !== "draft" || Boolean(found);
    this.chosenPart.hidden = source === "text" || !found;
    if (!found) return;
    this.first.max = found.total;
    const { first, last, total, start, end } = found;
    this.about.textContent = [
      t("signing.captions", { n: total, language: found.language ? languageName(found.language) : t("signing.some-language") }),
      t(last === total && first === 1 ? "signing.captions-all" : "signing.captions-part", { first, last, start: clock(start), end: clock(end) }),
    ].join(" ");
    const { seconds = 0.6, fastest = 1 } = this.#choices?.letters ?? {};
    const late = (found.letters * seconds) / Math.max(fastest, this.#rate()) - (end - start);
    this.late.hidden = late < LATE;
    this.late.textContent = t("signing.behind", { time: duration(late) });
  }

  #rate() { return Number(this.#speed?.select.value) || 1; }

  /** A short text in the language that the chosen sign language goes with. */
  #example() {
    const { written = "en" } = this.#choices?.languages.find(({ code }) => code === this.asked().language) ?? {};
    this.text.value = EXAMPLES[written] ?? EXAMPLES.en;
    this.text.focus();
    this.#measure();
  }

  #measureSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#measure(), PAUSE);
  }

  /** Tells how long signing will take, or that the text is too long. */
  #measure() {
    if (!this.#choices) return;
    const { most, han, seconds } = this.#choices.letters;
    const letters = [...this.text.value.matchAll(/[\p{L}\p{N}]/gu)].reduce((sum, [char]) => sum + (/\p{Script=Han}/u.test(char) ? han : 1), 0);
    const over = letters > most;
    this.length.textContent = over
      ? t("signing.too-long", { n: count(most), chinese: count(most / han) })
      : letters ? t("signing.takes", { time: duration((letters * seconds) / this.#rate()) }) : t("signing.limit", { n: count(most), chinese: count(most / han) });
    this.text.setAttribute("aria-invalid", String(over));
    const own = this.text.value && !Object.values(EXAMPLES).includes(this.text.value);
    this.example.style.visibility = own ? "hidden" : ""; // it would take the place of what somebody wrote
  }

  /** Words that are built here, in the language that was chosen. */
  #words_() {
    this.#measure();
    this.#drawCaptions();
    for (const option of this.#written?.select.options ?? []) option.textContent = option.value ? languageName(option.value) : t("signing.automatic");
  }
}
