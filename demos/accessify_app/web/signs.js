/** The tab "Signs to text". */

import { make } from "./accessify-captions.js";
import { choices, chosenOf } from "./choices.js";
import { BookView } from "./signs-book.js";
import { CameraView } from "./signs-camera.js";
import { Enrolment } from "./signs-enrol.js";
import { FilmView } from "./signs-film.js";
import { Reading } from "./signs-read.js";
import { onLanguage, t } from "./text.js";

const STRICT = { usual: 0.1, strict: 0.02, lenient: 0.3 };

const select = (id, label, values, prefix, onchange) => make("div", { class: "field" }, make("label", { for: id, "data-t": label }),
  make("select", { id, onchange }, ...values.map((value) => make("option", { value, "data-t": `${prefix}.${value}` }))));

export function mount(root, ask) {
  let chosen = false; // whether the reader has chosen what is looked for
  const changed = () => { camera.refresh(); hint(); };
  const mode = choices("signs.mode", ["letters", "signs", "both"], { onchange: () => { chosen = true; changed(); } });
  const hand = select("signs-hand", "signs.hand", ["auto", "right", "left"], "signs.hand", changed);
  const strict = select("signs-strict", "signs.strict", Object.keys(STRICT), "signs.strict", changed);
  const mirrored = make("input", { type: "checkbox", id: "signs-mirrored", onchange: changed });
  const settings = () => ({
    mode: chosenOf(mode), dominant: hand.querySelector("select").value,
    mirrored: mirrored.checked, false_signs: STRICT[strict.querySelector("select").value],
  });

  const reading = new Reading();
  const camera = new CameraView(settings, {
    ready: ({ pause }) => { reading.pause = pause; }, sign: (sign) => reading.sign(sign), letter: (letter) => reading.letter(letter), within: (letter) => reading.within(letter),
    begins: () => { source.querySelector("[value=camera]").checked = true; choose("camera"); }, // a take is recorded: it must be seen
    released: () => { reading.end(); enrolment.halt(); },
  });
  const book = new BookView(ask, () => changed());
  const film = new FilmView(ask, settings);
  const enrolment = new Enrolment(ask, camera, settings, (known, name) => {
    if (!chosen) mode.querySelector("[value=signs]").checked = true;
    book.show(known);
    said.textContent = t("signs.now", { name });
  });
  const said = make("p", { class: "visually-hidden", role: "status" });
  const empty = make("p", { class: "note", hidden: true });
  const both = make("p", { class: "hint", t: "signs.both", hidden: true });
  const hint = () => {
    const { mode: wanted } = settings();
    both.hidden = wanted !== "both";
    const wants = wanted !== "letters";
    empty.hidden = !(wants && book.size === 0);
    empty.textContent = t("signs.empty");
  };

  const source = choices("signs.source", ["camera", "film"], { onchange: ({ target }) => choose(target.value) });
  const live = make("div", { class: "stack" }, camera.node, reading.caption);
  const choose = (value) => {
    if (value === "film") camera.stop();
    else film.pause();
    live.hidden = reading.node.hidden = value !== "camera";
    film.node.hidden = filmResults.hidden = value !== "film";
  };
  const filmResults = make("div", { class: "signs-results" }, film.results);
  const more = make("details", {}, make("summary", { "data-t": "signs.more" }),
    make("div", { class: "stack" }, make("div", { class: "fields" }, hand, strict),
      make("div", { class: "check" }, mirrored, make("label", { for: "signs-mirrored", "data-t": "signs.mirrored" }))));

  root.append(
    make("div", { class: "stack" },
      make("h2", { "data-t": "shell.tab.signs" }),
      make("p", { class: "lead", "data-t": "signs.lead" }),
      make("div", { class: "split signs-split" },
        make("div", { class: "stack signs-looked" }, make("div", { class: "row signs-choices" }, source, mode), both, empty, live, film.node, more,
          make("p", { class: "hint", "data-t": "signs.machine" })),
        make("div", { class: "stack" }, reading.node, filmResults, enrolment.node, book.node)),
      said));
  choose("camera");
  onLanguage(hint);
  book.fetch();
  root.addEventListener("left", () => { if (camera.active) camera.stop("left"); film.pause(); });
  addEventListener("pagehide", () => camera.stop());
}
