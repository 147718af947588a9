import { element } from "./dom";

/** Tells screen readers what has changed, where nothing that has the focus says so. */
export class Announcer {
  readonly element = element("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });

  /** Says `text` once the screen reader has finished what it says now. */
  say(text: string): void {
    // The same text again would not be heard.
    this.element.textContent = this.element.textContent === text ? `${text}\u00a0` : text;
  }
}
