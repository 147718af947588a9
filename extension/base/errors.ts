/**
 * The base of every error that the product throws on purpose. `code` is what callers test; the message is for people and
 * says what happened, where, and what to do.
 */
export class TunesmithError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "TunesmithError";
    this.code = code;
  }
}

/** Thrown by work that stopped because its signal was aborted. */
export class CancelledError extends TunesmithError {
  constructor() {
    super("cancelled", "The operation was cancelled.");
    this.name = "CancelledError";
  }
}

/** Whether `error` is a {@link TunesmithError} with this code, also when it crossed a process boundary as plain data. */
export function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/** The `code` of an error of ours or of Node's, or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
