/** About and limits: what machines cannot do, where data goes, what was measured, models, keys, versions. */

import { make } from "./accessify-captions.js";
import { attempt, Problem } from "./problem.js";
import { room } from "./room.js";
import { bytes, language, onLanguage, t } from "./text.js";

const PARTS = ["limits", "data", "figures", "models", "keys", "version"];
const LIMITS = { captions: 4, signs: 4, avatar: 5 };
const KEPT = ["films", "microphone", "camera", "book", "browser", "models"];
const KEYS = {
  page: [["Tab"], ["Enter"], ["←", "→"], ["Esc"]],
  player: [["c"], ["o"], ["p"]],
};
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const UNITS = {
  wer: "percent", wer_film: "percent", missed: "percent", invented_clips: "minute", word_starts_close: "percent", speed: "times",
  shown_p50: "seconds", committed_p50: "seconds", committed_p95: "seconds", recommitted: "words", wer_live: "percent",
  encoded_720: "pictures", start: "seconds",
};
const unitOf = (name) => UNITS[name] ?? "percent";

const HERE = LOOPBACK.test(location.hostname);
const number = (value, digits) => new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const few = (value) => new Intl.NumberFormat(language(), { maximumFractionDigits: 2 }).format(value);
const day = (text) => new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(text));

export function mount(root, ask) {
  const places = Object.fromEntries(PARTS.map((name) => [name, make("div", { class: "stack" })]));
  const problem = make("div", { class: "problem" });
  let facts = null;
  let asked = null;

  root.classList.add("about");
  root.append(make("div", { class: "stack about-page" },
    make("header", { class: "stack" },
      make("h2", { t: "about.title" }),
      make("p", { class: "lead", t: "about.lead" }),
      make("nav", { class: "row", "t-label": "about.contents" }, ...PARTS.map((name) => make("button", { type: "button", class: "small", t: `about.${name}.short`, onclick: () => go(name) })))),
    ...PARTS.map((name) => make("section", { class: "stack about-part", "aria-labelledby": `about-${name}` },
      make("h3", { id: `about-${name}`, tabindex: -1, t: `about.${name}.title${name === "data" && !HERE ? ".there" : ""}` }), places[name])),
  ));

  function go(name) {
    const title = root.querySelector(`#about-${name}`);
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  }

  function draw() {
    places.limits.replaceChildren(...limits());
    places.keys.replaceChildren(...keys());
    places.data.replaceChildren(...data(facts));
    places.figures.replaceChildren(problem, ...(facts ? figures(facts.figures) : []));
    places.models.replaceChildren(...(facts ? models(facts.models) : []));
    places.version.replaceChildren(...(facts ? versions(facts.versions) : []));
  }

  async function load() {
    asked ??= attempt(problem, () => ask("facts"));
    const found = await asked;
    if (!found) asked = null; // it is tried again when the tab is opened anew
    if (facts || !found) return;
    facts = found;
    draw();
  }

  root.addEventListener("shown", load);
  onLanguage(draw);
  draw();
  if (!root.hidden) load(); // the page was opened here, before this module came
}

// ---------------------------------------------------------------- what machines cannot do

function limits() {
  return [
    make("div", { class: "about-cards" }, ...Object.entries(LIMITS).map(([name, count]) => make("article", { class: "card stack" },
      make("h4", {}, t(`about.limits.${name}`)),
      make("ul", {}, ...Array.from({ length: count }, (_, index) => make("li", {}, t(`about.limits.${name}.${index + 1}`))))))),
    make("p", { class: "note" }, t("about.limits.respect")),
  ];
}

// ---------------------------------------------------------------- where data goes

function data(facts) {
  return [
    make("p", {}, make("strong", {}, t(HERE ? "about.data.here" : "about.data.there", { host: location.hostname }))),
    make("p", {}, t("about.data.proof")),
    make("dl", { class: "about-list" }, ...KEPT.flatMap((name) => [
      make("dt", {}, t(`about.data.${name}`)),
      make("dd", {}, t(`about.data.${name}.kept`, { hours: facts ? few(facts.keeps.hours) : "…" })),
    ])),
    remover(),
  ];
}

/** Removes the room of this page, after a second press: what was made is gone for good. */
function remover() {
  const box = make("div", { class: "stack" });
  const first = make("button", { type: "button", onclick: sure }, t("about.data.remove"));
  function sure() {
    const really = make("button", { type: "button", class: "danger", onclick: remove }, t("about.data.remove.really"));
    const keep = make("button", { type: "button", onclick: () => { box.replaceChildren(make("div", { class: "row" }, first)); first.focus(); } }, t("about.data.remove.keep"));
    box.replaceChildren(make("p", { role: "alert" }, t("about.data.remove.warning")), make("div", { class: "row" }, really, keep));
    keep.focus();
  }
  async function remove() {
    const trouble = make("div", { class: "problem" });
    box.append(trouble);
    await attempt(trouble, async () => {
      const answer = await fetch(new URL(`rooms/${room.key}`, document.baseURI), { method: "DELETE" });
      if (!answer.ok && answer.status !== 404) throw new Problem({ code: "failed", text: `DELETE: ${answer.status}` });
      addEventListener("pagehide", () => sessionStorage.clear()); // behind those that keep a transcript over a reload
      location.reload();
    });
  }
  box.append(make("div", { class: "row" }, first));
  return box;
}

