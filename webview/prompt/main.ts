import "../shared/shared.css";
import "./prompt.css";
import { type PromptChoices, type PromptHost, type PromptPage, type PromptView, type Side, promptChoicesShape } from "../../extension/protocol/webview/prompt";
import { receivedView } from "../../extension/protocol/webview/promptChange";
import type { PromptDiff, PromptNote, PromptPlaces, PromptResult } from "../../extension/protocol/webview/promptData";
import { object, orNull } from "../../extension/protocol/shape";
import { element } from "../shared/dom";
import { Kept, connectHost, showFailures } from "../shared/host";
import { t } from "../shared/l10n";
import { changesOf } from "./blocks";
import { ChoicesBar } from "./choicesBar";
import { Details } from "./details";
import { DEFAULT_LOOK, LookBar, lookShape } from "./look";
import { PromptPane } from "./promptPane";
import { Summary } from "./summary";

const app = document.getElementById("app") ?? document.body;
showFailures(app);

const kept = new Kept(object({ choices: orNull(promptChoicesShape), look: lookShape }), { choices: null, look: DEFAULT_LOOK });
const host = connectHost<PromptHost, PromptPage>();

let view: PromptView | undefined;
/** The same as it came from the host, without what was chosen since. */
let received: PromptView | undefined;
/** Where the user pointed last. */
let selected: { readonly side: Side; readonly offset: number } | undefined;

const choices = new ChoicesBar({
  onChoose: (change) => choose(change),
  onPick: (what, side) => host.send(what === "template" ? "pickTemplate" : "pickModel", side),
});
const look = new LookBar((change) => {
  kept.set({ look: { ...kept.value.look, ...change } });
  showLook();
});
const details = new Details({ onGo: (focus) => reveal(focus) });
const busy = element("p", { class: "busy", role: "status" }, t("Rendering…"));
const sides = { left: sideOf("left", t("Prompt")), right: sideOf("right", t("Compared prompt")) } as const;
const keys = element(
  "p",
  { id: "prompt-keys", class: "visually-hidden" },
  t("Arrow keys go from token to token and from line to line, with Ctrl from one origin to the next. Enter goes to where the token comes from."),
);
const panes = element("div", { class: "sides" }, sides.left.element, sides.right.element);
app.append(choices.element, look.element, busy, panes, details.element, keys);
// Before the first prompt there is nothing to choose and nothing to click.
const shownWithPrompt = [choices.element, look.element, panes, details.element];
for (const part of shownWithPrompt) part.hidden = true;

host.on("view", (sent) => {
  const next = receivedView(sent, received);
  received = next;
  if (view === undefined) {
    for (const part of shownWithPrompt) part.hidden = false;
    busy.textContent = "";
  }
  view = next;
  kept.set({ choices: next.choices });
  choices.show(next);
  showSide("left", next.left, next.diff);
  showSide("right", next.right, next.diff);
  sides.right.element.hidden = next.right === null;
  if (next.highlights !== null) highlight(next.highlights);
  if (selected !== undefined) void describe();
  // Behind the frame that draws it, so that tests know when they see it.
  requestAnimationFrame(() =>
    window.setTimeout(() => {
      app.dataset["version"] = String(next.version);
    }),
  );
});
host.on("notes", ({ version, left: notes }) => {
  if (version !== view?.version) return;
  const left = { ...view.left, notes: [...notes, ...view.left.notes] };
  view = { ...view, left };
  sides.left.summary.show(left, view.diff, "left");
});
host.on("busy", (text) => {
  busy.textContent = text;
});
host.on("highlight", ({ version, ...places }) => {
  if (version === view?.version) highlight(places);
});
showLook();

function sideOf(side: Side, label: string) {
  const pane = new PromptPane({
    label,
    onSelect: (offset) => {
      selected = { side, offset };
      sides[side === "left" ? "right" : "left"].pane.select(undefined);
      void describe();
      reveal(null);
    },
    onOpen: () => reveal("row"),
  });
  pane.element.classList.add("prompt-look");
  pane.element.addEventListener("scroll", () => follow(side), { passive: true });
  const goTo = (offset: number | undefined): void => {
    if (offset === undefined) return;
    selected = { side, offset };
    pane.select(offset);
    pane.element.focus({ preventScroll: true });
    void describe();
    reveal(null);
  };
  const summary = new Summary({
    onNext: (marks) => goTo(pane.next(marks)),
    onNextChange: () => goTo(pane.nextChange()),
    onAction: (action) => act(action, side),
  });
  return { element: element("section", { class: "side", "aria-label": label }, summary.element, pane.element), pane, summary };
}

function showSide(side: Side, result: PromptResult | null, diff: PromptDiff | null): void {
  const { pane, summary } = sides[side];
  summary.show(result, diff, side);
  const alone = new Set(side === "left" ? diff?.leftTokens : diff?.rightTokens);
  pane.element.hidden = result?.kind !== "prompt";
  pane.show(result?.kind === "prompt" ? { prompt: result, changes: changesOf(diff?.parts ?? [], side), alone } : undefined);
}

function highlight({ left, right }: PromptPlaces): void {
  sides.left.pane.highlight(left);
  sides.right.pane.highlight(right);
}

function showLook(): void {
  look.show(kept.value.look, [sides.left.pane.element, sides.right.pane.element]);
}

function choose(change: Partial<PromptChoices>): void {
  if (view === undefined) return;
  const next = { ...view.choices, ...change };
  // Further choices build on this one, also before the host has answered.
  view = { ...view, choices: next };
  host.send("choose", next);
}

/** Has the editors show where the selected place comes from. */
function reveal(focus: "template" | "row" | null): void {
  if (view !== undefined && selected !== undefined) host.send("reveal", { version: view.version, ...selected, focus });
}

async function describe(): Promise<void> {
  if (view === undefined || selected === undefined) return;
  const { version } = view;
  const asked = selected;
  const found = await host.request("describe", { version, ...asked });
  if (version !== view.version || asked !== selected) return;
  const result = view[asked.side];
  details.show(result?.kind === "prompt" ? result : undefined, found ?? undefined);
}

function act(action: NonNullable<PromptNote["action"]>, side: Side): void {
  if (action === "selectModel") host.send("selectModel", null);
  else if (action === "showTemplatePlace") host.send("showTemplatePlace", side);
  else if (view !== undefined) choose({ right: { ...view.choices.left, engine: "transformers.js" } });
}

/** The pane that is scrolled takes the other one along, by what both have. */
let leader: Side | undefined;
let release: number | undefined;

function follow(side: Side): void {
  const diff = view?.diff;
  if (diff === undefined || diff === null || (leader !== undefined && leader !== side)) return;
  leader = side;
  window.clearTimeout(release);
  release = window.setTimeout(() => (leader = undefined), 150);
  const other = side === "left" ? "right" : "left";
  const { top } = sides[side].pane;
  const part = diff.parts.find((each) => each[side].end > top) ?? diff.parts.at(-1);
  if (part !== undefined) sides[other].pane.scrollTo(Math.min(part[other].start + Math.max(0, top - part[side].start), Math.max(part[other].start, part[other].end - 1)));
}
