import type { PositionRange } from "../../analysis/finding";
import type { FixChoice } from "./fixes";

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
}