// ---------------------------------------------------------------- what was measured

function figures(benches) {
  return [
    make("p", {}, t("about.figures.intro")),
    make("div", { class: "about-pairs" }, ...benches.map(bench)),
  ];
}

function bench({ bench: name, date, hardware, commit, data: material, notes, rows }) {
  const on = t("about.figures.on", { date: day(date), cpu: hardware.cpu, cores: hardware.cores, ram: number(hardware.ram_gb, 0), commit });
  return make("article", { class: "card stack" },
    make("table", {},
      make("caption", {}, make("h4", {}, t(`about.figures.${name}`))),
      make("thead", { class: "visually-hidden" }, make("tr", {}, make("th", { scope: "col" }, t("about.figures.what")), make("th", { scope: "col" }, t("about.figures.measured")))),
      make("tbody", {}, ...rows.map(row))),
    make("p", { class: "hint" }, on),
    make("details", {},
      make("summary", {}, t("about.figures.how")),
      make("div", { class: "stack about-how", lang: "en" },
        make("dl", {}, ...rows.flatMap(({ name: key, formula }) => [make("dt", { lang: language() }, t(`about.figure.${key}`)), make("dd", {}, formula)])),
        make("p", {}, `data: ${material}. ${notes.join(" ")}`))));
}

function row({ name, value, digits, goal, at_most: atMost, reached }) {
  const shown = t(`about.unit.${unitOf(name)}`, { n: number(value, digits) });
  const verdict = goal == null ? null : make("span", { class: "about-goal" },
    make("span", { class: "hint" }, t(atMost ? "about.figures.at-most" : "about.figures.at-least", { goal: few(goal) })),
    make("span", { class: reached ? "badge good" : "badge attend" }, t(reached ? "about.figures.reached" : "about.figures.missed")));
  return make("tr", {}, make("th", { scope: "row" }, t(`about.figure.${name}`)), make("td", {}, make("strong", {}, shown), verdict));
}

// ---------------------------------------------------------------- models

function models(list) {
  return [
    make("p", {}, t("about.models.intro")),
    make("ul", { class: "about-cards about-models" }, ...list.map(({ name, licence, bytes: sizes, source, here }) => make("li", { class: "card stack" },
      make("h4", {}, t(`about.model.${name}`)),
      make("p", {}, t(`about.model.${name}.does`)),
      make("dl", {}, ...[
        ["licence", licence],
        ["size", sizes.map(bytes).join(" – ")],
        ["source", source === "accessify" ? t("about.models.shipped") : source.replace("==", " ")],
        ["state", t(source === "accessify" || here ? "about.models.here" : "about.models.fetched")],
      ].map(([key, value]) => make("div", {}, make("dt", {}, t(`about.models.${key}`)), make("dd", {}, value))))))),
  ];
}

// ---------------------------------------------------------------- keys

function keys() {
  return [...Object.entries(KEYS).map(([where, list]) => make("div", { class: "stack" },
    make("h4", {}, t(`about.keys.${where}`)),
    make("dl", { class: "about-list about-keys" }, ...list.flatMap((names, index) => [
      make("dt", { class: "row" }, ...names.map((name) => make("kbd", {}, t(`about.key.${name}`) === `about.key.${name}` ? name : t(`about.key.${name}`)))),
      make("dd", {}, t(`about.keys.${where}.${index + 1}`)),
    ])))), make("p", {}, t("about.keys.more"))];
}

// ---------------------------------------------------------------- versions

function versions(found) {
  const text = [...Object.entries(found).map(([name, value]) => `${name} ${value}`), navigator.userAgent].join("\n");
  const told = make("p", { class: "hint", role: "status" });
  const box = make("textarea", { readonly: true, rows: 6, id: "about-versions", lang: "en", spellcheck: "false" });
  box.value = text;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not allowed here, e.g. over http: the text is selected to be copied by hand
      box.select();
      told.textContent = t("about.version.by-hand");
      return;
    }
    told.textContent = t("about.version.copied");
  };
  return [
    make("p", {}, t("about.version.licence", { version: found.accessify ?? "" })),
    make("p", {}, t("about.version.report")),
    make("div", { class: "field about-versions" }, make("label", { for: "about-versions" }, t("about.version.list")), box),
    make("div", { class: "row" }, make("button", { type: "button", onclick: copy }, t("about.version.copy")), told),
  ];
}
