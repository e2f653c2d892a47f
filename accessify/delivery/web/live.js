/** The page of `accessify serve`: the microphone goes to WS /v1/captions, the captions come into the pane. */

import { make, preferences } from "./accessify-captions.js";
import { lineWishes, listMicrophones, LiveCaptions, say, WORDS } from "./live-captions.js";
import { keptToken } from "./live-session.js";
import { Microphone } from "./live-sound.js";
import { addRow, save, Transcript } from "./live-transcript.js";

const language = new URLSearchParams(location.search).get("lang");
const byId = (id) => document.getElementById(id);
const captions = byId("captions");
if (language) captions.setAttribute("srclang", language);

const transcript = new Transcript((entry) => addRow(byId("transcript"), entry));
const wishes = () => lineWishes(captions, { easy: byId("pace").checked, language });
const live = new LiveCaptions({ captions, transcript, say, wishes });

live.addEventListener("mode", ({ detail }) => show(detail));
live.addEventListener("problem", ({ detail }) => explain(detail));
live.addEventListener("message", () => { for (const id of ["save-txt", "save-vtt"]) byId(id).disabled = transcript.empty; });
live.addEventListener("level", ({ detail }) => {
  byId("level").style.setProperty("--level", String(Math.min(Math.sqrt(detail) * 1.1, 1)));
});

function show(mode) {
  document.body.dataset.mode = mode;
  byId("start").textContent = say(live.running ? "stop" : "start");
  const state = say(`state.${mode}`);
  if (byId("state").textContent !== state) byId("state").textContent = state;
  for (const id of ["device", "pace"]) byId(id).disabled = live.running;
  if (mode === "connecting") listDevices(); // they have names now
}

function explain(problem) {
  const box = byId("problem");
  box.replaceChildren();
  if (!problem) return;
  const { kind, detail } = problem;
  if (kind === "token") return askForToken();
  if (kind === "pulled") listDevices();
  tell(Object.hasOwn(WORDS, `problem.${kind}`) ? kind : "NotReadableError", detail?.text);
}

function tell(kind, detail) {
  const head = make("strong", {}, say(`problem.${kind}`));
  byId("problem").replaceChildren(head, ` ${detail ? `${detail}. ` : ""}${say(`fix.${kind}`)}`);
}

function askForToken() {
  tell(keptToken.get() ? "wrong-token" : "token");
  show("ready");
  byId("token-form").hidden = false;
  byId("token").focus();
}

function start() {
  byId("token-form").hidden = true;
  live.start(new Microphone(byId("device").value));
}

const listDevices = () => listMicrophones(byId("device"), new Option("Default microphone", ""));

/** What a browser keeps for this page; where it keeps nothing, until the page is left. */
const kept = (value) => {
  try {
    if (value === undefined) return localStorage.getItem("accessify-page");
    localStorage.setItem("accessify-page", value);
  } catch { /* blocked */ }
  return null;
};

/** Beside the captions where there is room, else folded away. */
const wide = matchMedia("(min-width: 64rem)");
const fold = () => (byId("more").open = wide.matches);
wide.addEventListener("change", fold);
fold();

byId("pace").checked = kept() === "easy";
byId("pace").addEventListener("change", () => kept(byId("pace").checked ? "easy" : "direct"));

const resize = (by) => preferences.set({ size: Math.min(Math.max(preferences.values.size + by, 50), 200) });

byId("start").addEventListener("click", () => (live.running ? live.stop() : start()));
byId("smaller").addEventListener("click", () => resize(-10));
byId("larger").addEventListener("click", () => resize(10));
byId("save-txt").addEventListener("click", () => (save(transcript.txt(), "text/plain", "txt"), (transcript.saved = true)));
byId("save-vtt").addEventListener("click", () => (save(transcript.vtt(say("remark")), "text/vtt", "vtt"), (transcript.saved = true)));
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keptToken.set(byId("token").value.trim());
  byId("token").value = "";
  byId("start").focus(); // the form goes
  start();
});
window.addEventListener("beforeunload", (event) => { if (live.running || !transcript.saved) event.preventDefault(); });
navigator.mediaDevices?.addEventListener?.("devicechange", listDevices);
listDevices();
show("ready");
