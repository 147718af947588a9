import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import * as vscode from "vscode";
import { reset, show, useOwnModel, writeDataset } from "../../integration/workspace";
import { output } from "../../support/paths";
import { until } from "../../support/wait";
import { ROWS, SCREEN_ROWS, datasetRow, screenStart } from "./bigDataset";

/** What is measured inside the extension host; in milliseconds, sorted. */
export interface LanguageFigures {
  /** Hovers over rows all over a 10 MB dataset. */
  readonly hovers: readonly number[];
  /** Counts of the rows of a screen after scrolling to it, by way of VS Code's own command, which asks through two processes. */
  readonly screens: readonly number[];
}

export const LANGUAGE_FIGURES = path.join(output, "bench-language.json");

const HOVERS = 200;
const SCREENS = 100;

describe("language figures", () => {
  it("are measured", async function () {
    this.timeout(600_000);
    await useOwnModel();
    const uri = writeDataset(Array.from({ length: ROWS }, (_, i) => datasetRow(i)).join("\n"));
    const document = await show(uri);
    // The model is loaded, and the check of the whole document, which shares the worker, is over.
    await until("the model", () => hover(document, 1), (text) => text.includes("Token"), 120_000);
    await until("the check to end", () => quiet(document), (ms) => ms < 30, 120_000);
    const hovers: number[] = [];
    for (let i = 0; i < HOVERS; i++) {
      const started = performance.now();
      await hover(document, (i * 7919) % ROWS);
      hovers.push(performance.now() - started);
    }
    const screens: number[] = [];
    for (let i = 0; i < SCREENS; i++) {
      const line = screenStart(i);
      const started = performance.now();
      await vscode.commands.executeCommand("vscode.executeInlayHintProvider", uri, new vscode.Range(line, 0, line + SCREEN_ROWS, 0));
      screens.push(performance.now() - started);
    }
    mkdirSync(output, { recursive: true });
    const sorted = (times: number[]): number[] => times.sort((a, b) => a - b);
    writeFileSync(LANGUAGE_FIGURES, JSON.stringify({ hovers: sorted(hovers), screens: sorted(screens) } satisfies LanguageFigures));
    await reset();
  });
});

async function hover(document: vscode.TextDocument, line: number): Promise<string> {
  const position = new vscode.Position(line, document.lineAt(line).text.indexOf("does") + 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, position);
  return hovers.map(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value).join("\n")).join("\n");
}

async function quiet(document: vscode.TextDocument): Promise<number> {
  const started = performance.now();
  await hover(document, 1);
  return performance.now() - started;
}
