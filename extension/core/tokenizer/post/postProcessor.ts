import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import type { TokenBuffer } from "../words/tokenBuffer";
import { type TokenSpaces, trimOffsets } from "./trimOffsets";

/** What happens to the tokens of a whole text. */
export interface PostProcessor {
  /** Changes the tokens in `tokens`, which are those of `text`. @param specialTokens whether tokens such as BOS are added. */
  process(tokens: TokenBuffer, text: string, specialTokens: boolean): void;
}

type Step =
  | { readonly kind: "trim"; readonly prefixSpace: boolean }
  | { readonly kind: "around"; readonly before: readonly number[]; readonly after: readonly number[] };

/** The post-processor that the field `post_processor` of a tokenizer.json describes, for one text, as the Rust library has it. */
export function createPostProcessor(value: JsonValue | undefined, spaces: TokenSpaces): PostProcessor | Unsupported {
  const steps = stepsOf(value);
  if ("unsupported" in steps) return steps;
  return {
    process: (tokens, text, specialTokens) => {
      for (const step of steps) {
        if (step.kind === "around") {
          if (specialTokens) surround(tokens, step.before, step.after);
        } else if (tokens.placed) trimOffsets(tokens, text, spaces, step.prefixSpace);
      }
    },
  };
}

/** Whether the field is understood. */
export function postProcessorProblem(value: JsonValue | undefined): Unsupported | undefined {
  const steps = stepsOf(value);
  return "unsupported" in steps ? steps : undefined;
}

function stepsOf(value: JsonValue | undefined): readonly Step[] | Unsupported {
  if (value === undefined || value === null) return [];
  const node = value as JsonObject;
  switch (node["type"]) {
    case "Sequence":
      return sequenceSteps((node["processors"] ?? []) as readonly JsonValue[]);
    case "ByteLevel":
      return node["trim_offsets"] === false ? [] : [{ kind: "trim", prefixSpace: node["add_prefix_space"] !== false }];
    case "TemplateProcessing":
      return templateSteps(node);
    case "BertProcessing":
      return pairSteps(node);
    case "RobertaProcessing": {
      const trim: Step[] = node["trim_offsets"] === false ? [] : [{ kind: "trim", prefixSpace: node["add_prefix_space"] !== false }];
      const pair = pairSteps(node);
      return "unsupported" in pair ? pair : [...trim, ...pair];
    }
    default:
      return { unsupported: `its post-processor is ${JSON.stringify(node["type"])}` };
  }
}

function sequenceSteps(parts: readonly JsonValue[]): readonly Step[] | Unsupported {
  const steps: Step[] = [];
  for (const part of parts) {
    const more = stepsOf(part);
    if ("unsupported" in more) return more;
    steps.push(...more);
  }
  return steps;
}

function pairSteps({ cls, sep }: JsonObject): readonly Step[] | Unsupported {
  const first = Array.isArray(cls) ? (cls as readonly JsonValue[])[1] : undefined;
  const last = Array.isArray(sep) ? (sep as readonly JsonValue[])[1] : undefined;
  if (typeof first !== "number" || typeof last !== "number") return { unsupported: "its post-processor adds tokens without ids" };
  return [{ kind: "around", before: [first], after: [last] }];
}

function templateSteps({ single, special_tokens: specialTokens }: JsonObject): readonly Step[] | Unsupported {
  const pieces = Array.isArray(single) ? (single as readonly JsonObject[]) : [];
  const at = pieces.findIndex((piece) => "Sequence" in piece);
  const idsOf = (piece: JsonObject): readonly number[] | undefined => {
    const { id } = (piece["SpecialToken"] ?? {}) as JsonObject;
    const { ids } = ((typeof id === "string" ? ((specialTokens ?? {}) as JsonObject)[id] : undefined) ?? {}) as JsonObject;
    return Array.isArray(ids) ? (ids as readonly number[]) : undefined;
  };
  const before = pieces.slice(0, Math.max(at, 0)).map(idsOf);
  const after = pieces.slice(at + 1).map(idsOf);
  if (at < 0 || before.includes(undefined) || after.includes(undefined)) return { unsupported: "its post-processor's template is not one text between tokens" };
  return [{ kind: "around", before: before.flatMap((ids) => ids ?? []), after: after.flatMap((ids) => ids ?? []) }];
}

function surround(tokens: TokenBuffer, before: readonly number[], after: readonly number[]): void {
  const { count } = tokens;
  const shift = before.length;
  if (shift > 0) {
    tokens.reserve(shift);
    tokens.ids.copyWithin(shift, 0, count);
    tokens.ids.set(before);
    if (tokens.placed) tokens.offsets.copyWithin(2 * shift, 0, 2 * count).fill(0, 0, 2 * shift);
    tokens.count += shift;
  }
  for (const id of after) tokens.add(id, 0, 0);
}
