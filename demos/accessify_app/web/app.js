/** The page around the tabs: which tab is open, language, theme, text size, connection. */

import { make, setText } from "./accessify-captions.js";
import { holdsFiles } from "./film-source.js";
import { keepPresses } from "./press.js";
import { Problem } from "./problem.js";
import { room } from "./room.js";
import { chooseLanguage, language, LANGUAGES, onLanguage, ready, t } from "./text.js";

export const TABS = ["film", "live", "signs", "signing", "about"];
const MODULES = { film: "film.js", live: "live-tab.js", signs: "signs.js", signing: "signing.js", about: "about.js" };
const THEMES = ["system", "light", "dark", "contrast"];
const SIZES = [100, 125, 150, 200];
const PATIENCE = 30_000; // milliseconds for an answer; callbacks take a second at most
const darkness = matchMedia("(prefers-color-scheme: dark)");
const contrast = matchMedia("(prefers-contrast: more)");
let open = "";
let walking = false; // through the tabs by arrow keys: all of that is one step of the browser's history

const kept = (name, usual) => { try { return localStorage.getItem(`accessify-${name}`) ?? usual; } catch { return usual; } };
const keep = (name, value) => { try { localStorage.setItem(`accessify-${name}`, value); } catch { /* until the page is left */ } };

// ---------------------------------------------------------------- theme and text size

function dress() {
  const chosen = kept("theme", "system");
  const usual = contrast.matches ? "contrast" : darkness.matches ? "dark" : "light";
  const theme = chosen === "system" || !THEMES.includes(chosen) ? usual : chosen;
  document.documentElement.dataset.theme = theme;
  document.body?.classList.toggle("dark", theme !== "light");
  const size = Number(kept("text-size", "100"));
  document.documentElement.style.setProperty("--text-size", String((SIZES.includes(size) ? size : 100) / 100));
}
for (const query of [darkness, contrast]) query.addEventListener("change", dress);
dress();
keepPresses();

function chooser(name, entries, chosen, choose) {
  const options = entries.map(([value, label]) => make("option", { value, selected: value === chosen, ...(label.startsWith("shell.") ? { "data-t": label } : {}) }, label.startsWith("shell.") ? "" : label));
  return make("select", { "data-t-label": `shell.${name}`, id: `choose-${name}`, onchange: ({ target }) => choose(target.value) }, ...options);
}

function languageChooser() {
  const select = chooser("language", Object.entries(LANGUAGES), language(), (tag) => chooseLanguage(tag).catch(() => (select.value = language())));
  for (const option of select.options) option.lang = option.value;
  return select;
}

// ---------------------------------------------------------------- tabs

/** Opens a tab; its panel hears "shown" (once it is filled), the one before "left". `step`: "pushState" is one that Back leads back from. */
export function show(name, { step = "replaceState", focus = false } = {}) {
  const wanted = TABS.includes(name) ? name : TABS[0];
  if (wanted === open) return;
  const before = open;
  open = wanted;
  for (const tab of document.querySelectorAll("#page [role=tab]")) {
    const chosen = tab.dataset.tab === wanted;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) tab.focus();
  }
  for (const panel of document.querySelectorAll(".panel")) panel.hidden = panel.id !== wanted;
  if (location.hash.slice(1) !== wanted) history[step](null, "", `#${wanted}`);
  retitle();
  if (before) document.getElementById(before)?.dispatchEvent(new Event("left"));
  if (mounted.has(wanted)) document.getElementById(wanted).dispatchEvent(new Event("shown"));
}

function retitle() { if (open) document.title = `${t(`shell.tab.${open}`)} – accessify`; }

function keys(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's own
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -TABS.length, End: TABS.length }[event.key];
  if (!step) return;
  event.preventDefault();
  const place = TABS.indexOf(open) + step;
  const wrapped = Math.abs(step) === 1 ? (place + TABS.length) % TABS.length : Math.min(Math.max(place, 0), TABS.length - 1);
  show(TABS[wrapped], { focus: true, step: walking ? "replaceState" : "pushState" });
  walking = true; // the focus has moved
}

