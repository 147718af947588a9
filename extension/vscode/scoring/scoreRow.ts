import * as vscode from "vscode";
import { scoreOf } from "../../core/playground/rowScore";
import { readSetting } from "../configuration";
import type { LocalModel } from "../inference/localModel";
import type { Log } from "../log";
import type { RowPlace, SurprisePaint } from "./paint";
import { LocalScorer } from "./scorer";
import { scoreText } from "./wording";

/** Has the model read a row, and paints what surprises it. */
export async function scoreRow(document: vscode.TextDocument, row: RowPlace, model: LocalModel, paint: SurprisePaint, log: Log): Promise<void> {
  const title = vscode.l10n.t("Scoring the row with {0}", model.name);
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (_, token) => {
    const abort = new AbortController();
    const cancelling = token.onCancellationRequested(() => abort.abort());
    const { version } = document;
    try {
      const scorer = new LocalScorer(model, readSetting("fields", document.uri), abort.signal);
      const prompts = [];
      for (const tokens of await scorer.rowTokens(row.text)) {
        if (tokens.ids.length < 2) continue;
        prompts.push({ tokens, score: await scorer.score({ ids: tokens.ids }) });
      }
      if (prompts.length === 0) {
        log.warn(vscode.l10n.t("There is nothing to score: the row has no known format, or no text."));
        return;
      }
      // Places of an older version would lie beside the text.
      if (document.version === version) paint.paint(document.uri, row, prompts);
      const sentences = prompts.map(({ tokens, score }) => scoreText(scoreOf(tokens, score.logProbabilities, score.nonFinite)));
      log.info(vscode.l10n.t("{0}: {1}.", model.name, sentences.join(" — ")));
    } finally {
      cancelling.dispose();
    }
  });
}
