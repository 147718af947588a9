import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import type { VscodeButton } from "@vscode-elements/elements/dist/vscode-button/vscode-button.js";
import { element } from "../shared/dom";

/** A button; `secondary` where it is not what most people want next. */
export function button(label: string, onClick: () => void, secondary = true): VscodeButton {
  const made = document.createElement("vscode-button");
  made.textContent = label;
  made.secondary = secondary;
  made.addEventListener("click", onClick);
  return made;
}

/** A button that looks like a link: for what is offered beside a turn. */
export function quietButton(label: string, onClick: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "quiet" }, label);
  made.addEventListener("click", onClick);
  return made;
}

/** A list to choose from, in the look of the theme. `label` is for screen readers. */
export function select<Value extends string>(label: string, values: readonly Value[], onChange: (value: Value) => void): HTMLSelectElement {
  const made = element("select", { "aria-label": label, class: "select" }, ...values.map((value) => element("option", { value }, value)));
  made.addEventListener("change", () => onChange(made.value as Value));
  return made;
}

/** A text of several lines that grows with what is written. */
export function growingText(label: string, onInput: (text: string) => void): HTMLTextAreaElement {
  const made = element("textarea", { "aria-label": label, class: "area", rows: 1, spellcheck: "false" });
  made.addEventListener("input", () => {
    grow(made);
    onInput(made.value);
  });
  return made;
}

/** Makes a text box as high as its text, within what its style allows. */
export function grow(area: HTMLTextAreaElement): void {
  area.classList.add("measured");
  area.rows = 1;
  const line = 20;
  area.rows = Math.max(1, Math.ceil((area.scrollHeight - 8) / line));
}

/** A number to write; what is no number in the range is marked, and not told. */
export class NumberField {
  readonly element: HTMLElement;
  readonly #input = document.createElement("vscode-textfield");
  readonly #range: { readonly min: number; readonly max: number; readonly whole?: boolean; readonly mayBeEmpty?: boolean };

  constructor(label: string, title: string, range: NumberField["range"], onChange: (value: number | null) => void) {
    this.#range = range;
    this.#input.label = label;
    this.#input.title = title;
    this.#input.addEventListener("input", () => {
      const value = this.#read();
      this.#input.invalid = value === undefined;
      if (value !== undefined) onChange(value);
    });
    this.element = element("div", { class: "field" }, element("span", { class: "label", "aria-hidden": "true" }, label), this.#input);
  }

  get range(): { readonly min: number; readonly max: number; readonly whole?: boolean; readonly mayBeEmpty?: boolean } {
    return this.#range;
  }

  show(value: number | null): void {
    // What is being written is newer than what the host has seen of it.
    if (this.#input === document.activeElement || this.#read() === value) return;
    this.#input.value = value === null ? "" : String(value);
    this.#input.invalid = false;
  }

  /** Undefined for what is no such number. */
  #read(): number | null | undefined {
    const written = this.#input.value.trim();
    if (written === "") return this.#range.mayBeEmpty === true ? null : undefined;
    const value = Number(written);
    const { min, max, whole } = this.#range;
    return value >= min && value <= max && (whole !== true || Number.isInteger(value)) ? value : undefined;
  }
}
