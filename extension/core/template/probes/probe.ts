import type { JsonValue } from "../../dataset/conversation";
import type { PromptOutcome } from "../promptOutcome";
import type { RenderInput } from "../renderer";

/** What came of a probe's render. `stopped`: the probes had no time left for it. */
export type Outcome = PromptOutcome | { readonly kind: "stopped" };

/** A conversation as a probe renders it, and what came of it. */
export interface Rendering {
  readonly input: RenderInput;
  readonly continueFinal: boolean;
  readonly outcome: Outcome;
}

/** Two renderings whose difference, or whose lack of one, is what a verdict rests on. */
export interface Evidence {
  /** What the other one is compared with. */
  readonly base: Rendering;
  readonly probed: Rendering;
}

/** The verdicts of each probe. `unknown`: not even what it compares with renders, or the probes were stopped. */
export interface Verdicts {
  /** A system message stands in the prompt as a turn of its own, inside the user's turn, not at all, or is refused. */
  readonly "system-role": "kept" | "merged" | "dropped" | "refused" | "unknown";
  /** A message with a role that nobody knows. */
  readonly "unknown-role": "rendered" | "dropped" | "refused" | "unknown";
  /** Turns out of turn: refused, left out, or rendered like any others. */
  readonly alternation: "enforced" | "drops" | "free" | "unknown";
  /** Content that is a text. `repr`: it is printed as Python writes values. */
  readonly "content-string": ContentVerdict;
  /** Content that is a list of parts. */
  readonly "content-parts": ContentVerdict;
  /** The definitions of tools. `partial`: their names, but not their parameters or descriptions. */
  readonly tools: "rendered" | "partial" | "dropped" | "refused" | "unknown";
  /** An empty list of tools: as if there were none, or with the text that introduces tools. */
  readonly "empty-tools": "ignored" | "announced" | "refused" | "unknown";
  /** Calls of tools and their results. `partial`: something of them is missing. */
  readonly "tool-calls": "kept" | "partial" | "dropped" | "refused" | "unknown";
  /** How the arguments of calls must be given so that they stand in the prompt as they are meant. */
  readonly "tool-arguments": "mapping" | "string" | "both" | "neither" | "dropped" | "unknown";
  /**
   * What add_generation_prompt does: it adds the beginning of the assistant's turn; nothing, as the turn begins where the
   * user's ends; nothing, although the turn begins with something; it changes what stands before.
   */
  readonly "generation-prompt": "honoured" | "implicit" | "ignored" | "rewrites" | "unknown";
  /** Whether the assistant's turn begins in training as the generation prompt says. */
  readonly "generation-prefix": "same" | "differs" | "unknown";
  /** Whether a conversation renders to the beginning of what it renders to with more turns. */
  readonly "prefix-preserving": "yes" | "no" | "unknown";
  /** The same when a tool's result follows the assistant's call, which is what TRL relies on. */
  readonly "tool-prefix-preserving": "yes" | "no" | "unknown";
  /**
   * What ends an assistant's turn: the EOS token, another token, a text, or nothing; a token only in the last turn, or only in
   * the turns before it; one token in the last turn and another one before.
   */
  readonly "end-of-turn": "eos" | "token" | "text" | "none" | "last-only" | "history-only" | "varies" | "unknown";
  /** Whether a turn that calls tools ends with the same token as other turns, with another one, or with none. */
  readonly "end-of-tool-turn": "same" | "other" | "none" | "unknown";
  /** Whether the end of the turn lies in the `{% generation %}` span, so that it is trained. */
  readonly "end-of-turn-mask": "inside" | "outside" | "no-mask" | "unknown";
  /** Whether the spans of `{% generation %}` are the assistant's turns. `unseen`: trainers do not see the tag as it is written. */
  readonly "generation-tag": "yes" | "no" | "unseen" | "wrong" | "unknown";
  /** What a template that can be told to think does untold. `own`: something else than either. */
  readonly "thinking-switch": "none" | "on" | "off" | "own" | "unknown";
  /** Whether `<think>` blocks in the content of assistant turns stay: all, those of the last turn, or none. */
  readonly "thinking-history": "kept" | "last-only" | "stripped" | "unknown";
  /** The same for reasoning in a field of its own. */
  readonly "reasoning-field": "kept" | "last-only" | "none" | "unknown";
  /** Whether turns without reasoning get an empty `<think>` block. */
  readonly "empty-thinking": "none" | "last-only" | "every" | "unknown";
  /** Who puts the BOS token before the prompt. */
  readonly "double-bos": "double" | "template" | "tokenizer" | "none" | "unknown";
  /** continue_final_message. `trimmed`: without the white space at the message's end. */
  readonly "continue-final": "works" | "trimmed" | "refused" | "wrong" | "unknown";
}

export type ContentVerdict = "yes" | "repr" | "dropped" | "refused" | "unknown";

export type ProbeId = keyof Verdicts;

/** What a probe found. */
export interface Finding<Id extends ProbeId> {
  readonly verdict: Verdicts[Id];
  readonly evidence: Evidence | undefined;
  /** What the verdict is made of, by name. */
  readonly details?: Readonly<Record<string, JsonValue>>;
}

/** The finding of the probe `id`. */
export type ProbeResult<Id extends ProbeId = ProbeId> = { readonly [K in Id]: { readonly id: K } & Finding<K> }[Id];