/** Back or Forward, or a link to another tab: the focus, lost with what is hidden now, goes to the tab. */
function follow() {
  show(location.hash.slice(1), { focus: !document.activeElement?.closest(".display") });
}

/** Fills the bar at the top of the page. */
export async function head(element) {
  await ready;
  const list = element.querySelector("[role=tablist]");
  list.append(...TABS.map((name) => make("button", {
    type: "button", role: "tab", id: `tab-${name}`, "data-tab": name, "aria-controls": name, "aria-selected": "false", tabindex: -1,
    "data-t": `shell.tab.${name}`, onclick: () => show(name, { step: "pushState" }),
  })));
  list.addEventListener("keydown", keys);
  list.addEventListener("focusout", () => (walking = false));
  element.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(open)?.focus();
  });
  element.querySelector(".display").append(
    languageChooser(),
    chooser("theme", THEMES.map((name) => [name, `shell.theme.${name}`]), kept("theme", "system"), (value) => { keep("theme", value); dress(); }),
    chooser("text-size", SIZES.map((size) => [String(size), `shell.size.${size}`]), kept("text-size", "100"), (value) => { keep("text-size", value); dress(); }),
  );
  tellConnection(element.querySelector(".connection"));
  addEventListener("hashchange", follow);
  for (const type of ["dragover", "drop"]) addEventListener(type, (event) => holdsFiles(event) && event.preventDefault()); // beside a place for files: the browser would leave the page
  onLanguage(retitle);
  dress();
  settle();
}

function tellConnection(box) {
  let fresh = 0; // a timer: the room is a new one, which is told for a while
  const tell = (state) => {
    if (state === "new") fresh ||= setTimeout(() => { fresh = 0; tell(room.connection); }, 15000);
    const text = state === "lost" ? t("shell.lost") : fresh ? t("shell.new-room") : "";
    if (box.textContent !== text) box.textContent = text;
  };
  room.on("connection", tell);
  tell(room.connection);
  onLanguage(() => tell(room.connection));
}

// ---------------------------------------------------------------- panels

const mounting = new Map(); // name → promise
const mounted = new Set(); // names

/** Called by each panel of the page: loads its module and lets it fill the panel. */
export function mount(name, element, call) {
  const root = element.querySelector(`#${name}`);
  root.setAttribute("aria-labelledby", `tab-${name}`);
  const ask = async (callback, ...args) => {
    await room.ready;
    const { problem, answer } = (await inTime(call({ callback, key: room.key, args }))) ?? { problem: { code: "unreachable" } };
    if (problem) throw new Problem(problem);
    return answer;
  };
  mounting.set(name, ready.then(() => import(new URL(`web/${MODULES[name]}`, document.baseURI)))
    .then((tab) => tab.mount(root, ask))
    .then(() => {
      mounted.add(name);
      if (open === name) root.dispatchEvent(new Event("shown"));
    })
    .catch((error) => { console.error(error); root.append(make("p", { class: "problem", role: "alert" }, t("problem.unexpected"))); }));
  settle();
}

/** What `answer` becomes; undefined, as Gradio gives it without a connection, where it takes too long. */
const inTime = (answer) => Promise.race([answer, new Promise((done) => setTimeout(done, PATIENCE))]);

/** Opens the tab of the address once everything is there. */
async function settle() {
  if (mounting.size < TABS.length || !document.querySelector("#page [role=tab]")) return;
  show(location.hash.slice(1));
  await Promise.all(mounting.values());
  document.documentElement.dataset.ready = "true";
}

// ---------------------------------------------------------------- words of the player element

/** The element's own words are English; others lie beside those of the page. */
async function relabel(tag) {
  const words = tag === "en" ? {} : await fetch(new URL(`web/text/player.${tag}.json`, document.baseURI)).then((answer) => answer.json());
  if (tag === language()) setText(words);
}
onLanguage(relabel);
ready.then(() => relabel(language()));
