import { pointerTo } from "../jsonl/pointer";
import type { Fault, JsonObject, JsonValue, TokenizedRow } from "./conversation";
import { isList, member } from "./values";

/** The columns of rows that hold token ids instead of text, as `transformers` names them. */
export const TOKEN_IDS = "input_ids";
const LABELS = "labels";
/** TRL's masks, where a row has no labels. */
const MASKS = ["assistant_masks", "completion_mask"] as const;

/** The label of a token that is not trained on, in PyTorch and everywhere else. */
const IGNORED_LABEL = -100;
/** More faults of one row say no more. */
const MAX_FAULTS = 10;

/** Whether a row holds token ids. */
export function isTokenized(row: JsonObject): boolean {
  return isList(member(row, TOKEN_IDS));
}

/** The token ids of a row; undefined where it has none. Whatever is no id is told to `fault` and is -1 in the result. */
export function readTokenized(row: JsonObject, fault: (fault: Fault) => void): TokenizedRow | undefined {
  const values = member(row, TOKEN_IDS);
  if (!isList(values)) return undefined;
  const pointer = pointerTo("", TOKEN_IDS);
  let faults = 0;
  const ids = Int32Array.from(values, (value, i) => {
    if (isTokenId(value)) return value;
    if (faults++ < MAX_FAULTS) fault({ kind: "field", pointer: pointerTo(pointer, i), field: TOKEN_IDS, expected: "token id" });
    return -1;
  });
  const labels = perToken(row, LABELS, ids.length, fault);
  const mask = labels === undefined ? MASKS.map((name) => perToken(row, name, ids.length, fault)).find((each) => each !== undefined) : undefined;
  return {
    pointer,
    ids,
    labels: labels === undefined ? undefined : { pointer: pointerTo("", LABELS), ids: Int32Array.from(labels, (label) => (isTokenId(label) ? label : -1)) },
    trained: labels === undefined ? mask?.map((value) => value === 1 || value === true) : labels.map((label) => label !== IGNORED_LABEL && label !== null),
  };
}

/** A column with a value for every id; one of another length is told of and does not count. */
function perToken(row: JsonObject, name: string, length: number, fault: (fault: Fault) => void): readonly JsonValue[] | undefined {
  const values = member(row, name);
  if (!isList(values)) return undefined;
  if (values.length === length) return values;
  fault({ kind: "field", pointer: pointerTo("", name), field: name, expected: "entry for every id" });
  return undefined;
}

function isTokenId(value: JsonValue): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0x7fffffff;
}
