import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-single-select/index.js";
import "@vscode-elements/elements/dist/vscode-textarea/index.js";
import type { VscodeButton } from "@vscode-elements/elements/dist/vscode-button/vscode-button.js";
import type { Choice } from "../../extension/protocol/webview/prompt";
import { element } from "../shared/dom";

/** A labelled list to choose from. */
export class SelectField {
  readonly element: HTMLElement;
  readonly #select = document.createElement("vscode-single-select");
  #shown = "";

  constructor(label: string, onChoose: (value: string) => void) {
    this.#select.label = label;
    this.#select.addEventListener("change", () => onChoose(this.#select.value));
    this.element = element("div", { class: "field" }, element("span", { class: "label", "aria-hidden": "true" }, label), this.#select);
  }

  show(choices: readonly Choice[], value: string): void {
    // The list that is open, and the keyboard's place in it, should outlive an update that changes nothing.
    const shown = JSON.stringify(choices);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#select.options = choices.map((choice) => ({ label: choice.label, value: choice.value, description: choice.description, selected: choice.value === value, disabled: false }));
    }
    if (this.#select.value !== value) this.#select.value = value;
  }

  set hidden(hidden: boolean) {
    this.element.hidden = hidden;
  }
}

/** A box to tick. */
export class CheckField {
  readonly element = document.createElement("vscode-checkbox");

  constructor(label: string, title: string, onChange: (checked: boolean) => void) {
    this.element.label = label;
    this.element.title = title;
    this.element.addEventListener("change", () => onChange(this.element.checked));
  }

  show(checked: boolean): void {
    this.element.checked = checked;
  }
}

/** A text to write, with what is wrong with it. */
export class TextField {
  readonly element: HTMLElement;
  readonly #area = document.createElement("vscode-textarea");
  readonly #problem = element("p", { class: "problem", role: "alert", hidden: true });

  constructor(label: string, rows: number, onInput: (text: string) => void) {
    this.#area.label = label;
    this.#area.monospace = true;
    this.#area.rows = rows;
    this.#area.resize = "vertical";
    this.#area.spellcheck = false;
    this.#area.addEventListener("input", () => onInput(this.#area.value));
    this.element = element("div", { class: "text-field" }, element("span", { class: "label", "aria-hidden": "true" }, label), this.#area, this.#problem);
  }

  show(text: string, problem: string | null): void {
    // What is being written is newer than what the host has seen of it.
    if (this.#area !== document.activeElement && this.#area.value !== text) this.#area.value = text;
    this.#area.invalid = problem !== null;
    this.#problem.hidden = problem === null;
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
  }

  set hidden(hidden: boolean) {
    this.element.hidden = hidden;
  }

  focus(): void {
    this.#area.focus();
  }
}

/** A button; `secondary` where it is not what most people want next. */
export function button(label: string, onClick: () => void, secondary = true): VscodeButton {
  const made = document.createElement("vscode-button");
  made.textContent = label;
  made.secondary = secondary;
  made.addEventListener("click", onClick);
  return made;
}
