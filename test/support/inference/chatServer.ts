import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onProcessEnd } from "../cleanup";

/** What the server says to a request; `body` is the request's. */
export type ServerAnswers = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** An OpenAI-compatible server on this machine that says what a test wants it to say. */
export class ChatServer {
  /** What is said to the next requests. */
  answer: ServerAnswers = status(404, "");
  readonly #http: Server;

  private constructor() {
    this.#http = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => this.answer(request, response, body));
    });
    onProcessEnd(() => this.close());
  }

  static async start(): Promise<ChatServer> {
    const server = new ChatServer();
    await new Promise<void>((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1`;
  }

  close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

/** A status and a text. */
export function status(code: number, text: string, headers: Readonly<Record<string, string>> = {}): ServerAnswers {
  return (_request, response) => void response.writeHead(code, headers).end(text);
}

/** An event stream of these parts, ended in the ordinary way. */
export function stream(...parts: readonly string[]): ServerAnswers {
  return (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) response.write(part);
    response.end();
  };
}

/** A connection that breaks behind these parts. */
export function broken(...parts: readonly string[]): ServerAnswers {
  return (_request, response) => {
    response.writeHead(200);
    response.write(parts.join(""), () => response.destroy());
  };
}

/** An event stream that says no more behind these parts, and does not end. */
export function stalled(...parts: readonly string[]): ServerAnswers {
  return (_request, response) => {
    response.writeHead(200);
    response.write(parts.join(""));
  };
}

/** A piece of an answer as chat completions stream it. */
export function chatPiece(content: string, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`;
}
