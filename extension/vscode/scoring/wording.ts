import * as vscode from "vscode";
import type { PromptScore } from "../../core/playground/rowScore";
import { grouped } from "../wording";

/** A score in a sentence: `loss 0.531 over 34 trained tokens, …`. */
export function scoreText(score: PromptScore): string {
  const { trainedTokens, tokens, loss, maxSurprisal, endProbabilities, nonFinite, variant } = score;
  const parts: string[] = [];
  if (trainedTokens === 0) parts.push(vscode.l10n.t("no token of {0} is trained on", grouped(tokens)));
  else parts.push(vscode.l10n.t("loss {0} over {1} trained tokens of {2}", lossText(loss), grouped(trainedTokens), grouped(tokens)));
  if (maxSurprisal !== undefined) parts.push(vscode.l10n.t("at most {0} nats", maxSurprisal.nats.toFixed(1)));
  if (endProbabilities.length > 0) {
    const percents = endProbabilities.map((probability) => `${(probability * 100).toFixed(probability < 0.1 ? 1 : 0)} %`);
    parts.push(vscode.l10n.t("ends its turns where the data does with {0}", percents.join(", ")));
  }
  if (nonFinite.length > 0) parts.push(vscode.l10n.t("{0} predictions are not finite", grouped(nonFinite.length)));
  const text = parts.join("; ");
  return variant === undefined ? text : `${variant}: ${text}`;
}

export function lossText(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(3) : String(loss);
}
