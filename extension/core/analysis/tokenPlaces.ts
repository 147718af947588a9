import type { Span } from "../../base/text";
import type { Conversation, Turn } from "../dataset/conversation";
import type { RowSource } from "../jsonl/rowSource";
import type { TokenOrigin } from "../rules/tokens/tokenRule";
import type { Origin, PromptTrace } from "./promptTrace";

/** A token of a prompt, where it comes from, and whether it is trained on. */
export interface PlacedToken {
  readonly id: number;
  readonly origin: TokenOrigin;
  readonly trained: boolean | undefined;
  /** The value of the row that it comes from; the conversation where it comes from none. */
  readonly pointer: string;
  /** Its characters in the row's text; undefined where the row has none of them. */
  readonly span: Span | undefined;
  /** The characters of the template that write it. */
  readonly template: Span | undefined;
}

/** What a prompt was made from. */
export interface PromptOrigin {
  readonly trace: PromptTrace;
  readonly source: RowSource;
  /** Undefined where the row is a text. */
  readonly conversation: Conversation | undefined;
}

/**
 * Finds the places of the tokens that `wanted` picks out: characters of the row where any of the token comes from there, else the
 * template's. In the order of the prompt.
 * @param textOf the text that a token stands for
 */
export function placeTokens(prompt: PromptOrigin, wanted: (id: number) => boolean, textOf: (id: number) => string): PlacedToken[] {
  const { encoding } = prompt.trace;
  const placed: PlacedToken[] = [];
  const lookups: Lookups = { computed: new ComputedStrings(prompt.source, textOf), turns: new Turns(prompt.conversation) };
  for (let token = 0; token < encoding.length && placed.length < MAX_PLACED; token++) {
    const id = encoding.ids[token] ?? 0;
    if (wanted(id)) placed.push(placeToken(prompt, id, token, lookups));
  }
  return placed;
}

/** So many tokens of one prompt are placed; a row of more is one that nobody goes through by hand. */
export const MAX_PLACED = 5000;

interface Lookups {
  readonly computed: ComputedStrings;
  readonly turns: Turns;
}

function placeToken(prompt: PromptOrigin, id: number, token: number, { computed, turns }: Lookups): PlacedToken {
  const { trace, conversation } = prompt;
  const trained = trainedAt(prompt, token);
  const [start, end] = trace.encoding.rangeOf(token);
  const whole = conversation?.pointer ?? "";
  const origins = start === end ? [] : trace.originsOf(start, end);
  if (origins.length === 0) return { id, origin: { kind: "tokenizer" }, trained, pointer: whole, span: undefined, template: undefined };
  const template = origins[0]?.template;
  const found = inRow(origins, id, prompt, computed);
  if (found === undefined) return { id, origin: { kind: "template" }, trained, pointer: whole, span: undefined, template };
  const turn = turns.at(found.pointer);
  const role = turn === undefined && conversation?.tools !== undefined ? "tools" : turn?.role;
  return { id, origin: { kind: "content", role }, trained: turn?.trained === false ? false : trained, ...found, template };
}

/** The characters of the row that a token comes from. Where it comes from several values, those of the first. */
function inRow(origins: readonly Origin[], id: number, { source }: PromptOrigin, computed: ComputedStrings): { readonly pointer: string; readonly span: Span } | undefined {
  const data = origins.filter((origin) => origin.kind === "data");
  const [first] = data;
  if (first !== undefined) {
    const end = data.reduce((furthest, origin) => (origin.pointer === first.pointer ? Math.max(furthest, origin.end) : furthest), first.end);
    const span = source.rangeOf(first.pointer, first.start, end);
    return span === undefined ? undefined : { pointer: first.pointer, span };
  }
  const pointers = origins.flatMap((origin) => (origin.kind === "derived" ? origin.pointers : [])).slice(0, MAX_POINTERS);
  for (const pointer of pointers) {
    const span = computed.next(pointer, id);
    if (span !== undefined) return { pointer, span };
  }
  const [pointer] = pointers;
  const span = pointer === undefined ? undefined : source.rangeOf(pointer);
  return pointer === undefined || span === undefined ? undefined : { pointer, span };
}

/** A token that is computed from more strings than this is looked for in the first ones only. */
const MAX_POINTERS = 100;

/**
 * Strings that the template computed something from, such as an escape of JSON: which of their characters a token comes from is
 * not known, but where the string has the token's own text, it is that, one occurrence after the other.
 */
class ComputedStrings {
  readonly #source: RowSource;
  readonly #textOf: (id: number) => string;
  readonly #strings = new Map<string, string>();
  /** Where to go on looking, by pointer and id. */
  readonly #from = new Map<string, number>();

  constructor(source: RowSource, textOf: (id: number) => string) {
    this.#source = source;
    this.#textOf = textOf;
  }

  /** The place of the next occurrence in the row's text; undefined where the string does not have the text, or not again. */
  next(pointer: string, id: number): Span | undefined {
    const text = this.#textOf(id);
    const key = `${id} ${pointer}`;
    const at = text === "" ? -1 : this.#stringAt(pointer).indexOf(text, this.#from.get(key) ?? 0);
    if (at === -1) return undefined;
    this.#from.set(key, at + text.length);
    return this.#source.rangeOf(pointer, at, at + text.length);
  }

  #stringAt(pointer: string): string {
    let string = this.#strings.get(pointer);
    if (string === undefined) {
      const node = this.#source.nodeAt(pointer);
      string = node !== undefined && this.#source.tree.kind(node) === "string" ? this.#source.tree.string(node) : "";
      this.#strings.set(pointer, string);
    }
    return string;
  }
}

/** The turns of a conversation by the pointers of what they are made of. */
class Turns {
  readonly #byPointer = new Map<string, Turn>();

  constructor(conversation: Conversation | undefined) {
    for (const turn of conversation?.turns ?? []) {
      for (const pointer of [turn.pointer, ...turn.content.map((piece) => piece.pointer)]) {
        if (pointer !== null && !this.#byPointer.has(pointer)) this.#byPointer.set(pointer, turn);
      }
    }
  }

  /** The turn that a value belongs to. */
  at(pointer: string): Turn | undefined {
    for (let part = pointer; ; part = part.slice(0, part.lastIndexOf("/"))) {
      const turn = this.#byPointer.get(part);
      if (turn !== undefined || part === "") return turn;
    }
  }
}

function trainedAt({ trace }: PromptOrigin, token: number): boolean | undefined {
  const mask = trace.mask?.mask;
  return mask === undefined ? undefined : mask[token] === 1;
}
