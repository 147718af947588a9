import type { JsonObject, JsonValue } from "../../../extension/core/dataset/conversation";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { readSample } from "../../../extension/core/dataset/formats";
import { SAMPLE_RULES } from "../../../extension/core/rules/registry";
import type { FindingDraft, Severity } from "../../../extension/core/rules/rule";

export interface Judgement extends FindingDraft {
  readonly rule: string;
  readonly severity: Severity;
}

/** What all rules say about a row; undefined where its format is not known. */
export function judge(row: JsonObject): Judgement[] | undefined {
  const sample = readSample(row, DEFAULT_FIELDS);
  if (sample === undefined) return undefined;
  const found: Judgement[] = [];
  for (const rule of SAMPLE_RULES) {
    rule.check(sample, (draft) => found.push({ rule: rule.meta.id, severity: rule.meta.severity, ...draft }));
  }
  return found;
}

/** The findings as `rule pointer`, for comparing. */
export function verdict(row: JsonObject): string[] | undefined {
  return judge(row)?.map((finding) => `${finding.rule} ${finding.place.pointer}`);
}

export const system = (content: JsonValue): JsonObject => ({ role: "system", content });
export const user = (content: JsonValue): JsonObject => ({ role: "user", content });
export const assistant = (content: JsonValue): JsonObject => ({ role: "assistant", content });
export const tool = (content: JsonValue): JsonObject => ({ role: "tool", content, tool_call_id: "c1" });
export const calls = (content: JsonValue): JsonObject => ({
  role: "assistant",
  content,
  tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: { a: 1 } } }],
});
export const chat = (...messages: JsonValue[]): JsonObject => ({ messages });
export const shareGpt = (...turns: readonly (readonly [string, JsonValue])[]): JsonObject => ({
  conversations: turns.map(([from, value]) => ({ from, value })),
});
