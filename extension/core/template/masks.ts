import { JinjaError } from "../jinja/errors";
import { TemplateRefusal } from "./renderer";

/** A stretch of the prompt, UTF-16 units, half-open. */
export type GenerationSpan = readonly [start: number, end: number];

/** Start and end of each of the prompt's tokens in turn, as `Encoding` has them. */
type Offsets = ArrayLike<number>;

/** A generation span that the reference turns into a mask that nobody meant. */
export interface MaskFault {
  /**
   * - `runs-to-end`: the span's last character belongs to no token, or to the first one, and so everything after the span's
   *   beginning is trained on (transformers#47325).
   * - `dropped`: the span begins at a character without a token; it and every later span are left out.
   * - `beyond-end`: the span lies, or ends, behind the prompt: a block inside `{% set %}`, counted from the wrong place.
   */
  readonly kind: "runs-to-end" | "dropped" | "beyond-end";
  /** Which of the generation spans. */
  readonly span: number;
  /** The tokens that are trained on, or left out, against what the span says: `[from, to)`. */
  readonly tokens: readonly [number, number];
}

export interface AssistantMask {
  /** One number a token: 1 where it is trained on. */
  readonly mask: Uint8Array;
  /** The tokens of the mask. */
  readonly trained: number;
  /** Empty where the mask says what the template means. */
  readonly faults: readonly MaskFault[];
}

/** What `transformers` logs for a template without the tag, whose mask is all zero. */
export const NO_GENERATION_WARNING =
  "return_assistant_tokens_mask==True but chat template does not contain `{% generation %}` keyword.";

/** The test by which the reference looks for the tag. It misses `{%+ generation %}`. */
export function seemsToHaveGeneration(source: string): boolean {
  return /\{%-?\s*generation\s*-?%\}/.test(source);
}

/**
 * The assistant mask that `apply_chat_template(…, return_assistant_tokens_mask=True)` gives, its faults included.
 * @param spans the generation spans of the prompt. @param offsets start and end of each of the prompt's tokens in turn
 * @throws TemplateRefusal OverflowError for an empty span at the very beginning, as the reference does.
 */
export function assistantMask(spans: readonly GenerationSpan[], offsets: Offsets): AssistantMask {
  const tokens = offsets.length / 2;
  const mask = new Uint8Array(tokens);
  const faults: MaskFault[] = [];
  const textEnd = offsets[offsets.length - 1] ?? 0;
  for (const [span, [start, end]] of spans.entries()) {
    const first = tokenAt(offsets, start);
    if (end === 0) throw overflow();
    const last = tokenAt(offsets, end - 1);
    if (first === undefined) {
      faults.push({ kind: start >= textEnd ? "beyond-end" : "dropped", span, tokens: [tokens, tokens] });
      break;
    }
    // The reference tests the token's number for truth, so that token 0 is taken for none.
    const stop = last === undefined || last === 0 ? tokens : last + 1;
    mask.fill(1, first, stop);
    const meant = intendedStop(offsets, first, end);
    if (stop > meant) faults.push({ kind: end > textEnd ? "beyond-end" : "runs-to-end", span, tokens: [meant, stop] });
  }
  let trained = 0;
  for (const one of mask) trained += one;
  return { mask, trained, faults };
}

/** The token after the last one that begins before `end`. */
function intendedStop(offsets: Offsets, first: number, end: number): number {
  let stop = first;
  while ((offsets[2 * stop] ?? end) < end) stop++;
  return stop;
}

/** The first token that holds the character at `unit`: `char_to_token`. Offsets rise, so that it is found by bisection. */
function tokenAt(offsets: Offsets, unit: number): number | undefined {
  let low = 0;
  let high = offsets.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[2 * middle + 1] as number) <= unit) low = middle + 1;
    else high = middle;
  }
  const start = offsets[2 * low];
  return start !== undefined && start <= unit ? low : undefined;
}

function overflow(): TemplateRefusal {
  const message = "can't convert negative int to unsigned";
  return new TemplateRefusal(message, { type: "OverflowError", cause: new JinjaError("OverflowError", message) });
}
