import { diffWordsWithSpace } from "diff";
import type { ShownRole, ShownToken, ShownTurn } from "../../extension/protocol/webview/playground";
import { element } from "../shared/dom";
import { t } from "../shared/l10n";
import { grow, growingText, quietButton, select } from "./controls";

export const ROLES: readonly ShownRole[] = ["system", "user", "assistant", "tool"];

export interface TurnActions {
  onEdit(id: number, content: string): void;
  onRole(id: number, role: ShownRole): void;
  onRemove(id: number): void;
  onRegenerate(id: number): void;
  /** What a token's neighbours are, as a sentence; undefined when the pointer left. */
  onToken(text: string | undefined): void;
}

/** One turn of the conversation. */
export class TurnCard {
  readonly element: HTMLElement;
  readonly #actions: TurnActions;
  readonly #role: HTMLSelectElement;
  readonly #text = element("div", { class: "text" });
  readonly #edit: HTMLTextAreaElement;
  readonly #problem = element("p", { class: "problem" });
  readonly #note = element("p", { class: "note" });
  readonly #reference = element("div", { class: "reference" });
  readonly #regenerate: HTMLButtonElement;
  readonly #editButton: HTMLButtonElement;
  #turn: ShownTurn;
  #writing = false;
  #editing = false;

  constructor(turn: ShownTurn, writing: boolean, actions: TurnActions) {
    this.#turn = turn;
    this.#writing = writing;
    this.#actions = actions;
    const { id } = turn;
    this.#role = select(t("Role"), ROLES, (role) => actions.onRole(id, role));
    this.#edit = growingText(t("Text of the turn"), () => undefined);
    this.#edit.hidden = true;
    this.#edit.addEventListener("keydown", (event) => this.#pressed(event));
    this.#edit.addEventListener("blur", () => this.#endEdit(true));
    this.#editButton = quietButton(t("Edit"), () => this.edit());
    this.#regenerate = quietButton(t("Answer anew"), () => actions.onRegenerate(id));
    const remove = quietButton(t("Remove"), () => actions.onRemove(id));
    const head = element("div", { class: "turn-head" }, this.#role, element("div", { class: "turn-actions" }, this.#editButton, this.#regenerate, remove));
    this.element = element("li", { class: "turn" }, head, this.#problem, this.#text, this.#edit, this.#reference, this.#note);
    this.#text.addEventListener("dblclick", () => this.edit());
    this.#text.addEventListener("pointerover", (event) => this.#pointed(event.target));
    this.#text.addEventListener("focusin", (event) => this.#pointed(event.target));
    this.#text.addEventListener("pointerleave", () => actions.onToken(undefined));
    this.#paint(undefined);
  }

  get id(): number {
    return this.#turn.id;
  }

  /** Shows a newer state; `writing` while the answer is still coming. */
  show(turn: ShownTurn, writing: boolean): void {
    const before = this.#turn;
    if (writing === this.#writing && JSON.stringify(before) === JSON.stringify(turn)) return;
    this.#turn = turn;
    this.#writing = writing;
    this.#paint(before);
  }

  /** More text of the answer. */
  append(text: string): void {
    this.#turn = { ...this.#turn, content: this.#turn.content + text };
    this.#text.append(text);
  }

  /** Opens the text for editing. */
  edit(): void {
    if (this.#writing) return;
    this.#editing = true;
    this.#edit.value = this.#turn.content;
    this.#edit.hidden = false;
    this.#text.hidden = true;
    grow(this.#edit);
    this.#edit.focus();
  }

  #paint(before: ShownTurn | undefined): void {
    const { role, content, problem, note, reference, tokens } = this.#turn;
    this.element.className = `turn role-${role}${this.#writing ? " writing" : ""}`;
    this.#role.value = role;
    this.#problem.textContent = problem === null ? "" : `⚠ ${problem}`;
    this.#problem.hidden = problem === null;
    this.#note.textContent = note ?? "";
    this.#note.hidden = note === null;
    this.#regenerate.hidden = role !== "assistant" || this.#writing;
    this.#editButton.hidden = this.#writing;
    if (before?.content !== content || before.tokens !== tokens) this.#paintText(content, tokens);
    this.#paintReference(reference, content);
    this.#text.hidden = this.#editing;
  }

  #paintText(content: string, tokens: readonly ShownToken[] | null): void {
    if (tokens === null) {
      this.#text.replaceChildren(content === "" && !this.#writing ? element("span", { class: "empty" }, t("empty")) : content);
      return;
    }
    this.#text.replaceChildren(...tokens.map((token, index) => tokenElement(token, index)));
  }

  #paintReference(reference: string | null, content: string): void {
    this.#reference.hidden = reference === null || this.#writing;
    if (reference === null || this.#writing) return;
    const same = reference === content;
    const title = element("span", { class: "label" }, same ? t("The dataset's answer is the same.") : t("Compared with the dataset's answer: what is struck out only the dataset has, what is underlined only the model."));
    if (same) this.#reference.replaceChildren(title);
    else this.#reference.replaceChildren(title, element("div", { class: "text" }, ...differenceOf(reference, content)));
  }

  #pointed(target: EventTarget | null): void {
    const index = target instanceof HTMLElement ? target.dataset["token"] : undefined;
    const token = index === undefined ? undefined : this.#turn.tokens?.[Number(index)];
    this.#actions.onToken(token === undefined ? undefined : describe(token));
  }

  #pressed(event: KeyboardEvent): void {
    if (event.key === "Escape") this.#endEdit(false);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#endEdit(true);
    else return;
    event.preventDefault();
    this.#editButton.focus();
  }

  #endEdit(keep: boolean): void {
    if (!this.#editing) return;
    this.#editing = false;
    const content = this.#edit.value;
    this.#edit.hidden = true;
    this.#text.hidden = false;
    if (keep && content !== this.#turn.content) this.#actions.onEdit(this.id, content);
  }
}

/** Above this length the comparison takes the page too long; the texts stand one below the other then. */
const MAX_COMPARED = 20_000;

function differenceOf(reference: string, content: string): readonly HTMLElement[] {
  if (reference.length + content.length > MAX_COMPARED) return [element("del", {}, reference), element("ins", {}, content)];
  return diffWordsWithSpace(reference, content).map(({ value, added, removed }) => element(added ? "ins" : removed ? "del" : "span", {}, value));
}

function tokenElement(token: ShownToken, index: number): HTMLElement {
  const { text, probability } = token;
  const level = probability >= 0.9 ? 0 : probability >= 0.5 ? 1 : probability >= 0.1 ? 2 : 3;
  return element("span", { class: `token level-${level}`, "data-token": index, title: describe(token) }, text);
}

function describe({ id, text, probability, entropy, top }: ShownToken): string {
  const percent = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 2 : 0)} %`;
  const others = top.map((each) => `${JSON.stringify(each.text)} ${percent(each.probability)}`).join(" · ");
  // A server tells neither ids nor entropies.
  if (id === null || entropy === null) return t("{0}: {1}. Likeliest: {2}", JSON.stringify(text), percent(probability), others);
  return t("{0} (id {1}): {2}, entropy {3} nats. Likeliest: {4}", JSON.stringify(text), id, percent(probability), entropy.toFixed(2), others);
}
