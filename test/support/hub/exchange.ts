import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A request as a server got it. */
export interface LoggedRequest {
  readonly server: "hub" | "storage";
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  readonly headers: Readonly<IncomingHttpHeaders>;
  status: number;
  /** Of the body, as they were handed to the network. */
  bytes: number;
}

/** What a server does wrong, in place of or on top of what it should do. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: "hang" }
  /** Ends the connection after this many bytes of the body. */
  | { readonly kind: "drop"; readonly afterBytes: number }
  /** Pauses before every piece of the body. */
  | { readonly kind: "slow"; readonly pieceBytes: number; readonly pauseMs: number }
  /** Stops in the middle of the body and says nothing any more. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  | { readonly kind: "no-ranges" }
  /** Gives a shorter range than was asked for. */
  | { readonly kind: "short"; readonly bytes: number }
  /** Gives the range that lies this much further. */
  | { readonly kind: "shifted"; readonly by: number }
  | { readonly kind: "damage" }
  | { readonly kind: "etag"; readonly etag: string }
  | { readonly kind: "body"; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

interface Range {
  readonly start: number;
  readonly end: number;
}

/** One request and its answer. */
export class Exchange {
  readonly request: LoggedRequest;
  readonly fault: Fault | undefined;
  readonly #response: ServerResponse;

  constructor(request: LoggedRequest, response: ServerResponse, fault: Fault | undefined) {
    this.request = request;
    this.fault = fault;
    this.#response = response;
  }

  /** Does what a fault says that leaves no room for an answer. */
  async failsAtOnce(): Promise<boolean> {
    const { fault } = this;
    if (fault?.kind === "hang") return await new Promise((done) => this.#response.once("close", () => done(true)));
    if (fault?.kind === "status") await this.#end(fault.status, fault.headers ?? {}, "");
    if (fault?.kind === "body") await this.#end(200, { "content-type": "text/html", ...fault.headers }, fault.body);
    return fault?.kind === "status" || fault?.kind === "body";
  }

  redirect(status: number, location: string, headers: Readonly<Record<string, string>>): Promise<void> {
    return this.#end(status, { ...headers, location }, `Redirecting to ${location}`);
  }

  refuse(status: number, code: string | undefined, message: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    return this.#end(status, { ...headers, ...(code === undefined ? {} : { "x-error-code": code }), ...(message === "" ? {} : { "x-error-message": message }) }, message);
  }

  json(value: unknown, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    return this.#end(200, { ...headers, "content-type": "application/json" }, JSON.stringify(value));
  }

  #end(status: number, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
    this.request.status = status;
    const bytes = this.request.method === "HEAD" ? "" : body;
    this.request.bytes += bytes.length;
    this.#response.writeHead(status, headers).end(bytes);
    return Promise.resolve();
  }

  /** Sends a file, or the part of it that was asked for, with the fault of this request. */
  async content(bytes: Uint8Array, etag: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const { fault, request } = this;
    const tag = fault?.kind === "etag" ? fault.etag : `"${etag}"`;
    const match = request.headers["if-match"];
    if (match !== undefined && match !== tag) return this.refuse(412, undefined, "Precondition failed");
    const range = fault?.kind === "no-ranges" ? undefined : rangeOf(request.range, bytes.length);
    if (range === "outside") return this.#end(416, { "content-range": `bytes */${bytes.length}` }, "");
    const start = (range?.start ?? 0) + (fault?.kind === "shifted" ? fault.by : 0);
    const end = Math.min(range?.end ?? bytes.length, fault?.kind === "short" ? start + fault.bytes : Infinity);
    request.status = range === undefined ? 200 : 206;
    this.#response.writeHead(request.status, {
      ...headers,
      etag: tag,
      "content-length": end - start,
      ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` }),
    });
    if (request.method === "HEAD") this.#response.end();
    else await this.#body(fault?.kind === "damage" ? damaged(bytes.subarray(start, end)) : bytes.subarray(start, end));
  }

  async #body(bytes: Uint8Array): Promise<void> {
    const { fault } = this;
    const stop = fault?.kind === "drop" || fault?.kind === "stall" ? Math.min(fault.afterBytes, bytes.length) : bytes.length;
    const piece = fault?.kind === "slow" ? fault.pieceBytes : 64 * 1024;
    for (let at = 0; at < stop && !this.#response.destroyed; at += piece) {
      if (fault?.kind === "slow") await sleep(fault.pauseMs);
      await this.#write(bytes.subarray(at, Math.min(at + piece, stop)));
    }
    if (fault?.kind === "drop") this.#response.destroy();
    else if (fault?.kind !== "stall") this.#response.end();
  }

  #write(bytes: Uint8Array): Promise<void> {
    this.request.bytes += bytes.length;
    return new Promise((done) => {
      this.#response.once("close", done);
      this.#response.write(bytes, () => {
        this.#response.off("close", done);
        done();
      });
    });
  }
}

function rangeOf(header: string | undefined, size: number): Range | "outside" | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined) return undefined;
  const start = Number(from);
  return start >= size ? "outside" : { start, end: Math.min(size, to === "" || to === undefined ? size : Number(to) + 1) };
}

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0xff;
  return copy;
}
