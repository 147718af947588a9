import { messageOf } from "../../extension/base/errors";
import { Channel, type Contract, type Port } from "../../extension/protocol/channel";
import { type Shape, readOr } from "../../extension/protocol/shape";
import { type Envelope, envelopeShape } from "../../extension/protocol/webview/envelope";
import type { AsksOnly } from "../../extension/protocol/webview/guard";

interface VsCodeApi {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// It can be had once a page only.
const api = acquireVsCodeApi();

/**
 * The channel to the extension host. Call it once; listeners that are added in the same turn miss nothing.
 * Errors of the page that nobody catches are shown by {@link showFailures}.
 */
export function connectHost<Host extends Contract, Page extends AsksOnly>(): Channel<Host, Page> {
  const page = crypto.randomUUID();
  const post = (envelope: Envelope, transfer?: readonly ArrayBuffer[]): void => {
    api.postMessage(envelope, transfer);
  };
  const port: Port = {
    post: (message, transfer) => {
      post({ page, message }, transfer);
    },
    onMessage: (listener) => {
      window.addEventListener("message", (event: MessageEvent<unknown>) => {
        const envelope = readOr(envelopeShape, event.data);
        if (envelope?.page === page && envelope.message !== undefined) listener(envelope.message);
      });
    },
    onClose: (listener) => {
      window.addEventListener("pagehide", () => {
        listener("The page was closed.");
      });
    },
  };
  const channel = new Channel<Host, Page>(port, {
    set: (action, milliseconds) => window.setTimeout(action, milliseconds),
    clear: (timer) => {
      window.clearTimeout(timer as number);
    },
  });
  post({ page });
  return channel;
}

/** State that the page keeps when it is hidden, moved or reloaded: what the user chose, never what the host knows. */
export class Kept<State extends object> {
  #value: State;

  /** @param initial what holds where nothing was kept, or what was kept is of an older version. */
  constructor(shape: Shape<State>, initial: State) {
    this.#value = readOr(shape, api.getState()) ?? initial;
    // Also what the page begins with, so that a window that reloads can bring it back.
    api.setState(this.#value);
  }

  get value(): State {
    return this.#value;
  }

  /** Keeps a change. What is kept already costs nothing: VS Code writes all of the state down. */
  set(change: Partial<State>): void {
    const next = { ...this.#value, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.#value)) return;
    this.#value = next;
    api.setState(next);
  }
}

/** Shows what went wrong in the page itself, instead of leaving it half alive. */
export function showFailures(place: HTMLElement): void {
  const show = (error: unknown): void => {
    const message = document.createElement("p");
    message.className = "failure";
    message.setAttribute("role", "alert");
    message.textContent = messageOf(error);
    place.prepend(message);
  };
  window.addEventListener("error", (event) => {
    // It says that a layout was put off by a frame, and is no failure.
    if (!event.message.startsWith("ResizeObserver loop")) show(event.error ?? event.message);
  });
  window.addEventListener("unhandledrejection", (event) => show(event.reason));
}
