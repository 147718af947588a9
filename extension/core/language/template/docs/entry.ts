/** What is said of a filter, test, function, tag or member. */
export interface DocEntry {
  /** How it is written. */
  readonly signature: string;
  /** One or two sentences. Markdown. */
  readonly text: string;
}

export type DocTable = ReadonlyMap<string, DocEntry>;

/** A table of rows `[name, signature, text]`. */
export function docTable(rows: readonly (readonly [name: string, signature: string, text: string])[]): DocTable {
  return new Map(rows.map(([name, signature, text]) => [name, { signature, text }]));
}
