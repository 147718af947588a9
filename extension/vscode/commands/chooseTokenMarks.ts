import * as vscode from "vscode";
import { TOKEN_MARKS, type TokenMark } from "../../core/language/dataset/tokenMarks";
import type { TokenMarks } from "../language/tokenMarks";

/** Lets the user choose which kinds of tokens are marked in datasets. */
export async function chooseTokenMarks(tokenMarks: TokenMarks): Promise<void> {
  const words = wording();
  const items = TOKEN_MARKS.map((mark) => ({ mark, ...words[mark], picked: tokenMarks.chosen.has(mark) }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t("Token Marks"),
    placeHolder: vscode.l10n.t("What to mark in datasets of this workspace"),
  });
  if (picked !== undefined) await tokenMarks.choose(picked.map(({ mark }) => mark));
}

function wording(): Readonly<Record<TokenMark, { readonly label: string; readonly description: string }>> {
  return {
    boundaries: { label: vscode.l10n.t("Token boundaries"), description: vscode.l10n.t("a thin line before each token") },
    special: { label: vscode.l10n.t("Special tokens"), description: vscode.l10n.t("a frame around control tokens in the text") },
    trained: { label: vscode.l10n.t("Trained text"), description: vscode.l10n.t("a solid line under what the loss is computed on") },
    masked: { label: vscode.l10n.t("Masked text"), description: vscode.l10n.t("a dotted line under what is context only") },
    untrained: { label: vscode.l10n.t("Untrained tokens"), description: vscode.l10n.t("a double line under tokens whose embeddings were never trained") },
  };
}
