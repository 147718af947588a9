import { messageOf } from "../../base/errors";
import type { Contract, Port, Wire } from "../channel";
import { type Shape, integer } from "../shape";

/** A side that is never asked, so that no answer of it has to be believed. */
export interface AsksOnly extends Contract {
  readonly methods: Readonly<Record<never, never>>;
}

/** What the messages of a less trusted side must look like: what it asks of `Local`, and what it tells. */
export interface Guard<Remote extends AsksOnly, Local extends Contract> {
  readonly methods: { readonly [Method in keyof Local["methods"]]: Shape<Local["methods"][Method]["params"]> };
  readonly events: { readonly [Event in keyof Remote["events"]]: Shape<Remote["events"][Event]> };
}

/**
 * A port that lets only messages pass that `guard` has read. A request that does not fit is answered with the code
 * `bad-message`; anything else that does not fit is dropped. Both are told to `onRefused`.
 */
export function guardedPort<Remote extends AsksOnly, Local extends Contract>(
  port: Port,
  guard: Guard<Remote, Local>,
  onRefused: (reason: string) => void,
): Port {
  return {
    post: port.post,
    onClose: port.onClose,
    onMessage: (listener) => {
      port.onMessage((message) => {
        const read = readMessage(message, guard);
        if (typeof read !== "string") {
          listener(read);
          return;
        }
        onRefused(read);
        const id = requestIdOf(message);
        if (id !== undefined) port.post({ kind: "error", id, code: "bad-message", message: read } satisfies Wire);
      });
    },
  };
}

const messageId = integer(1);

/** The message, or why it is refused. */
function readMessage<Remote extends AsksOnly, Local extends Contract>(message: unknown, guard: Guard<Remote, Local>): Wire | string {
  if (typeof message !== "object" || message === null) return "A message is not an object.";
  const { kind, id, method, params, name, value } = message as Readonly<Record<string, unknown>>;
  try {
    switch (kind) {
      case "request": {
        const shape = shapeOf(guard.methods, method);
        if (shape === undefined) return `Nothing answers '${String(method)}'.`;
        return { kind, id: messageId(id, "id"), method: String(method), params: shape(params, String(method)) };
      }
      case "cancel":
        return { kind, id: messageId(id, "id") };
      case "event": {
        const shape = shapeOf(guard.events, name);
        if (shape === undefined) return `There is no event '${String(name)}'.`;
        return { kind, name: String(name), value: shape(value, String(name)) };
      }
      default:
        return `A message of the kind '${String(kind)}' is not expected.`;
    }
  } catch (error) {
    return messageOf(error);
  }
}

function shapeOf(shapes: object, name: unknown): Shape<unknown> | undefined {
  return typeof name === "string" && Object.hasOwn(shapes, name) ? (shapes as Readonly<Record<string, Shape<unknown>>>)[name] : undefined;
}

function requestIdOf(message: unknown): number | undefined {
  if (typeof message !== "object" || message === null || !("kind" in message) || message.kind !== "request" || !("id" in message)) return undefined;
  return typeof message.id === "number" && Number.isSafeInteger(message.id) ? message.id : undefined;
}
