import "../shared/shared.css";
import "./playground.css";
import { messageOf } from "../../extension/base/errors";
import {
  DEFAULT_SETTINGS, type PlaygroundHost, type PlaygroundPage, type PlaygroundView, type ShownActivity, type ShownRole, keptShape,
} from "../../extension/protocol/webview/playground";
import { Announcer } from "../shared/announcer";
import { element } from "../shared/dom";
import { Kept, connectHost, showFailures } from "../shared/host";
import { t } from "../shared/l10n";
import { button, grow, growingText, quietButton, select } from "./controls";
import { PromptSection } from "./promptSection";
import { Sampling } from "./sampling";
import { ROLES, TurnCard, type TurnActions } from "./turnCard";

const app = document.getElementById("app") ?? document.body;
showFailures(app);
const kept = new Kept(keptShape, { turns: [], settings: DEFAULT_SETTINGS, draft: "" });
// What was there before the host has told anything, which it is offered.
const before = kept.value;
const host = connectHost<PlaygroundHost, PlaygroundPage>();
const announcer = new Announcer();
let view: PlaygroundView | undefined;

type Methods = PlaygroundHost["methods"];
function ask<M extends keyof Methods>(method: M, params: Methods[M]["params"]): void {
  host.request(method, params).catch((error: unknown) => showFailure(messageOf(error)));
}

const modelName = element("strong", {});
const modelDetail = element("span", { class: "muted" });
const undo = button(t("Undo"), () => ask("undo", null));
const clear = button(t("Clear"), () => ask("clear", null));
const exported = button(t("Export as Row"), () => ask("exportRow", null));
const header = element(
  "header",
  {},
  element("div", { class: "model" }, modelName, " ", modelDetail, " ", quietButton(t("Change model…"), () => ask("chooseModel", null))),
  element("div", { class: "tools" }, undo, clear, exported),
);
const turnList = element("ol", { class: "turns", "aria-label": t("Conversation") });
const welcome = element("p", { class: "welcome" }, t("Write the first turn below. The conversation goes through the model's own chat template, and the prompt that is sent is shown as it is."));
const failure = element("p", { class: "failure", role: "alert", hidden: true });
const tokenLine = element("p", { class: "token-line mono", "aria-live": "off" });
const scroller = element("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": t("Conversation") }, welcome, turnList, failure);

let role: ShownRole = "user";
const roleChoice = select(t("Role of the next turn"), ROLES, (chosen) => (role = chosen));
roleChoice.value = role;
const draft = growingText(t("Next turn"), (text) => {
  kept.set({ draft: text });
  showButtons();
});
draft.placeholder = t("Enter sends, Shift+Enter begins a new line");
const send = button(t("Send"), () => submit(), false);
const addTurn = button(t("Add without answer"), () => addDraft());
const activity = element("span", { class: "muted", role: "status" });
const sampling = new Sampling((change) => {
  if (view !== undefined) ask("configure", { ...view.settings, ...change });
});
const prompt = new PromptSection();
const composer = element(
  "footer",
  {},
  tokenLine,
  element("div", { class: "composer" }, roleChoice, draft),
  element("div", { class: "composer-actions" }, send, addTurn, activity),
  sampling.element,
  prompt.element,
);
app.append(header, scroller, composer, announcer.element);

const cards = new Map<number, TurnCard>();
const actions: TurnActions = {
  onEdit: (id, content) => ask("edit", { id, content }),
  onRole: (id, chosen) => ask("setRole", { id, role: chosen }),
  onRemove: (id) => ask("remove", { id }),
  onRegenerate: (id) => ask("regenerate", { id }),
  onToken: (text) => (tokenLine.textContent = text ?? ""),
};

host.on("view", (next) => {
  const was = view;
  view = next;
  kept.set({ turns: next.turns.map(({ role: each, content, reference }) => ({ role: each, content, reference })), settings: next.settings });
  modelName.textContent = next.model.name;
  modelDetail.textContent = next.model.detail;
  showTurns(next);
  showFailure(next.failure);
  sampling.show(next.settings);
  prompt.show(next.prompt);
  activity.textContent = activityText(next.activity);
  showButtons();
  tokenLine.hidden = !next.turns.some(({ tokens }) => tokens !== null);
  if (was?.activity?.kind === "writing" && next.activity === null) announcer.say(t("The answer is complete."));
});

host.on("stream", ({ turn, text }) => {
  const atEnd = isAtEnd();
  cards.get(turn)?.append(text);
  if (atEnd) toEnd();
});

draft.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isRunning() && event.target === draft) ask("stop", null);
});

draft.value = before.draft;
requestAnimationFrame(() => grow(draft));
ask("ready", before.turns.length === 0 && before.draft === "" ? null : before);

function showTurns({ turns, activity: now }: PlaygroundView): void {
  const atEnd = isAtEnd();
  welcome.hidden = turns.length > 0;
  const ids = new Set(turns.map(({ id }) => id));
  for (const [id, card] of cards) {
    if (ids.has(id)) continue;
    card.element.remove();
    cards.delete(id);
  }
  turns.forEach((turn, index) => {
    const writing = now?.turn === turn.id;
    let card = cards.get(turn.id);
    if (card === undefined) {
      card = new TurnCard(turn, writing, actions);
      cards.set(turn.id, card);
    }
    card.show(turn, writing);
    if (turnList.children[index] !== card.element) turnList.insertBefore(card.element, turnList.children[index] ?? null);
  });
  if (atEnd) toEnd();
}

function submit(): void {
  if (isRunning()) {
    ask("stop", null);
    return;
  }
  const content = draft.value;
  if (content.trim() === "" && (view?.turns.length ?? 0) === 0) return;
  // An empty box has the conversation answered as it stands.
  if (content.trim() === "") ask("answer", null);
  else {
    clearDraft();
    ask("send", { role, content });
  }
  toEnd();
}

function addDraft(): void {
  const content = draft.value;
  clearDraft();
  host
    .request("add", { role })
    .then(() => {
      const id = view?.turns.at(-1)?.id;
      if (id !== undefined && content !== "") ask("edit", { id, content });
      else if (id !== undefined) cards.get(id)?.edit();
    })
    .catch((error: unknown) => showFailure(messageOf(error)));
}

function clearDraft(): void {
  draft.value = "";
  kept.set({ draft: "" });
  grow(draft);
}

function isRunning(): boolean {
  return view?.activity !== null && view?.activity !== undefined;
}

function showButtons(): void {
  const running = isRunning();
  send.textContent = running ? t("Stop") : draft.value.trim() === "" && (view?.turns.length ?? 0) > 0 ? t("Answer") : t("Send");
  send.disabled = !running && draft.value.trim() === "" && (view?.turns.length ?? 0) === 0;
  undo.disabled = view?.canUndo !== true;
  clear.disabled = (view?.turns.length ?? 0) === 0;
  exported.disabled = clear.disabled;
}

function activityText(now: ShownActivity | null): string {
  switch (now?.kind) {
    case undefined:
      return "";
    case "loading":
      return t("Loading the model…");
    case "reading":
      return now.done === null || now.done === 0 ? t("Reading the prompt…") : t("Reading the prompt: {0} %", Math.round(now.done * 100));
    case "writing":
      return t("Writing…");
  }
}

function showFailure(message: string | null): void {
  failure.hidden = message === null;
  failure.textContent = message ?? "";
  if (message !== null) toEnd();
}

/** Whether the end of the conversation is in view, so that what comes should be too. */
function isAtEnd(): boolean {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
}

function toEnd(): void {
  scroller.scrollTop = scroller.scrollHeight;
}
