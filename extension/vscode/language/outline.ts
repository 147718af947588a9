import * as vscode from "vscode";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents } from "../documents/documents";
import { rowAddress } from "../rows/rowUri";
import { grouped } from "../wording";
import { rangeOf } from "./places";

/** Rows and their turns in the outline and the breadcrumbs, and folds of rows that span lines. */
export function registerOutline(documents: Documents): vscode.Disposable {
  const selector = { language: DATASET_LANGUAGE };
  return vscode.Disposable.from(
    vscode.languages.registerDocumentSymbolProvider(selector, new OutlineProvider(documents), { label: "Tunesmith" }),
    vscode.languages.registerFoldingRangeProvider(selector, {
      async provideFoldingRanges(document, _context, token) {
        const folds = await documents.ask(document, "datasetFolds", {}, token);
        return folds?.map(({ startLine, endLine }) => new vscode.FoldingRange(startLine - 1, endLine - 1));
      },
    }),
  );
}

class OutlineProvider implements vscode.DocumentSymbolProvider {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async provideDocumentSymbols(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.DocumentSymbol[] | undefined> {
    const rows = await this.#documents.ask(document, "datasetOutline", {}, token);
    // A row that is a document of its own is called what its dataset calls it.
    const own = rowAddress(document.uri)?.row;
    return rows?.map(({ row, lastRow = row, detail, range, turns }) => {
      const place = rangeOf(range);
      const name = lastRow === row ? vscode.l10n.t("Row {0}", own ?? row) : vscode.l10n.t("Rows {0}–{1}", grouped(row), grouped(lastRow));
      const symbol = new vscode.DocumentSymbol(name, detail, vscode.SymbolKind.Struct, place, place);
      symbol.children = turns.map((turn) => {
        const turnPlace = rangeOf(turn.range);
        return new vscode.DocumentSymbol(turn.name, turn.detail, vscode.SymbolKind.String, turnPlace, turnPlace);
      });
      return symbol;
    });
  }
}
