import * as assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TextDocument, TextDocumentChangeEvent } from "vscode";
import type { LineEdit, WorkerContract, WorkerHostContract } from "../../../extension/core/analysis/workerContract";
import { Channel } from "../../../extension/protocol/channel";
import { DocumentFeed } from "../../../extension/vscode/documents/documentFeed";
import { type TextChange, lineEditsOf } from "../../../extension/vscode/documents/lineEdits";

/** A text that is edited as VS Code edits it: places of one event are those before it, and come last one first. */
class FakeDocument {
  readonly uri = { toString: () => "file:///data.jsonl" };
  version = 1;
  text: string;
  lines: string[];

  constructor(text: string) {
    this.text = text;
    this.lines = text.split("\n");
  }

  get lineCount(): number {
    return this.lines.length;
  }

  lineAt(line: number): { readonly text: string } {
    const text = this.lines[line];
    assert.ok(text !== undefined, `line ${line} of ${this.lineCount}`);
    return { text };
  }

  /** Replaces `[start, end)` by `text` for each, given from the first to the last. */
  edit(...edits: readonly { start: number; end: number; text: string }[]): TextChange[] {
    const before = this.text;
    const changes = edits.map(({ start, end, text }) => ({ range: { start: positionAt(before, start), end: positionAt(before, end) }, text }));
    for (const { start, end, text } of [...edits].reverse()) this.text = this.text.slice(0, start) + text + this.text.slice(end);
    this.lines = this.text.split("\n");
    this.version++;
    return changes.reverse();
  }
}

function positionAt(text: string, offset: number): { line: number; character: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)!.length };
}

function apply(lines: readonly string[], edits: readonly LineEdit[]): string[] {
  let result = [...lines];
  for (const { startLine, endLine, lines: added } of edits) result = [...result.slice(0, startLine), ...added, ...result.slice(endLine)];
  return result;
}

/** A seeded generator, so that a failure can be run again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomEdits(text: string, random: (below: number) => number): { start: number; end: number; text: string }[] {
  const places = Array.from({ length: 2 * (1 + random(4)) }, () => random(text.length + 1)).sort((a, b) => a - b);
  const insertions = ["", "x", "\n", "a\nb", "\n\n", "row\n"];
  const edits = [];
  for (let i = 0; i < places.length; i += 2) edits.push({ start: places[i]!, end: places[i + 1]!, text: insertions[random(insertions.length)]! });
  return edits;
}

describe("lineEditsOf", () => {
  it("gives the lines that an edit touches", () => {
    const document = new FakeDocument("a\nb\nc\nd");
    assert.deepEqual(lineEditsOf(document.edit({ start: 2, end: 3, text: "B1\nB2" }), document), [{ startLine: 1, endLine: 2, lines: ["B1", "B2"] }]);
  });

  it("takes the changes of neighbouring lines together", () => {
    const document = new FakeDocument("a\nb\nc");
    const changes = document.edit({ start: 0, end: 0, text: "1" }, { start: 2, end: 2, text: "2" }, { start: 4, end: 4, text: "3" });
    assert.deepEqual(lineEditsOf(changes, document), [{ startLine: 0, endLine: 3, lines: ["1a", "2b", "3c"] }]);
  });

  it("gives up on changes in another order", () => {
    const document = new FakeDocument("a\nb\nc\nd\ne");
    const changes = document.edit({ start: 0, end: 1, text: "x" }, { start: 8, end: 9, text: "y" });
    assert.equal(lineEditsOf(changes.reverse(), document), undefined);
  });

  it("leads to the same text for any edits", () => {
    const random = randomFrom(7);
    for (let round = 0; round < 2000; round++) {
      const document = new FakeDocument("one\ntwo\n\nthree\nfour\nfive\n");
      const before = document.lines;
      const edits = lineEditsOf(document.edit(...randomEdits(document.text, random)), document);
      assert.ok(edits !== undefined);
      assert.deepEqual(apply(before, edits), document.lines, `round ${round}`);
    }
  });
});

/** The lines that a worker would have, from the messages that the feed sends. */
class Receiver {
  lines: string[] = [];
  version: number | undefined;
  opened = 0;
  readonly channel = new Channel<WorkerContract, WorkerHostContract>({
    post: (message) => this.#receive(message as Message),
    onMessage: () => undefined,
    onClose: () => undefined,
  });

  #receive(message: Message): void {
    if (message.kind === "request") {
      this.lines = [];
      this.opened++;
    } else if (message.name === "documentLines") {
      this.lines.push(...message.value.lines);
      this.version = message.value.version;
    } else {
      this.lines = apply(this.lines, message.value.edits);
      if (this.version !== undefined) this.version = message.value.version;
    }
  }
}

type Message =
  | { readonly kind: "request" }
  | { readonly kind: "event"; readonly name: "documentLines"; readonly value: WorkerHostContract["events"]["documentLines"] }
  | { readonly kind: "event"; readonly name: "documentChange"; readonly value: WorkerHostContract["events"]["documentChange"] };

function feed(document: FakeDocument, receiver: Receiver): DocumentFeed {
  return new DocumentFeed(document as unknown as TextDocument, receiver.channel);
}

function changeEvent(contentChanges: readonly TextChange[]): TextDocumentChangeEvent {
  return { contentChanges } as unknown as TextDocumentChangeEvent;
}

async function untilSent(receiver: Receiver): Promise<void> {
  while (receiver.version === undefined) await new Promise((resolve) => setImmediate(resolve));
}

describe("DocumentFeed", () => {
  it("sends a long document in batches, and its version with the last", async () => {
    const document = new FakeDocument(Array.from({ length: 4500 }, (_, i) => String(i)).join("\n"));
    const receiver = new Receiver();
    feed(document, receiver);
    assert.deepEqual([receiver.lines.length, receiver.version], [2000, undefined]);
    await untilSent(receiver);
    assert.deepEqual([receiver.lines, receiver.version], [document.lines, 1]);
  });

  it("keeps edits that come while the document is being sent", async () => {
    const random = randomFrom(3);
    for (let round = 0; round < 20; round++) {
      const document = new FakeDocument(Array.from({ length: 4100 }, (_, i) => String(i)).join("\n"));
      const receiver = new Receiver();
      const sender = feed(document, receiver);
      for (let edit = 0; edit < 3; edit++) {
        const start = random(document.text.length);
        const end = Math.min(document.text.length, start + random(3000));
        sender.change(changeEvent(document.edit({ start, end, text: "x\ny\n" })));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await untilSent(receiver);
      assert.deepEqual(receiver.lines, document.lines, `round ${round}`);
      assert.equal(receiver.version, document.version);
    }
  });

  it("sends the document again when it cannot tell what changed", async () => {
    const document = new FakeDocument("a\nb\nc\nd\ne");
    const receiver = new Receiver();
    const sender = feed(document, receiver);
    sender.change(changeEvent(document.edit({ start: 0, end: 1, text: "x" }, { start: 8, end: 9, text: "y" }).reverse()));
    await untilSent(receiver);
    assert.deepEqual([receiver.opened, receiver.lines, receiver.version], [2, ["x", "b", "c", "d", "y"], 2]);
  });
});
