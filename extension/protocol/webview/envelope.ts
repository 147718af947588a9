import { object, text } from "../shape";

/**
 * What a webview and its host send each other. A webview that was hidden or moved loads its page anew, while the host goes
 * on; `page` says which load a message belongs to, so that no answer reaches a page that has not asked.
 */
export interface Envelope {
  readonly page: string;
  /** A message of the page's channel; left out in a page's first envelope, which says that it is there. */
  readonly message?: unknown;
}

/** Pages name themselves by a random UUID. */
const PAGE_NAME_LENGTH = 36;

/** Reads an envelope; the message in it is the channel's to check. */
export const envelopeShape = object<Envelope>({
  page: text(PAGE_NAME_LENGTH),
  message: (value) => value,
});
