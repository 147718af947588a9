import type { SentPrompt } from "../../extension/protocol/webview/playground";
import { element } from "../shared/dom";
import { formatNumber, t } from "../shared/l10n";

/** More tokens than these are not drawn one by one. */
const MAX_DRAWN = 8_000;

/** The prompt of the last answer as the model got it, token by token; or the messages, where a server makes the prompt itself. */
export class PromptSection {
  readonly element: HTMLDetailsElement;
  readonly #title = element("span", {});
  readonly #count = element("span", { class: "muted" });
  readonly #text = element("div", { class: "prompt", tabindex: 0, role: "group" });
  #prompt: SentPrompt | null = null;
  #drawn: SentPrompt | null = null;

  constructor() {
    this.element = element("details", { class: "section" }, element("summary", {}, this.#title, " ", this.#count), this.#text);
    this.element.addEventListener("toggle", () => this.#draw());
  }

  show(prompt: SentPrompt | null): void {
    this.#prompt = prompt;
    this.element.hidden = prompt === null;
    if (prompt === null) return;
    const title = prompt.kind === "prompt" ? t("Prompt as it was sent") : t("Messages as they were sent");
    this.#title.textContent = title;
    this.#text.setAttribute("aria-label", title);
    this.#count.textContent = prompt.kind === "messages" ? t("the server makes the prompt") : prompt.ids.length === 1 ? t("1 token") : t("{0} tokens", formatNumber(prompt.ids.length));
    this.#draw();
  }

  #draw(): void {
    const prompt = this.#prompt;
    if (prompt === null || !this.element.open || prompt === this.#drawn) return;
    this.#drawn = prompt;
    const { text, ids, offsets } = prompt;
    const parts: (Node | string)[] = [];
    const drawn = Math.min(ids.length, MAX_DRAWN);
    let at = 0;
    for (let i = 0; i < drawn; i++) {
      const [start, end] = [offsets[2 * i] ?? at, offsets[2 * i + 1] ?? at];
      // Tokens that are parts of one character have the whole of it; it is drawn once.
      if (end <= at) continue;
      if (start > at) parts.push(text.slice(at, start));
      parts.push(element("span", { class: "token", title: t("id {0}", ids[i] ?? 0) }, text.slice(Math.max(at, start), end)));
      at = end;
    }
    if (at < text.length) parts.push(text.slice(at));
    if (drawn < ids.length) parts.unshift(element("p", { class: "note" }, t("Boundaries are drawn for the first {0} tokens.", formatNumber(drawn))));
    this.#text.replaceChildren(...parts);
  }
}
