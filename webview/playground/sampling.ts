import type { PlaygroundSettings } from "../../extension/protocol/webview/playground";
import { element } from "../shared/dom";
import { t } from "../shared/l10n";
import { NumberField } from "./controls";

/** How answers are generated. */
export class Sampling {
  readonly element: HTMLElement;
  readonly #fields: readonly { readonly name: Exclude<keyof PlaygroundSettings, "probabilities">; readonly field: NumberField }[];
  readonly #probabilities = document.createElement("vscode-checkbox");
  readonly #summary = element("span", { class: "muted" });

  constructor(onChange: (change: Partial<PlaygroundSettings>) => void) {
    const field = (name: Exclude<keyof PlaygroundSettings, "probabilities">, label: string, title: string, range: NumberField["range"]) => ({
      name,
      field: new NumberField(label, title, range, (value) => onChange({ [name]: value })),
    });
    this.#fields = [
      field("temperature", t("Temperature"), t("0 takes the most probable token every time."), { min: 0, max: 5 }),
      field("topP", t("Top p"), t("Only the most probable tokens that together have this probability."), { min: 0, max: 1 }),
      field("topK", t("Top k"), t("Only so many of the most probable tokens; 0 for all."), { min: 0, max: 1e6, whole: true }),
      field("minP", t("Min p"), t("Only tokens with at least this share of the most probable one's probability."), { min: 0, max: 1 }),
      field("repetitionPenalty", t("Repetition penalty"), t("Above 1, tokens that are there already become less probable."), { min: 0.1, max: 10 }),
      field("seed", t("Seed"), t("The same seed gives the same answer on the same device; empty for a new one every time."), { min: 0, max: 2 ** 32 - 1, whole: true, mayBeEmpty: true }),
      field("maxNewTokens", t("New tokens"), t("An answer is cut after so many tokens."), { min: 1, max: 1e6, whole: true }),
    ];
    this.#probabilities.label = t("Show probabilities");
    this.#probabilities.addEventListener("change", () => onChange({ probabilities: this.#probabilities.checked }));
    this.element = element(
      "details",
      { class: "section" },
      element("summary", {}, t("Sampling"), " ", this.#summary),
      element("div", { class: "fields" }, ...this.#fields.map(({ field: each }) => each.element), this.#probabilities),
    );
  }

  show(settings: PlaygroundSettings): void {
    for (const { name, field } of this.#fields) field.show(settings[name]);
    this.#probabilities.checked = settings.probabilities;
    const { temperature, topP, seed } = settings;
    this.#summary.textContent = temperature === 0 ? t("greedy") : t("temperature {0}, top p {1}{2}", temperature, topP, seed === null ? "" : t(", seed {0}", seed));
  }
}
