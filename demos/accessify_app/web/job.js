/** How far a job of the room has come: stage, time left, place in the queue, and a way to stop it. */

import { make } from "./accessify-captions.js";
import { room } from "./room.js";
import { duration, has, onLanguage, percent, t } from "./text.js";

const RUNNING = new Set(["queued", "running"]);

/** Follows the newest job of one kind; `node` goes into the page and is hidden while there is none. */
export class JobView {
  #kind; #tell; #job = null; #stage; #left; #bar; #cancel; #said;

  /** `cancel(id)` asks the server to stop; `onStart` (also of a job that waits), `onDone`, `onFail` and `onCancel` get the job. */
  constructor({ kind, cancel = null, onStart = null, onDone = null, onFail = null, onCancel = null }) {
    [this.#kind, this.#tell] = [kind, { queued: onStart, running: onStart, done: onDone, failed: onFail, cancelled: onCancel }];
    this.#stage = make("span", { class: "job-stage" });
    this.#left = make("span", { class: "hint" });
    this.#bar = make("progress", { max: 1, "data-t-label": "shell.progress" });
    this.#said = make("span", { class: "visually-hidden", role: "status" });
    this.#cancel = make("button", { type: "button", class: "small", "data-t": "shell.cancel", hidden: !cancel, onclick: () => cancel?.(this.#job?.id) });
    this.node = make("div", { class: "job", hidden: true },
      make("div", { class: "row" }, make("span", {}, this.#stage, " ", this.#left), this.#cancel), this.#bar, this.#said);
    room.on("job", ({ job }) => this.take(job));
    room.on("state", ({ jobs }) => { this.#forget(jobs); this.takeAll(jobs); });
    setTimeout(() => room.job(kind) && !this.#job && this.take(room.job(kind))); // told before this was here
    onLanguage(() => this.#draw());
  }

  get job() { return this.#job; }

  get busy() { return RUNNING.has(this.#job?.status); }

  /** Takes up what `room.state().jobs` tells. */
  takeAll(jobs) {
    const mine = jobs.filter((job) => job.kind === this.#kind);
    if (mine.length) this.take(mine.at(-1));
  }

  take(job) {
    if (job.kind !== this.#kind) return;
    const before = this.#job;
    const same = before?.id === job.id;
    if (same && !this.busy) return; // what is over stays so: older news came late
    this.#job = job;
    this.#draw();
    if (!same || before.status !== job.status || before.ahead !== job.ahead) this.#say(job); // not each change of the time
    if (same && before.status === job.status) return;
    if (!this.busy) this.#said.textContent = "";
    this.#tell[job.status]?.(job);
  }

  /** The room is another one, where the server was started anew: what was being done is not any more. */
  #forget(jobs) {
    if (this.busy && !jobs.some(({ id }) => id === this.#job.id)) this.take({ ...this.#job, status: "cancelled" });
  }

  #say(job) {
    if (RUNNING.has(job.status)) this.#said.textContent = `${this.#stageText()} ${this.#leftText()}`;
  }

  #draw() {
    if (!this.busy && this.node.contains(document.activeElement)) this.node.closest(".panel")?.focus(); // not to the page's top
    this.node.hidden = !this.busy;
    if (!this.busy) return;
    this.#stage.textContent = this.#stageText();
    this.#left.textContent = this.#leftText();
    const { done, total } = this.#job;
    if (total) this.#bar.value = Math.min(done / total, 1);
    else this.#bar.removeAttribute("value");
  }

  #stageText() {
    const { status, stage = "" } = this.#job;
    if (status === "queued") return t("shell.queued");
    const [name, ...rest] = (stage || "working").split(" ");
    const keys = [`stage.${[name, ...rest].join("-")}`, `stage.${name}`];
    const key = keys.find(has);
    return key ? t(key, { what: rest.join(" ") }) : stage;
  }

  #leftText() {
    const { status, ahead, wait, done, total, left } = this.#job;
    if (status === "queued") return !ahead ? "" : wait == null ? t("shell.ahead", { n: ahead }) : t("shell.ahead.wait", { n: ahead, time: duration(wait) });
    const parts = total ? [percent(Math.min(done / total, 1))] : [];
    if (left != null) parts.push(t("shell.left", { time: duration(left) }));
    return parts.join(" · ");
  }
}
