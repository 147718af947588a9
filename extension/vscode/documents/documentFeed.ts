import type * as vscode from "vscode";
import type { WorkerContract, WorkerHostContract, LineEdit } from "../../core/analysis/workerContract";
import type { Channel } from "../../protocol/channel";
import { lineEditsOf } from "./lineEdits";

/** Lines and text that are sent in one turn of the event loop: a few milliseconds of the extension host's time. */
const BATCH_LINES = 2000;
const BATCH_LENGTH = 256 * 1024;

/** Keeps a worker's copy of a document up to date. */
export class DocumentFeed implements vscode.Disposable {
  readonly #document: vscode.TextDocument;
  readonly #channel: Channel<WorkerContract, WorkerHostContract>;
  readonly #uri: string;
  /** How many of the document's lines the worker has. */
  #sent = 0;
  #complete = false;
  #version: number;
  #disposed = false;
  /** Counts the attempts to send the document; only the last one goes on. */
  #attempt = 0;

  constructor(document: vscode.TextDocument, channel: Channel<WorkerContract, WorkerHostContract>) {
    this.#document = document;
    this.#channel = channel;
    this.#uri = document.uri.toString();
    this.#version = document.version;
    this.#open();
  }

  /** Tells the worker what an event says has changed. */
  change(event: vscode.TextDocumentChangeEvent): void {
    if (this.#document.version === this.#version) return;
    this.#version = this.#document.version;
    const edits = lineEditsOf(event.contentChanges, this.#document);
    if (edits === undefined) this.#open();
    else this.#channel.send("documentChange", { uri: this.#uri, version: this.#version, edits: this.#complete ? edits : this.#sentPartOf(edits) });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#ask("documentClose");
  }

  #open(): void {
    this.#sent = 0;
    this.#complete = false;
    this.#ask("documentOpen");
    this.#sendBatch(++this.#attempt);
  }

  #ask(method: "documentOpen" | "documentClose"): void {
    // It only fails when the worker is gone, which its owner hears of.
    this.#channel.request(method, { uri: this.#uri }).catch(() => undefined);
  }

  #sendBatch(attempt: number): void {
    if (this.#disposed || attempt !== this.#attempt) return;
    const lines: string[] = [];
    let length = 0;
    while (this.#sent < this.#document.lineCount && lines.length < BATCH_LINES && length < BATCH_LENGTH) {
      const { text } = this.#document.lineAt(this.#sent++);
      lines.push(text);
      length += text.length;
    }
    this.#complete = this.#sent >= this.#document.lineCount;
    this.#channel.send("documentLines", { uri: this.#uri, lines, version: this.#complete ? this.#document.version : undefined });
    if (!this.#complete) {
      setImmediate(() => {
        this.#sendBatch(attempt);
      });
    }
  }

  /** Edits of lines that are still to be sent need no telling: the lines are read when it is their turn. */
  #sentPartOf(edits: readonly LineEdit[]): LineEdit[] {
    const told: LineEdit[] = [];
    for (const edit of edits) {
      if (edit.startLine >= this.#sent) continue;
      if (edit.endLine <= this.#sent) {
        told.push(edit);
        this.#sent += edit.lines.length - (edit.endLine - edit.startLine);
      } else {
        told.push({ startLine: edit.startLine, endLine: this.#sent, lines: [] });
        this.#sent = edit.startLine;
      }
    }
    return told;
  }
}
