import type { Severity } from "../rules/rule";
import type { TokenVerdict, UntrainedVerdicts } from "../weights/verdict/explainToken";
import type { RowKind } from "../weights/verdict/judge";

/** The verdicts on a model's tokens as they cross between threads: made once, since judging takes seconds. */
export interface VerdictTable {
  /** How many rows the smaller of the two matrices has. */
  readonly rows: number;
  readonly tied: boolean;
  /** Whether only some rows were looked at; the others are `not-measured`. */
  readonly partial?: boolean;
  /** By id, a number of {@link ROW_KINDS}; ids behind have no row. */
  readonly kinds: Uint8Array;
  /** The ids that there is something against, ascending, and what. Neighbours share the notes on trainers. */
  readonly verdicts: readonly TokenVerdict[];
}

/** The kinds by their number in a table; `trained` is 0, so that a zero means that nothing is wrong. */
export const ROW_KINDS = ["trained", "tail", "near-zero", "zero-output", "zero", "no-token", "non-finite", "no-row", "not-measured"] as const satisfies readonly RowKind[];

/** Writes down the verdicts on all ids below `size`, the number of the tokenizer's ids. */
export function verdictTable(verdicts: UntrainedVerdicts, size: number): VerdictTable {
  const { report, kinds: kindsOf } = verdicts;
  const numbers = new Map<RowKind, number>(ROW_KINDS.map((kind, number) => [kind, number]));
  const kinds = new Uint8Array(Math.max(size, report.rows));
  const found: TokenVerdict[] = [];
  for (let id = 0; id < kinds.length; id++) {
    kinds[id] = numbers.get(kindsOf.of(id)) ?? 0;
    if (kindsOf.severityOf(id) !== undefined) found.push(verdicts.explainToken(id));
  }
  return { rows: report.rows, tied: report.tied, partial: report.measured !== undefined, kinds, verdicts: sharingNotes(found) };
}

/** Most tokens of a kind are treated alike by the trainers; one list for all of them is cloned once. */
function sharingNotes(verdicts: readonly TokenVerdict[]): readonly TokenVerdict[] {
  const known = new Map<string, TokenVerdict["trainers"]>();
  return verdicts.map((verdict) => {
    const key = JSON.stringify(verdict.trainers);
    const trainers = known.get(key) ?? verdict.trainers;
    known.set(key, trainers);
    return { ...verdict, trainers };
  });
}

/** What is known of the embedding rows of the model in force: asked by checks, hovers and the prompt view, token by token. */
export class TokenVerdicts {
  readonly rows: number;
  readonly tied: boolean;
  readonly partial: boolean;
  readonly #kinds: Uint8Array;
  readonly #verdicts: ReadonlyMap<number, TokenVerdict>;

  constructor({ rows, tied, partial = false, kinds, verdicts }: VerdictTable) {
    this.rows = rows;
    this.tied = tied;
    this.partial = partial;
    this.#kinds = kinds;
    this.#verdicts = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  }

  kindOf(id: number): RowKind {
    return ROW_KINDS[this.#kinds[id] ?? -1] ?? "no-row";
  }

  /** How bad it is to use the token; undefined where nothing is against it. */
  severityOf(id: number): Severity | undefined {
    return this.verdictOf(id)?.severity;
  }

  /** The verdict with its reasons, what to do, and what trainers do; undefined where nothing is against the token. */
  verdictOf(id: number): TokenVerdict | undefined {
    return this.#verdicts.get(id) ?? this.#general(id);
  }

  /** The ids that there is something against, ascending. */
  get ids(): Iterable<number> {
    return this.#verdicts.keys();
  }

  /** Ids without a token: only data that was tokenised elsewhere holds such. */
  #general(id: number): TokenVerdict | undefined {
    const kind = this.kindOf(id);
    if (kind !== "no-row" && kind !== "no-token") return undefined;
    const why =
      kind === "no-row"
        ? `The embedding matrix has ${this.rows} rows, and the tokenizer has no token ${id}.`
        : `No token has the id ${id}; its embedding row only fills the matrix up.`;
    const advice = "Tokenise the data with the tokenizer that belongs to the model.";
    const severity = kind === "no-row" ? "error" : "warning";
    return { id, token: undefined, kind, severity, input: undefined, output: undefined, indicator: undefined, why, advice, trainers: [] };
  }
}
