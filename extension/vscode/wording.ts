import * as vscode from "vscode";
import type { SeverityCounts } from "../core/analysis/report";

/** Made with the first number: the first of a process takes some 25 ms, which no activation should wait for. */
let numbers: Intl.NumberFormat | undefined;

/** A number as people write it. */
export function grouped(value: number): string {
  numbers ??= new Intl.NumberFormat(vscode.env.language);
  return numbers.format(value);
}

/** `1 row`, `2 rows`. */
export function rowCount(rows: number): string {
  return rows === 1 ? vscode.l10n.t("1 row") : vscode.l10n.t("{0} rows", grouped(rows));
}

/** `3 errors, 1 warning`, or that there is nothing. Hints are left out: they are not listed as problems either. */
export function findingCount({ errors, warnings, infos }: SeverityCounts): string {
  const parts: string[] = [];
  if (errors > 0) parts.push(errors === 1 ? vscode.l10n.t("1 error") : vscode.l10n.t("{0} errors", grouped(errors)));
  if (warnings > 0) parts.push(warnings === 1 ? vscode.l10n.t("1 warning") : vscode.l10n.t("{0} warnings", grouped(warnings)));
  if (infos > 0) parts.push(infos === 1 ? vscode.l10n.t("1 note") : vscode.l10n.t("{0} notes", grouped(infos)));
  return parts.length === 0 ? vscode.l10n.t("no problems") : parts.join(", ");
}
