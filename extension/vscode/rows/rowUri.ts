import * as vscode from "vscode";

/** The scheme of documents that are one row of a dataset. */
export const ROW_SCHEME = "tunesmith-row";

/** Which row of which dataset a row document is. */
export interface RowAddress {
  readonly source: vscode.Uri;
  /** As findings count rows, when it was opened. */
  readonly row: number;
  /** Where the row stood then. */
  readonly offset: number;
  readonly length: number;
  /** Tells the row's text from others, so that it is found again after a restart. */
  readonly hash: string;
}

/** The address of a row document. Its path ends like a dataset's, so that it is one for every feature. */
export function rowUri({ source, row, offset, length, hash }: RowAddress): vscode.Uri {
  const name = source.path.slice(source.path.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
  const query = JSON.stringify({ source: source.toString(), row, offset, length, hash });
  return vscode.Uri.from({ scheme: ROW_SCHEME, path: `/${name} row ${row}.jsonl`, query });
}

/** What {@link rowUri} was made of; undefined where it is no such address. */
export function rowAddress(uri: vscode.Uri): RowAddress | undefined {
  if (uri.scheme !== ROW_SCHEME) return undefined;
  try {
    const { source, row, offset, length, hash } = JSON.parse(uri.query) as Readonly<Record<string, unknown>>;
    if (typeof source !== "string" || typeof row !== "number" || typeof offset !== "number" || typeof length !== "number" || typeof hash !== "string") return undefined;
    return { source: vscode.Uri.parse(source, true), row, offset, length, hash };
  } catch {
    return undefined;
  }
}

/** The dataset that settings and models are those of: a row document's own, else the document itself. */
export function datasetOf(uri: vscode.Uri): vscode.Uri {
  return rowAddress(uri)?.source ?? uri;
}

/** A short hash of a row's text (FNV-1a, 32 bits); it only has to tell neighbours apart. */
export function rowHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
