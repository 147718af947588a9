import * as vscode from "vscode";
import { TunesmithError } from "../../base/errors";
import { fieldsFrom } from "../../core/dataset/fields";
import { readSample } from "../../core/dataset/formats";
import type { JsonValue } from "../../core/dataset/conversation";
import { isObject } from "../../core/dataset/values";
import { CHAT_ROLES, type NewTurn } from "../../core/playground/turns";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { readSetting } from "../configuration";
import type { Documents } from "../documents/documents";
import { positionOf } from "../language/places";
import type { Log } from "../log";
import { type SurprisePaint, type RowPlace } from "../scoring/paint";
import type { ScoreReports } from "../scoring/report";
import { scoreDataset } from "../scoring/scoreDataset";
import { scoreRow } from "../scoring/scoreRow";
import type { ModelChoice } from "./modelChoice";
import type { Playground } from "./playground";

export interface ModelCommandsOptions {
  readonly documents: Documents;
  readonly playground: Playground;
  /** Which model scores. */
  readonly choice: ModelChoice;
  readonly paint: SurprisePaint;
  readonly reports: ScoreReports;
  readonly log: Log;
  /** A folder of the extension's own. */
  readonly storage: string;
}

/** What the commands that have a model read datasets do. */
export class ModelCommands {
  readonly #options: ModelCommandsOptions;

  constructor(options: ModelCommandsOptions) {
    this.#options = options;
  }

  /** Opens the row at the cursor in the playground, and has its last answer given anew. */
  async continueRow(): Promise<void> {
    const { document, row } = await this.#rowAtCursor();
    const sample = readSample(objectOf(row.text), fieldsFrom(readSetting("fields", document.uri)));
    const conversation = sample?.conversations[0];
    if (conversation === undefined) throw noRow(vscode.l10n.t("This row is no conversation."));
    const turns = conversation.turns.map(({ role, content }): NewTurn => ({
      role: CHAT_ROLES.find((known) => known === role) ?? (role === "developer" ? "system" : "user"),
      content: content.map(({ text }) => text).join(""),
    }));
    await this.#options.playground.open({ turns, answer: true });
  }

  async scoreRow(): Promise<void> {
    const { document, row } = await this.#rowAtCursor();
    const { choice, paint, log } = this.#options;
    await scoreRow(document, row, await choice.localModel(), paint, log);
  }

  async scoreDataset([clicked]: readonly unknown[]): Promise<void> {
    const { choice, reports, storage } = this.#options;
    const uri = clicked instanceof vscode.Uri ? clicked : vscode.window.activeTextEditor?.document.uri;
    if (uri?.scheme !== "file") throw noRow(vscode.l10n.t("Only datasets on disk are scored. Open one, and try again."));
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    if (open?.isDirty === true && !(await open.save())) return;
    await scoreDataset(uri, { model: await choice.localModel(), reports, storage });
  }

  clearScores(): void {
    this.#options.paint.clear();
    this.#options.reports.clear();
  }

  async #rowAtCursor(): Promise<{ readonly document: vscode.TextDocument; readonly row: RowPlace }> {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== DATASET_LANGUAGE) throw noRow(vscode.l10n.t("Put the cursor into a row of a dataset first."));
    const { document, selection } = editor;
    const row = await this.#options.documents.ask(document, "datasetRow", { position: positionOf(selection.active) });
    if (row === undefined || row === null) throw noRow(vscode.l10n.t("There is no row at the cursor."));
    return { document, row: { text: row.text, line: row.range.start.line - 1, character: row.range.start.column - 1 } };
  }
}

function objectOf(text: string): Parameters<typeof readSample>[0] {
  try {
    const value = JSON.parse(text) as JsonValue;
    if (isObject(value)) return value;
  } catch {
    // Said below in a way that helps.
  }
  throw noRow(vscode.l10n.t("The row at the cursor is no JSON object. Mend it first."));
}

function noRow(message: string): TunesmithError {
  return new TunesmithError("no-row", message);
}
