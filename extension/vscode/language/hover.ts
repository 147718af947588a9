import * as vscode from "vscode";
import type { CommandId } from "../../manifest/commands";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents } from "../documents/documents";
import { rowAddress } from "../rows/rowUri";
import { positionOf, rangeOf } from "./places";

const SELECT_MODEL = "tunesmith.selectModel" satisfies CommandId;

/** The prompt, the token and the row's counts where the pointer rests. */
export function registerHover(documents: Documents): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { language: DATASET_LANGUAGE },
    {
      async provideHover(document, position, token) {
        const request = {
          position: positionOf(position),
          ownRow: rowAddress(document.uri)?.row ?? null,
          selectModel: `[${vscode.l10n.t("Select a model")}](command:${SELECT_MODEL})`,
          locale: vscode.env.language,
        };
        const hover = await documents.ask(document, "datasetHover", request, token);
        if (hover === undefined || hover === null) return undefined;
        // Without icons: `$(name)` in the data stays what it is.
        const markdown = new vscode.MarkdownString(hover.markdown);
        markdown.supportHtml = true;
        markdown.isTrusted = { enabledCommands: [SELECT_MODEL] };
        return new vscode.Hover(markdown, rangeOf(hover.range));
      },
    },
  );
}
