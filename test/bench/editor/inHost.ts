import * as assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import * as vscode from "vscode";
import { diagnosticsOf, replaceLine, reset, show, writeDataset } from "../../integration/workspace";
import { output } from "../../support/paths";
import { rowOfRole } from "./bigDataset";
import { turnOffOthers } from "./others";

/** What is measured inside the extension host; all in milliseconds. */
export interface EditorFigures {
  /** What VS Code's list of running extensions says as well: loading the code, and the call of `activate`. */
  readonly activation: { readonly load: number; readonly call: number };
  /** From asking for the activation to its end, with the host's own messages to and fro; and the same for an extension that comes with VS Code. */
  readonly activated: number;
  readonly otherActivated: number;
  /** From the edit to its diagnostics, sorted. */
  readonly edits: readonly number[];
}

export const FIGURES = path.join(output, "bench-editor.json");

const EDITS = 50;
const ROWS = 20_000;

describe("editor figures", () => {
  it("are measured", async function () {
    this.timeout(600_000);
    const other = vscode.extensions.all.find(({ isActive, id, packageJSON }) => !isActive && id.startsWith("vscode.") && hasMain(packageJSON));
    const otherActivated = await activate(other);
    const own = vscode.extensions.getExtension("tunesmith.tunesmith");
    assert.ok(own !== undefined && !own.isActive);
    const activation = watchActivation(path.join(own.extensionPath, "dist", "extension.js"));
    const activated = activation.load + (await activate(own));
    await turnOffOthers();
    const rows = Array.from({ length: ROWS }, (_, i) => rowOfRole(i, "assistant"));
    const uri = writeDataset([...rows.slice(0, -1), rowOfRole(ROWS, "asistant")].join("\n"));
    await show(uri);
    await diagnosticsOf(uri, (all) => all.length === 1);
    const edits = await measureEdits(uri);
    mkdirSync(output, { recursive: true });
    writeFileSync(FIGURES, JSON.stringify({ activation, activated, otherActivated, edits } satisfies EditorFigures));
    await reset();
  });
});

function hasMain(manifest: unknown): boolean {
  return typeof manifest === "object" && manifest !== null && "main" in manifest;
}

/** Loads the extension's code as the host is going to, and has its call of `activate` timed: `call` is filled in by that. */
function watchActivation(file: string): { readonly load: number; call: number } {
  const require = createRequire(file);
  const started = performance.now();
  const code = require(file) as { activate: (context: vscode.ExtensionContext) => unknown };
  const times = { load: performance.now() - started, call: 0 };
  const loaded = require.cache[file];
  assert.ok(loaded !== undefined);
  loaded.exports = {
    ...code,
    activate: (context: vscode.ExtensionContext) => {
      const called = performance.now();
      code.activate(context);
      times.call = performance.now() - called;
    },
  };
  return times;
}

async function activate(extension: vscode.Extension<unknown> | undefined): Promise<number> {
  const started = performance.now();
  await extension?.activate();
  return performance.now() - started;
}

async function measureEdits(uri: vscode.Uri): Promise<number[]> {
  const document = await vscode.workspace.openTextDocument(uri);
  const times: number[] = [];
  for (let i = 0; i < EDITS; i++) {
    const line = 1 + ((i * 397) % (ROWS - 1));
    // The extension hears of an edit at this event too; what came before is the editor's time.
    let started = performance.now();
    const hearing = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document) started = performance.now();
    });
    const changed = new Promise<void>((resolve) => {
      const listening = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (!uris.some((other) => other.toString() === uri.toString()) || !isFound(uri, line - 1)) return;
        listening.dispose();
        resolve();
      });
    });
    await replaceLine(document, line, rowOfRole(i, "asistant"));
    await changed;
    hearing.dispose();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b);
}

function isFound(uri: vscode.Uri, line: number): boolean {
  return vscode.languages.getDiagnostics(uri).some(({ range }) => range.start.line === line);
}
