import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { diagnosticsOf, reset, show, writeDataset, writeFile } from "../../integration/workspace";
import { output } from "../../support/paths";
import { rowOfRole } from "./bigDataset";
import { turnOffOthers } from "./others";
import { type Turn, recordTurns } from "./turns";

/** What the extension host does while a dataset of 10 MB opens, with the extension or without one. */
export interface OpeningFigures {
  /** The turns of each opening, and of the time behind it. */
  readonly openings: readonly (readonly Turn[])[];
  /** Another opening, under a profile. */
  readonly profiled: readonly Turn[];
  /** Of what is used for the first time; none without the extension. */
  readonly firstUses: Readonly<Record<string, readonly Turn[]>>;
}

/** Where the figures are written. */
export function openingFile(extension: "with" | "without"): string {
  return path.join(output, `bench-opening-${extension}.json`);
}

const ROWS = 22_000;
const OPENINGS = 3;
/** The outline, folds and hints are asked for in the first seconds. */
const BEHIND_MS = 4000;

describe("opening figures", () => {
  it("are measured", async function () {
    this.timeout(600_000);
    const extension = vscode.extensions.getExtension("tunesmith.tunesmith");
    await turnOffOthers();
    const templateUses = extension === undefined ? {} : await useFirst(extension);
    const rows = Array.from({ length: ROWS }, (_, i) => rowOfRole(i, "assistant"));
    const text = [...rows.slice(0, -1), rowOfRole(ROWS, "asistant")].join("\n");
    const openOnce = async (own?: (url: string) => boolean): Promise<readonly Turn[]> => {
      const turns = await opening(writeDataset(text), extension !== undefined, own);
      await reset();
      return turns;
    };
    // What the host does once with the first large document is nobody's.
    await openOnce();
    const openings: (readonly Turn[])[] = [];
    for (let i = 0; i < OPENINGS; i++) openings.push(await openOnce());
    const firstUses = extension === undefined ? {} : { ...templateUses, "row of 10 MB as a document": await openRow(text) };
    const profiled = await openOnce((url) => extension !== undefined && url.includes(path.join(extension.extensionPath, "dist")));
    mkdirSync(output, { recursive: true });
    writeFileSync(openingFile(extension === undefined ? "without" : "with"), JSON.stringify({ openings, profiled, firstUses } satisfies OpeningFigures));
  });
});

/** Opens a dataset with one wrong role in its last row, and looks on for a while. The turn is noted in which the editor hands the document over. */
async function opening(uri: vscode.Uri, checked: boolean, own: ((url: string) => boolean) | undefined): Promise<readonly Turn[]> {
  return await recordTurns(
    async (note) => {
      const handedOver = new Promise<void>((resolve) => {
        const listening = vscode.workspace.onDidOpenTextDocument((document) => {
          if (document.uri.path !== uri.path) return;
          note();
          listening.dispose();
          resolve();
        });
      });
      await show(uri);
      await handedOver;
      if (checked) await diagnosticsOf(uri, (all) => all.length === 1);
      await sleep(BEHIND_MS);
    },
    own === undefined ? {} : { own },
  );
}

/** Opens a row in the middle of a large dataset as a document of its own. */
async function openRow(text: string): Promise<readonly Turn[]> {
  const uri = writeDataset(text);
  await show(uri);
  await diagnosticsOf(uri, (all) => all.length === 1);
  await sleep(BEHIND_MS);
  const turns = await recordTurns(async () => {
    await vscode.commands.executeCommand("tunesmith.openRow", uri, ROWS / 2);
    await sleep(BEHIND_MS);
  });
  await reset();
  return turns;
}

/** Uses what is loaded late, a part a time. */
async function useFirst(extension: vscode.Extension<unknown>): Promise<OpeningFigures["firstUses"]> {
  await extension.activate();
  const uses: Record<string, readonly Turn[]> = {};
  const template = await show(writeFile("data/first.jinja", "{{ bos_token }}{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"));
  uses["first hover in a template"] = await recordTurns(async () => {
    await vscode.commands.executeCommand("vscode.executeHoverProvider", template.uri, new vscode.Position(0, 60));
  });
  uses["first panel"] = await recordTurns(async () => {
    await vscode.commands.executeCommand("tunesmith.openPromptXray");
    await sleep(BEHIND_MS);
  });
  await reset();
  return uses;
}
