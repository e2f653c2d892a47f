/** Text to signs: what is to be signed, the film of it, its signs one by one, and what can be made of it. */

import { make } from "./accessify-captions.js";
import { JobView } from "./job.js";
import { attempt, clearProblem, Problem, showProblem } from "./problem.js";
import { room } from "./room.js";
import { SigningForm } from "./signing-form.js";
import { SigningList } from "./signing-list.js";
import { SigningPlayer } from "./signing-player.js";
import { SigningSave } from "./signing-save.js";
import { t } from "./text.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Fills the panel. */
export async function mount(root, ask) {
  const tab = new SigningTab(root, ask);
  await tab.begin();
}

class SigningTab {
  #root; #ask; #form; #player; #list; #save; #job; #answer = null; #pressed = false; #untouched = true; #chosen = null; #looks = null; #looked = -1;

  constructor(root, ask) {
    [this.#root, this.#ask] = [root, ask];
    this.problem = make("div", { class: "problem" });
    this.instead = make("button", { type: "button", t: "signing.as-skeleton", hidden: true, onclick: () => this.#sign() });
    this.said = make("p", { class: "visually-hidden", role: "status" });
    this.#form = new SigningForm(ask, () => this.#sign());
    this.#player = new SigningPlayer((number) => this.#list.point(number));
    this.#list = new SigningList((number) => this.#player.replay(number));
    this.#save = new SigningSave(ask);
    this.#job = new JobView({
      kind: "sign",
      cancel: (id) => attempt(this.problem, () => ask("cancel", id)),
      onStart: () => this.#busy(true),
      onDone: () => this.#ended(),
      onFail: ({ problem }) => this.#failed(new Problem(problem)),
      onCancel: () => { this.#pressed = false; this.#ended(); },
    });
    root.append(this.#arranged());
  }

  #arranged() {
    return make("div", { class: "stack" },
      make("h2", { t: "signing.title" }),
      make("p", { class: "lead", t: "signing.lead" }),
      make("p", { class: "note", t: "signing.no-interpreter" }),
      make("div", { class: "split signing-split" },
        make("div", { class: "card stack" }, this.#form.node, this.problem, this.instead, this.#job.node, this.said),
        make("div", { class: "stack" }, this.#player.node)),
      make("div", { class: "split signing-split" }, this.#list.node, this.#save.node));
  }

  /** Takes up what the room holds: a page that was loaded anew goes on where it was. */
  async begin() {
    this.#root.addEventListener("left", () => this.#player.pause());
    this.#root.addEventListener("shown", () => this.#refresh());
    room.on("draft", () => this.#refresh());
    room.on("connection", (state) => { if (state === "new") this.#forget(); });
    room.on("signing", () => attempt(this.problem, () => this.#fetch()));
    room.on("job", ({ job }) => this.#look(job));
    await attempt(this.#form.own.problem, () => this.#form.own.fetch());
    await attempt(this.problem, async () => {
      await this.#choose();
      await this.#fetch();
      const { jobs = [] } = await room.state();
      this.#job.takeAll(jobs);
      this.#save.takeAll(jobs);
    });
    this.#refresh();
  }

  /** What can be chosen, once: events of the room may come before or after it. */
  #choose() {
    this.#chosen ??= this.#ask("choices").then((choices) => {
      this.#looks = choices.looks;
      this.#form.choose(choices);
    }).catch((error) => {
      this.#chosen = null; // asked again next time
      throw error;
    });
    return this.#chosen;
  }

  /** Captions and film may have come in the first tab. */
  #refresh() {
    if (this.#root.hidden) return;
    attempt(this.#form.problem, () => this.#form.refresh());
    attempt(this.#save.problem, () => this.#save.refresh());
  }

  async #sign() {
    [this.#pressed, this.#untouched] = [true, false];
    this.#busy(true);
    const taken = await attempt(this.problem, () => this.#ask("sign", { ...this.#form.asked(), film: filmKind() }));
    if (!taken) this.#busy(this.#job.busy);
  }

  #busy(on) {
    this.#form.busy(on);
    if (!on) return;
    this.instead.hidden = true;
    clearProblem(this.problem);
  }

  async #fetch() {
    await this.#choose();
    const answer = await this.#ask("answer");
    if (!answer) return;
    const before = this.#answer;
    this.#answer = answer;
    if (before?.version !== answer.version) {
      if (this.#untouched && this.#form.empty) this.#form.fill(answer.asked);
      this.#untouched = false;
      this.#list.show(answer);
      this.#player.prepare(answer);
    }
    this.#save.show(answer);
    if (answer.film && (before?.version !== answer.version || before.film !== answer.film)) {
      this.#list.show(answer); // drawing adds notes
      this.#player.show(answer, room.url(answer.film), { play: this.#pressed && !still.matches && !this.#root.hidden });
      if (this.#pressed) this.said.textContent = t("signing.ready", { sum: this.#list.sum });
      this.#pressed = false;
    }
  }

  /** A look at what is being drawn; one only where motion is not wanted. */
  #look(job) {
    if (job.kind !== "sign" || job.status !== "running" || job.stage !== "draw" || !this.#looks) return;
    const number = Math.floor(job.done * this.#looks.second);
    if (number === this.#looked || (still.matches && this.#player.looking)) return;
    this.#looked = number;
    this.#player.look(`${room.url(`signing-look-${number % this.#looks.names}.jpg`)}?of=${job.id}-${number}`, job.done, { reveal: this.#pressed });
  }

  async #ended() {
    this.#busy(false);
    await attempt(this.problem, () => this.#fetch());
    this.#player.rest();
  }

  #failed(error) {
    this.#pressed = false;
    this.#ended();
    showProblem(this.problem, error);
    if (error.code !== "no-open-gl") return;
    this.#form.skeleton();
    this.instead.hidden = false;
  }

  /** The server was started anew: what was made there is gone, what is written here stays. */
  #forget() {
    this.#answer = null;
    this.#busy(false);
    this.#player.clear();
    this.#list.clear();
    this.#save.clear();
    attempt(this.#form.own.problem, () => this.#form.own.fetch());
    this.#refresh();
  }
}

/** The kind of film that this browser plays: MP4 wherever it can, since other programs take it too. */
function filmKind() {
  return make("video").canPlayType('video/mp4; codecs="avc1.640028"') ? "mp4" : "webm";
}

