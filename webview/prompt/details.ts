import { visibleText } from "../../extension/core/language/visibleText";
import { MARK } from "../../extension/core/xray/marks";
import type { ShownPrompt, TokenDetails, TokenOrigin } from "../../extension/protocol/webview/promptData";
import { element } from "../shared/dom";
import { formatNumber, t } from "../shared/l10n";
import { button } from "./controls";
import { labelOf } from "./blocks";

export interface DetailsOptions {
  onGo(where: "template" | "row"): void;
}

/** What is known of the selected token. It is also what screen readers hear when another one is selected. */
export class Details {
  readonly element = element("section", { class: "details", "aria-label": t("Selected token") });
  readonly #said = element("div", { class: "said", role: "status", "aria-live": "polite" });
  readonly #actions = element("div", { class: "actions" });
  readonly #options: DetailsOptions;

  constructor(options: DetailsOptions) {
    this.#options = options;
    this.element.append(this.#said, this.#actions);
    this.show(undefined, undefined);
  }

  show(prompt: ShownPrompt | undefined, details: TokenDetails | undefined): void {
    if (prompt === undefined || details === undefined) {
      this.#said.replaceChildren(element("p", { class: "hint" }, t("Click a token, or go to one with the arrow keys, to see what it is and where it comes from.")));
      this.#actions.replaceChildren();
      return;
    }
    const { token, span, origins } = details;
    this.#said.replaceChildren(...(token === null ? [] : [this.#token(prompt, token, details)]), ...origins.map((origin) => originLine(origin, prompt)));
    const go = (label: string, where: "template" | "row"): HTMLElement => button(label, () => this.#options.onGo(where));
    this.#actions.replaceChildren(
      ...(origins.some(({ template }) => template !== null) ? [go(t("Go to Template"), "template")] : []),
      ...(origins.some(({ row }) => row.length > 0) ? [go(t("Go to Message"), "row")] : []),
      element("span", { class: "place" }, t("Characters {0} to {1}", formatNumber(span.start + 1), formatNumber(span.end))),
    );
  }

  #token(prompt: ShownPrompt, token: NonNullable<TokenDetails["token"]>, { span }: TokenDetails): HTMLElement {
    const marks = prompt.tokens?.marks[token.index] ?? 0;
    const facts = [
      element("code", { class: "written" }, visibleText(prompt.text.slice(span.start, span.end))),
      fact(t("id"), String(token.id)),
      fact(t("token"), t("{0} of {1}", formatNumber(token.index + 1), formatNumber(prompt.counts.tokens ?? 0))),
      fact(t("vocabulary"), token.written),
      fact(t("bytes"), token.bytes),
    ];
    const words: string[] = [];
    if (prompt.tokens?.masked === true) words.push((marks & MARK.trained) === 0 ? t("Not trained on") : t("Trained on"));
    if ((marks & MARK.special) !== 0) words.push(t("Special token"));
    const label = labelOf(marks);
    if (label !== "") words.push(label.split("/").map((name) => NAMES[name] ?? name).join(", "));
    if (token.shared) words.push(t("A part of a character"));
    const line = element("p", { class: "facts" }, ...facts, ...words.map((word) => element("span", { class: "word" }, word)));
    if (token.verdict === null) return line;
    const { severity, why, advice } = token.verdict;
    return element("div", {}, line, element("p", { class: `verdict ${severity}` }, `${severity === "info" ? "" : t("Untrained: ")}${why} ${advice}`));
  }
}

const NAMES: Readonly<Record<string, string>> = {
  BOS: t("Beginning of sequence (BOS)"),
  EOS: t("End of sequence (EOS)"),
  EOT: t("Ends the turn (EOT)"),
};

function fact(name: string, value: string): HTMLElement {
  return element("span", { class: "fact" }, element("span", { class: "name" }, name), " ", element("code", {}, value));
}

function originLine({ kind, prompt: span, template, pointers }: TokenOrigin, { text }: ShownPrompt): HTMLElement {
  const parts: (Node | string)[] = [element("code", {}, visibleText(text.slice(span.start, span.end))), ` ${KINDS[kind]} `];
  if (pointers.length > 0) parts.push(element("code", {}, pointers.join(", ")), " ");
  if (template !== null && kind !== "template") parts.push(t("by line {0}", template.line), " ", element("code", {}, visibleText(template.excerpt)));
  if (template !== null && kind === "template") parts.push(t("line {0}", template.line));
  return element("p", { class: "origin" }, ...parts);
}

const KINDS: Readonly<Record<TokenOrigin["kind"], string>> = {
  data: t("from the conversation:"),
  derived: t("computed from"),
  template: t("from the template,"),
  value: t("printed by the template,"),
};
