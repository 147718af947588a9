import { TunesmithError } from "../../../base/errors";

/**
 * - `server-unreachable`: no connection. - `server-timeout`: connected, and then nothing for too long.
 * - `server-unauthorized`: 401, 403. - `server-not-found`: 404: a wrong URL or model name. - `server-busy`: 429.
 * - `server-rejected`: other 4xx; the server says why. - `server-failed`: 5xx.
 * - `server-dropped`: the answer ended in the middle. - `server-garbage`: what came is not what the protocol has.
 */
export type ServerErrorCode =
  | "server-unreachable"
  | "server-timeout"
  | "server-unauthorized"
  | "server-not-found"
  | "server-busy"
  | "server-rejected"
  | "server-failed"
  | "server-dropped"
  | "server-garbage";

/** What goes wrong with a server. */
export class ServerError extends TunesmithError {
  override readonly name = "ServerError";
  /** The HTTP status, where one came. */
  readonly status: number | undefined;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ServerErrorCode, message: string, options: { readonly status?: number; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {}) {
    super(code, message, { cause: options.cause });
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The longest part of a server's own words that is shown. */
const SHOWN = 300;

/** The error that an HTTP answer stands for. @param said the body. */
export function errorOfStatus(url: string, status: number, headers: Headers, said: string): ServerError {
  const reason = reasonOf(said);
  const says = reason === "" ? "" : ` It says: ${reason}`;
  const retryAfterMs = retryAfter(headers.get("retry-after"));
  const fail = (code: ServerErrorCode, message: string): ServerError => new ServerError(code, message + says, { status, retryAfterMs });
  if (status === 401 || status === 403) return fail("server-unauthorized", `${url} refused the key (${status}). Set the right one, or none if the server needs none.`);
  if (status === 404) return fail("server-not-found", `${url} does not exist there (404). Check the base URL, which ends in /v1, and the model's name.`);
  if (status === 429) {
    const wait = retryAfterMs === undefined ? "Try again later." : `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return fail("server-busy", `${url} has too many requests (429). ${wait}`);
  }
  if (status >= 500) return fail("server-failed", `${url} failed (${status}). The server's log says more.`);
  return fail("server-rejected", `${url} rejected the request (${status}).`);
}

/** The message of an error in JSON, as OpenAI and others write it, or the text itself; one line. */
function reasonOf(said: string): string {
  let text = said;
  try {
    const body = JSON.parse(said) as { readonly error?: unknown; readonly message?: unknown; readonly detail?: unknown } | null;
    const error = body?.error;
    const inner = typeof error === "object" && error !== null ? (error as { readonly message?: unknown }).message : error;
    const found = [inner, body?.message, body?.detail].find((value) => typeof value === "string");
    if (typeof found === "string") text = found;
  } catch {
    // Not JSON: a proxy's page, or plain words.
    if (/^\s*</.test(said)) text = "";
  }
  return text.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN);
}

/** Seconds, or a date. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
