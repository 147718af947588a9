import type { CancelSignal } from "../../base/cancellation";
import type { FormatId, JsonObject, JsonValue } from "../dataset/conversation";
import type { FieldMapping } from "../dataset/fields";
import { detectFormat } from "../dataset/formats";
import type { RandomAccess } from "../io/ports";
import { type FileShape, readRows } from "../jsonl/rows";
import { decodeUtf8 } from "../jsonl/utf8";
import type { FormatCounts } from "./checkSlice";
import type { FileFormat } from "./report";

/** How many rows decide which format a file is taken to have. */
const ROWS_TO_LOOK_AT = 100;

/** The format that most of the first rows have (the earliest one of equals), or undefined where none is recognised. */
export async function sniffFormat(file: RandomAccess, shape: FileShape, fields: FieldMapping, signal?: CancelSignal): Promise<FormatId | undefined> {
  if (shape === "plain") return "text";
  const counts = new Map<FormatId, number>();
  let rows = 0;
  for await (const batch of readRows(file, { shape, signal })) {
    for (const row of batch.rows) {
      if (rows++ >= ROWS_TO_LOOK_AT) break;
      const format = formatOf(row.bytes, fields);
      if (format !== undefined) counts.set(format, (counts.get(format) ?? 0) + 1);
    }
    if (rows > 0) break;
  }
  return majority(counts);
}

/** The format with the highest count; of equals the one counted first. */
export function majority(counts: ReadonlyMap<FormatId, number>): FormatId | undefined {
  let best: FormatId | undefined;
  for (const [format, count] of counts) if (best === undefined || count > (counts.get(best) ?? 0)) best = format;
  return best;
}

function formatOf(bytes: Uint8Array, fields: FieldMapping): FormatId | undefined {
  try {
    const value = JSON.parse(decodeUtf8(bytes).text) as JsonValue;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? detectFormat(value as JsonObject, fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The format of a file from the formats of its rows. Rows without a format do not make it mixed; they are findings of their own. */
export function fileFormat(counts: FormatCounts): FileFormat {
  const known = (Object.keys(counts) as (FormatId | "unknown")[]).filter((format) => format !== "unknown");
  if (known.length > 1) return "mixed";
  if (known[0] !== undefined) return known[0];
  return counts.unknown === undefined ? "empty" : "unknown";
}
