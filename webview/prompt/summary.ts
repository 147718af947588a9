import { MARK } from "../../extension/core/xray/marks";
import type { PromptDiff, PromptNote, PromptResult } from "../../extension/protocol/webview/promptData";
import { element, on } from "../shared/dom";
import { formatNumber, t } from "../shared/l10n";
import { button } from "./controls";

export interface SummaryOptions {
  /** The user wants to see the next token with one of these marks. */
  onNext(marks: number): void;
  onNextChange(): void;
  onAction(action: NonNullable<PromptNote["action"]>): void;
}

/** What is counted, and what is to be said, of one prompt. */
export class Summary {
  readonly element = element("div", { class: "summary" });
  readonly #options: SummaryOptions;
  #shown = "";

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  show(result: PromptResult | null, diff: PromptDiff | null, side: "left" | "right"): void {
    // Buttons that stay keep the focus.
    const shown = JSON.stringify([result?.kind === "prompt" ? result.counts : null, result?.notes, result?.source, diff?.parts.length, diff?.leftTokens.length, diff?.rightTokens.length]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const counts = result?.kind === "prompt" ? [this.#counts(result.counts)] : [];
    const compared = diff === null ? [] : [this.#difference(diff, side)];
    const notes = result?.notes.map((note) => this.#note(note)) ?? [];
    this.element.replaceChildren(...counts, ...compared, ...notes);
  }

  #counts({ characters, tokens, trained, special, untrained }: Extract<PromptResult, { kind: "prompt" }>["counts"]): HTMLElement {
    const parts: (Node | string)[] = [];
    if (tokens !== null) parts.push(element("strong", {}, t("{0} tokens", formatNumber(tokens))));
    if (tokens !== null && trained !== null) {
      const percent = tokens === 0 ? 0 : Math.round((100 * trained) / tokens);
      parts.push(this.#jump(t("{0} trained on ({1}%)", formatNumber(trained), percent), MARK.trained, trained));
    }
    if (special !== null) parts.push(this.#jump(t("{0} special", formatNumber(special)), MARK.special, special));
    if (untrained !== null) parts.push(this.#jump(t("{0} untrained", formatNumber(untrained)), MARK.error | MARK.warning, untrained));
    parts.push(element("span", { class: "muted" }, t("{0} characters", formatNumber(characters))));
    return element("p", { class: "counts" }, ...parts);
  }

  /** A count that leads to the next of what it counts. */
  #jump(text: string, marks: number, count: number): HTMLElement {
    if (count === 0) return element("span", { class: "muted" }, text);
    return on(element("button", { class: "jump", type: "button", title: t("Go to the next one") }, text), "click", () => this.#options.onNext(marks));
  }

  #difference({ parts, leftTokens, rightTokens, gaveUp }: PromptDiff, side: "left" | "right"): HTMLElement {
    const changes = parts.filter(({ same }) => !same).length;
    const tokens = side === "left" ? leftTokens.length : rightTokens.length;
    const text = gaveUp
      ? t("The texts are too different to be compared.")
      : changes === 0
        ? t("The text is the same.")
        : changes === 1
          ? t("The text differs at 1 place.")
          : t("The text differs at {0} places.", formatNumber(changes));
    const alone = tokens === 0 ? [] : [` ${tokens === 1 ? t("1 token is only here.") : t("{0} tokens are only here.", formatNumber(tokens))}`];
    const next = changes === 0 ? [] : [" ", on(element("button", { class: "jump", type: "button" }, t("Next difference")), "click", () => this.#options.onNextChange())];
    return element("p", { class: "difference" }, text, ...alone, ...next);
  }

  #note({ severity, text, action }: PromptNote): HTMLElement {
    const sign = element("span", { class: "sign" }, SEVERITIES[severity]);
    const actions = action === null ? [] : [button(ACTIONS[action], () => this.#options.onAction(action))];
    return element("p", { class: `note ${severity}`, ...(severity === "error" ? { role: "alert" } : {}) }, sign, element("span", {}, text), ...actions);
  }
}

const SEVERITIES = { info: t("Note"), warning: t("Warning"), error: t("Error") } as const;

const ACTIONS = {
  selectModel: t("Select Model…"),
  compareEngine: t("Compare"),
  showTemplatePlace: t("Go to Template"),
} as const;
