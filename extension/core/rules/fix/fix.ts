import type { Conversation, Sample } from "../../dataset/conversation";
import type { TextEdit } from "../../jsonl/edits";
import type { JsonProblem } from "../../jsonl/parse";
import type { JsonTree } from "../../jsonl/tree";
import type { JsonStyle } from "../../jsonl/treeEdits";

/** A row that may be mended. */
export interface FixableRow {
  readonly tree: JsonTree;
  readonly style: JsonStyle;
  /** Empty where the row is JSON. */
  readonly problems: readonly JsonProblem[];
  /** Undefined where the row is no JSON or its format is not known. */
  readonly sample: Sample | undefined;
  /** The format that most rows of the file have, as far as it is known. */
  readonly expectedFormat: string | undefined;
}

/** A way to mend a row. */
export interface Fix {
  /** Names the kind of fix, so that the same can be done to all rows; unique among the fixes of one rule. */
  readonly id: string;
  /** As a menu shows it. */
  readonly title: string;
  /** Edits of the row's text, or that the row shall go. */
  readonly edits: readonly TextEdit[] | "delete row";
  /** Whether it may be made without anybody looking: nothing that is trained on gets lost or made up. */
  readonly safe: boolean;
}

/** A fix that loses and makes up nothing. */
export function safeFix(id: string, title: string, edits: readonly TextEdit[]): Fix {
  return { id, title, edits, safe: true };
}

/** A fix that somebody has to choose. */
export function chosenFix(id: string, title: string, edits: readonly TextEdit[]): Fix {
  return { id, title, edits, safe: false };
}

export const DELETE_ROW: Fix = { id: "delete-row", title: "Delete this row", edits: "delete row", safe: false };

/** Whether a finding at the pointer is about the conversation: it stands at it, or at or in one of its turns. */
export function isIn({ pointer, turns }: Conversation, at: string): boolean {
  return pointer === at || turns.some((turn) => `${at}/`.startsWith(`${turn.pointer}/`));
}
