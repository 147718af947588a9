import { type Shape, flag, object } from "../../extension/protocol/shape";
import { element } from "../shared/dom";
import { t } from "../shared/l10n";
import { CheckField } from "./controls";

/** What of the prompt is drawn. */
export interface Look {
  readonly boundaries: boolean;
  readonly ids: boolean;
  readonly mask: boolean;
  readonly roles: boolean;
  readonly legend: boolean;
}

export const lookShape: Shape<Look> = object<Look>({ boundaries: flag, ids: flag, mask: flag, roles: flag, legend: flag });

export const DEFAULT_LOOK: Look = { boundaries: true, ids: false, mask: true, roles: true, legend: true };

/** Chooses the look, and says what it means: each entry is drawn as it draws the prompt. */
export class LookBar {
  readonly element: HTMLElement;
  readonly #fields: Readonly<Record<keyof Look, CheckField>>;
  readonly #legend: HTMLElement;

  constructor(onChange: (change: Partial<Look>) => void) {
    const field = (key: keyof Look, label: string, title: string): CheckField => new CheckField(label, title, (checked) => onChange({ [key]: checked }));
    this.#fields = {
      roles: field("roles", t("Roles"), t("Colour and name what comes from each turn")),
      boundaries: field("boundaries", t("Token boundaries"), t("A line where each token begins")),
      mask: field("mask", t("Mask"), t("Underline what is trained on")),
      ids: field("ids", t("Token ids"), t("The number of each token behind it")),
      legend: field("legend", t("Legend"), t("What the marks mean")),
    };
    const sample = (classes: string, text: string): HTMLElement => element("li", {}, element("span", { class: `run ${classes}` }, text));
    this.#legend = element(
      "ul",
      { class: "legend prompt-look masked show-mask show-boundaries show-roles", "aria-label": t("What the marks mean") },
      sample("k-data r-other", t("conversation")),
      sample("k-derived r-other", t("computed from it")),
      sample("k-template", t("template")),
      sample("k-value", t("template's value")),
      sample("trained", t("trained on")),
      sample("special", t("special token")),
      sample("untrained", t("untrained token")),
    );
    this.element = element("div", { class: "look" }, ...Object.values(this.#fields).map(({ element: each }) => each), this.#legend);
  }

  /** Draws `panes` with a look. */
  show(look: Look, panes: readonly HTMLElement[]): void {
    this.#legend.hidden = !look.legend;
    for (const [key, field] of Object.entries(this.#fields)) {
      const on = look[key as keyof Look];
      field.show(on);
      for (const pane of panes) pane.classList.toggle(`show-${key}`, on);
    }
  }
}
