import type { Position } from "../../../base/text";
import type { PositionRange } from "../../analysis/finding";
import type { CompletionEntry } from "./completion";
import type { FixChoice } from "./fixes";
import type { Refactoring } from "./refactorings";
import type { PromptCounts } from "./rowCounts";
import type { TokenMark } from "./tokenMarks";

/** An open document as the asker knows it; what has changed since is answered by the error `stale`. */
export interface DocumentVersion {
  readonly uri: string;
  readonly version: number;
}

/** A change of a document's text. Ranges are 1-based lines and columns of the version that was asked about. */
export interface DocumentEdit {
  readonly range: PositionRange;
  readonly text: string;
}

/** A row and where it stands. */
export interface DatasetRow {
  /** As findings count rows. */
  readonly row: number;
  readonly text: string;
  readonly range: PositionRange;
}

/** A fix for a finding, ready to be made. */
export interface OfferedFix {
  readonly rule: string;
  /** Names the kind of fix among those of the rule. */
  readonly id: string;
  readonly title: string;
  /** Whether nothing that is trained on gets lost or made up. */
  readonly safe: boolean;
  /** Where the finding is. */
  readonly range: PositionRange;
  readonly edits: readonly DocumentEdit[];
}

/** A hover as editors show it. */
export interface DatasetHover {
  readonly range: PositionRange;
  /** Markdown in which data only stands inside of code. */
  readonly markdown: string;
}

/** The tokens of a row. */
export interface RowTokens {
  /** As findings count rows. */
  readonly row: number;
  /** Where the row begins. */
  readonly position: Position;
  readonly counts: readonly PromptCounts[];
  /** What the template says of a prompt that it refuses. */
  readonly refused: string | undefined;
}

/** The places of marks: line, first column and the column behind the last one (1-based) of each in turn. */
export interface DatasetMarks {
  readonly places: Readonly<Record<TokenMark, Uint32Array>>;
  /** Whether there were more than are given. */
  readonly cut: boolean;
  /** Whether the chat template says which tokens are trained on; undefined where no prompt was marked. */
  readonly hasMask: boolean | undefined;
  /** Whether the embedding rows of the model are known. */
  readonly hasVerdicts: boolean;
}

/** A row of an outline, with its turns where the document is not too long for that. */
export interface OutlinedRow {
  /** As findings count rows. */
  readonly row: number;
  /** The last row of a part of the document; then `row` is its first, whose beginning `detail` is. */
  readonly lastRow?: number;
  readonly detail: string;
  readonly range: PositionRange;
  readonly turns: readonly { readonly name: string; readonly detail: string; readonly range: PositionRange }[];
}

/** Lines that can be folded: those behind `startLine` up to `endLine`, 1-based. */
export interface DocumentFold {
  readonly startLine: number;
  readonly endLine: number;
}

/** Something that may stand at the cursor; it replaces `range`. */
export type DocumentCompletion = Omit<CompletionEntry, "replace"> & { readonly range: PositionRange };

/** A rewriting of a row that has nothing wrong with it, ready to be made. */
export interface OfferedRefactoring {
  readonly id: Refactoring["id"];
  readonly title: string;
  readonly edits: readonly DocumentEdit[];
}

/** What the check worker answers about open datasets. All answers are about the version that was asked about. */
export interface DatasetLanguageMethods {
  /** Fixes of the findings in a range. */
  readonly datasetFixes: {
    readonly params: DocumentVersion & { readonly range: PositionRange };
    readonly result: readonly OfferedFix[];
    readonly progress: never;
  };
  /** One kind of fix, or all safe ones, made to every row. */
  readonly datasetFixAll: {
    readonly params: DocumentVersion & { readonly choice: FixChoice };
    readonly result: readonly DocumentEdit[];
    readonly progress: never;
  };
  /** Rewritings of the row at a place, or of what is selected in it. */
  readonly datasetRefactorings: {
    readonly params: DocumentVersion & { readonly range: PositionRange };
    readonly result: readonly OfferedRefactoring[];
    readonly progress: never;
  };
  /** One kind of rewriting, made to every row. */
  readonly datasetRefactorAll: {
    readonly params: DocumentVersion & { readonly id: Refactoring["id"] };
    readonly result: readonly DocumentEdit[];
    readonly progress: never;
  };
  /** The row that a place is in; null between rows. */
  readonly datasetRow: {
    readonly params: DocumentVersion & { readonly position: Position };
    readonly result: DatasetRow | null;
    readonly progress: never;
  };
  readonly datasetOutline: { readonly params: DocumentVersion; readonly result: readonly OutlinedRow[]; readonly progress: never };
  readonly datasetFolds: { readonly params: DocumentVersion; readonly result: readonly DocumentFold[]; readonly progress: never };
  readonly datasetCompletions: {
    readonly params: DocumentVersion & { readonly position: Position };
    readonly result: readonly DocumentCompletion[];
    readonly progress: never;
  };
  /** What there is to say about a place; null where there is nothing. */
  readonly datasetHover: {
    readonly params: DocumentVersion & {
      readonly position: Position;
      /** The row's number in its dataset, where it is a document of its own; else null. */
      readonly ownRow: number | null;
      /** What to do without a model, in Markdown. */
      readonly selectModel: string;
      /** The language that numbers are written in. */
      readonly locale: string;
    };
    readonly result: DatasetHover | null;
    readonly progress: never;
  };
  /** The tokens of the rows that begin in a range. Empty without a model. */
  readonly datasetTokens: {
    readonly params: DocumentVersion & { readonly range: PositionRange };
    readonly result: readonly RowTokens[];
    readonly progress: never;
  };
  /** The places of the marks that are wanted, in the rows that ranges touch. Null without a model. */
  readonly datasetMarks: {
    readonly params: DocumentVersion & { readonly ranges: readonly PositionRange[]; readonly marks: readonly TokenMark[] };
    readonly result: DatasetMarks | null;
    readonly progress: never;
  };
}
