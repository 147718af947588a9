import * as vscode from "vscode";
import { parseJson } from "../../core/jsonl/parse";
import { laidOutLike, spreadOut } from "../../core/jsonl/reformat";

/** The row spread out. One that is no JSON stays as it is: then the editor is where it is mended. */
export function spread(text: string): string {
  const { tree, problems } = parseJson(text);
  return problems.length > 0 ? text : `${spreadOut(tree)}\n`;
}

/** What an edited document makes of the row. @throws FileSystemError where it is no JSON */
export function rowText(base: string, edited: string): string {
  const original = parseJson(base);
  const { tree, problems } = parseJson(edited);
  const [problem] = problems;
  if (problem !== undefined) {
    const line = edited.slice(0, problem.start).split("\n").length;
    throw vscode.FileSystemError.Unavailable(vscode.l10n.t("Line {0} is not JSON: {1} The row was not saved.", line, problem.message));
  }
  return original.problems.length > 0 ? laidOutLike(parseJson("").tree, tree) : laidOutLike(original.tree, tree);
}
