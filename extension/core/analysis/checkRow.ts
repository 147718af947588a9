import type { Span } from "../../base/text";
import type { FieldMapping } from "../dataset/fields";
import { formatMember, readSample } from "../dataset/formats";
import type { Conversation, FormatId, JsonObject, JsonValue, Sample, TextPiece, Turn } from "../dataset/conversation";
import { lintTree, mayNeedLint } from "../jsonl/lint";
import { type Place, locate, pointerOf } from "../jsonl/pointer";
import { RowSource } from "../jsonl/rowSource";
import type { JsonTree } from "../jsonl/tree";
import type { DecodedText } from "../jsonl/utf8";
import { BUILTIN } from "../rules/builtin";
import { SAMPLE_RULES } from "../rules/registry";
import type { FindingDraft, RuleMeta, Severity } from "../rules/rule";
import type { PrintedStructure } from "../template/printedStructures";
import { TemplateRefusal } from "../template/renderer";
import type { EngineDifference } from "../template/secondOpinion";
import type { FilePlace } from "./finding";
import type { PromptTrace } from "./promptTrace";
import { type RowPlace, placeFrom } from "./rowPlace";
import type { ToldFindings, TokenCheck } from "./tokenCheck";
import type { UsedIds } from "./usedIds";

/** Renders and counts the prompts of a row; there is none without a model. */
export interface PromptCounter {
  /**
   * Tokens of the rendered conversation, or undefined where the model has no chat template.
   * @param row what the conversation was read from
   * @throws TemplateRefusal when the template refuses it.
   */
  countConversation(conversation: Conversation, row: RowSource): number | undefined;
  countText(text: string): number;
  /** The tokens that {@link countConversation} counts. */
  conversationIds?(conversation: Conversation, row: RowSource): Uint32Array | undefined;
  /** The tokens that {@link countText} counts. */
  textIds?(text: string): Uint32Array;
  /** The prompt that {@link countConversation} counts, with where its characters come from. @throws TemplateRefusal as there */
  tracePrompt?(conversation: Conversation, row: RowSource): PromptTrace | undefined;
  /** The same of a text. */
  traceText?(piece: TextPiece): PromptTrace;
  /** The text of the BOS token, where the model has one. */
  readonly bosToken?: string | undefined;
  /** Whether the prompt of a conversation, or without one of a text, has a BOS token before the one that it begins with itself. */
  addsBos?(conversation: Conversation | undefined, row: RowSource): boolean;
  /** Contents of messages that are no text, and that the prompt has as Python writes lists and dicts. */
  printedStructures?(conversation: Conversation, row: RowSource): readonly PrintedStructure[];
  /** How transformers.js would render the conversation otherwise; undefined where it would not, or refuses it too. */
  engineDifference?(conversation: Conversation, row: RowSource): EngineDifference | undefined;
}

/** What a row is checked against. */
export interface CheckContext {
  readonly fields: FieldMapping;
  readonly counter: PromptCounter | undefined;
  /** More tokens than this are a finding. */
  readonly maxLength: number | undefined;
  /** The format of most rows of the file, as far as it is known. */
  readonly expectedFormat: FormatId | undefined;
  /** Whether prompts are also rendered with the engine of transformers.js; that takes longer than all the rest. */
  readonly secondOpinion?: boolean | undefined;
  /** Looks for tokens with untrained rows, in whatever is counted; undefined until the model's rows are judged. */
  readonly tokenCheck?: TokenCheck | undefined;
  /** Gathers the ids of all prompts, where only the rows of these are to be judged. */
  readonly usedIds?: UsedIds | undefined;
  /** What a pass over a file has told already. */
  readonly told?: ToldFindings | undefined;
}

/** A finding whose place is still counted from the beginning of the row's text, in UTF-16 units. */
export interface RowFinding {
  readonly rule: RuleMeta;
  readonly message: string;
  readonly pointer: string;
  readonly span: Span;
  readonly related: readonly RowRelated[];
  readonly data: NonNullable<FindingDraft["data"]>;
  /** Where it is not the rule's own, unless the user set one. */
  readonly severity?: Severity;
  /** The trainers whose own check would say so; none when left out. */
  readonly profiles?: readonly string[];
  /** Findings of a file with the same key say the same: the first one is enough. */
  readonly once?: string;
}

/** A place that explains a finding: of the row, or of another file. */
export interface RowRelated {
  readonly span: Span;
  readonly message: string;
  readonly inFile?: FilePlace;
}

/** What is known of a row after it was checked. */
export interface RowResult {
  readonly format: FormatId | undefined;
  /** Tokens of the row's prompts together, or undefined without a counter or where the template refused. */
  readonly tokens: number | undefined;
  readonly findings: readonly RowFinding[];
}

const NO_FINDINGS: readonly RowFinding[] = [];
const NO_DATA: NonNullable<FindingDraft["data"]> = {};

/**
 * Checks one row. `JSON.parse` is the fast path; the parser that keeps offsets is only asked where something was found, and
 * to tell where that is.
 */
export function checkRow(row: DecodedText, context: CheckContext): RowResult {
  const check = new RowCheck(row, context);
  return check.run();
}

/** Checks a row that is plain text, not JSON. */
export function checkPlainRow(row: DecodedText, context: CheckContext): RowResult {
  const check = new RowCheck(row, context);
  return check.runPlain();
}

class RowCheck {
  readonly #row: DecodedText;
  readonly #context: CheckContext;
  readonly #source: RowSource;
  #findings: RowFinding[] | undefined;
  /** The prompts that the token check has to look at. */
  readonly #ids: Uint32Array[] = [];

  constructor(row: DecodedText, context: CheckContext) {
    this.#row = row;
    this.#context = context;
    this.#source = new RowSource(row.text);
  }

  run(): RowResult {
    this.#reportInvalidBytes();
    const value = this.#parse();
    if (value === undefined) return this.#result(undefined, undefined);
    const sample = isObject(value) ? readSample(value, this.#context.fields) : undefined;
    if (sample === undefined) {
      this.#report(BUILTIN.formatUnknown, { place: { pointer: "" }, message: unknownFormatMessage(value) });
      return this.#result(undefined, undefined);
    }
    this.#reportMixed(sample);
    for (const rule of SAMPLE_RULES) {
      rule.check(sample, (draft) => {
        this.#report(rule.meta, draft);
      });
    }
    const tokens = this.#count(sample);
    return this.#result(sample.format, sample.format === "tokenized" ? this.#countIds(sample) : tokens);
  }

  runPlain(): RowResult {
    this.#reportInvalidBytes();
    const { counter, tokenCheck, told } = this.#context;
    if (counter === undefined) return this.#result("text", undefined);
    const tokens = this.#countText(this.#row.text, counter);
    this.#reportLength(tokens, "", (limit) => this.#crossing(counter.traceText?.({ text: this.#row.text, pointer: "" }), limit, new RowSource(this.#row.text, { plain: true })));
    if (tokenCheck !== undefined && this.#ids.length > 0) this.#push(tokenCheck.plainFindings(this.#row.text, told));
    return this.#result("text", tokens);
  }

  #result(format: FormatId | undefined, tokens: number | undefined): RowResult {
    const findings = this.#findings?.sort((a, b) => a.span.start - b.span.start);
    return { format, tokens, findings: findings ?? NO_FINDINGS };
  }

  /** The row's value, or undefined where it is not JSON; reports what the JSON itself has against it. */
  #parse(): JsonValue | undefined {
    let value: JsonValue;
    try {
      value = this.#source.value;
    } catch {
      this.#reportProblems();
      return undefined;
    }
    if (mayNeedLint(this.#row.text, value)) {
      if (this.#reportProblems()) return undefined;
      this.#reportLint();
    }
    return value;
  }

  #reportProblems(): boolean {
    const { problems, tree } = this.#source.parsed;
    for (const problem of problems) {
      // The innermost value that holds the problem says more than "somewhere in this row".
      this.#add(BUILTIN.jsonSyntax, problem.message, pointerAt(tree, problem.start), problem, { problem: problem.code });
    }
    return problems.length > 0;
  }

  #reportLint(): void {
    const { tree } = this.#source;
    for (const lint of lintTree(tree)) {
      const rule = lint.code === "duplicate-key" ? BUILTIN.jsonDuplicateKey : lint.code === "lone-surrogate" ? BUILTIN.jsonLoneSurrogate : BUILTIN.jsonNumberRange;
      const related = lint.first === undefined ? [] : [{ span: lint.first, message: "The key stands here first." }];
      this.#add(rule, lint.message, pointerAt(tree, lint.start), lint, NO_DATA, related);
    }
  }

  #reportInvalidBytes(): void {
    for (const invalid of this.#row.invalid) {
      const message = "These bytes are not UTF-8; loaders refuse the file or replace them. Save the file as UTF-8.";
      this.#add(BUILTIN.jsonUtf8, message, "", { start: invalid.at, end: invalid.at + 1 }, NO_DATA);
    }
  }

  #reportMixed(sample: Sample): void {
    const { format } = sample;
    const expected = this.#context.expectedFormat;
    if (expected === undefined || expected === format) return;
    const message = `This row has the format ${format}, but most rows of the file have the format ${expected}; a file must have one format.`;
    this.#report(BUILTIN.formatMixed, { place: { pointer: formatMember(sample, this.#context.fields), key: true }, message, data: { format, expected } });
  }

  /** Tokens of all prompts of the row; each variant of a preference row is a prompt of its own. */
  #count(sample: Sample): number | undefined {
    const { counter } = this.#context;
    if (counter === undefined) return undefined;
    let total = 0;
    let refused = false;
    if (sample.text !== undefined) {
      const { text } = sample;
      total += this.#countText(text.text, counter);
      this.#reportLength(total, text.pointer ?? "", (limit) => this.#crossing(counter.traceText?.(text), limit));
    }
    for (const conversation of sample.conversations) {
      const tokens = this.#countConversation(conversation, counter);
      if (tokens === undefined) refused = true;
      else {
        total += tokens;
        this.#reportLength(tokens, conversation.pointer, (limit) => this.#crossing(counter.tracePrompt?.(conversation, this.#source), limit));
      }
    }
    if (!refused) this.#reportBos(sample, counter);
    if (!refused) this.#reportStructures(sample, counter);
    if (this.#context.secondOpinion === true && !refused) this.#reportEngine(sample, counter);
    const { tokenCheck, told } = this.#context;
    if (tokenCheck !== undefined && this.#ids.length > 0) this.#push(tokenCheck.findings(sample, this.#source, this.#ids, told));
    if (sample.tokenized !== undefined) this.#context.usedIds?.add(sample.tokenized.ids);
    if (tokenCheck !== undefined && sample.tokenized !== undefined) this.#push(tokenCheck.idFindings(sample.tokenized, this.#source, told));
    return refused ? undefined : total;
  }

  /** The ids are the prompt, whatever the model. */
  #countIds({ tokenized }: Sample): number | undefined {
    const pointerTo = (id: number): string => `${tokenized?.pointer ?? ""}/${id}`;
    this.#reportLength(tokenized?.ids.length, tokenized?.pointer ?? "", (limit) => ({ pointer: pointerTo(limit), span: this.#locate({ pointer: pointerTo(limit) }) }));
    return tokenized?.ids.length;
  }

  get #needsIds(): boolean {
    return this.#context.tokenCheck !== undefined || this.#context.usedIds !== undefined;
  }

  #countText(text: string, counter: PromptCounter): number {
    const ids = this.#needsIds ? counter.textIds?.(text) : undefined;
    return ids === undefined ? counter.countText(text) : this.#watched(ids);
  }

  /** @throws TemplateRefusal */
  #countPrompt(conversation: Conversation, counter: PromptCounter): number | undefined {
    const ids = this.#needsIds ? counter.conversationIds?.(conversation, this.#source) : undefined;
    return ids === undefined ? counter.countConversation(conversation, this.#source) : this.#watched(ids);
  }

  /** Keeps the ids of a prompt where the token check has to do with them. */
  #watched(ids: Uint32Array): number {
    this.#context.usedIds?.add(ids);
    if (this.#context.tokenCheck?.concerns(ids) === true) this.#ids.push(ids);
    return ids.length;
  }

  #countConversation(conversation: Conversation, counter: PromptCounter): number | undefined {
    if (conversation.turns.length === 0) return undefined;
    try {
      return this.#countPrompt(conversation, counter);
    } catch (error) {
      if (!(error instanceof TemplateRefusal)) throw error;
      const message = `The chat template refuses this conversation: ${error.message}`;
      const { place } = error;
      const where = place === undefined ? {} : { templateLine: place.line, templateColumn: place.column };
      this.#reportRefused({ place: refusedPlace(conversation, error), message, data: { reason: error.message, ...where } });
      return undefined;
    }
  }

  /** The variants of a row can be refused for a turn that they share. */
  #reportRefused(draft: FindingDraft): void {
    const isReported = this.#findings?.some(({ rule, pointer, message }) => rule === BUILTIN.templateRefused && pointer === draft.place.pointer && message === draft.message);
    if (isReported !== true) this.#report(BUILTIN.templateRefused, draft);
  }

  /** Once a row: what begins with the token is mostly shared by all of its prompts. */
  #reportBos(sample: Sample, counter: PromptCounter): void {
    const { bosToken } = counter;
    if (bosToken === undefined || bosToken === "" || !this.#row.text.includes(bosToken)) return;
    for (const conversation of sample.text === undefined ? sample.conversations : [undefined]) {
      const piece = conversation === undefined ? sample.text : conversation.turns[0]?.content[0];
      if (piece?.text.startsWith(bosToken) !== true || counter.addsBos?.(conversation, this.#source) !== true) continue;
      const by = conversation === undefined ? "tokenizer" : "chat template";
      const message = `The text begins with ${JSON.stringify(bosToken)}, and the ${by} adds the same token: the model would see it twice. Remove it here.`;
      const place = { pointer: piece.pointer ?? "", chars: { start: 0, end: bosToken.length } };
      this.#report(BUILTIN.tokensDoubleBos, { place, message, data: { token: bosToken } });
      return;
    }
  }

  /** Once a row: messages of a row are mostly written alike. */
  #reportStructures(sample: Sample, counter: PromptCounter): void {
    const found = sample.conversations.flatMap((conversation) => (conversation.turns.length === 0 ? [] : (counter.printedStructures?.(conversation, this.#source) ?? [])));
    const [first] = found;
    if (first === undefined) return;
    const messages = new Set(found.map(({ pointer }) => pointer)).size;
    const more = messages === 1 ? "" : ` So it does with ${messages - 1} more of this row.`;
    const message = `The chat template only takes text, and prints this content as Python writes it: ${first.excerpt}. Write the content as one text, or take a template that takes parts.${more}`;
    this.#report(BUILTIN.templatePrintsStructure, { place: { pointer: first.pointer }, message, data: { excerpt: first.excerpt, messages } });
  }

  /** Once a row: the variants of a row mostly differ in the same way. */
  #reportEngine(sample: Sample, counter: PromptCounter): void {
    for (const conversation of sample.conversations) {
      const difference = conversation.turns.length === 0 ? undefined : counter.engineDifference?.(conversation, this.#source);
      if (difference === undefined) continue;
      const trace = difference.kind === "text" ? counter.tracePrompt?.(conversation, this.#source) : undefined;
      const place = trace === undefined || difference.kind !== "text" ? undefined : placeFrom(trace, this.#source, difference.at);
      const { pointer, span } = place ?? { pointer: conversation.pointer, span: this.#locate(firstPlace(conversation)) };
      this.#add(BUILTIN.templateEngineDiffers, engineMessage(difference), pointer, span, { ...difference });
      return;
    }
  }

  /** The characters of the row that are beyond the limit, as far as the string goes that crosses it: a whole row underlined says nothing. */
  #crossing(trace: PromptTrace | undefined, limit: number, source: RowSource = this.#source): RowPlace | undefined {
    return trace === undefined || trace.encoding.length <= limit ? undefined : placeFrom(trace, source, trace.encoding.rangeOf(limit)[0]);
  }

  /** @param placeOf where the row crosses a limit; undefined where nobody knows, and the whole of `pointer` is meant */
  #reportLength(tokens: number | undefined, pointer: string, placeOf: (limit: number) => RowPlace | undefined): void {
    const { maxLength } = this.#context;
    if (tokens === undefined || maxLength === undefined || tokens <= maxLength) return;
    const message = `This prompt has ${tokens} tokens, ${tokens - maxLength} more than the limit of ${maxLength}; trainers cut it off or drop the row.`;
    const place = placeOf(maxLength) ?? { pointer, span: this.#locate({ pointer }) };
    this.#add(BUILTIN.tokensOverLength, message, place.pointer, place.span, { tokens, maxLength });
  }

  #report(rule: RuleMeta, draft: FindingDraft): void {
    const related = (draft.related ?? []).map(({ place, message }) => ({ span: this.#locate(place), message }));
    this.#add(rule, draft.message, draft.place.pointer, this.#locate(draft.place), draft.data ?? NO_DATA, related);
  }

  #locate(place: FindingDraft["place"]): Span {
    if (place.pointer === "" && place.key !== true && place.chars === undefined) return { start: 0, end: this.#row.text.length };
    return locate(this.#source.tree, place);
  }

  #add(rule: RuleMeta, message: string, pointer: string, span: Span, data: RowFinding["data"], related: RowFinding["related"] = []): void {
    this.#push([{ rule, message, pointer, span: { start: span.start, end: span.end }, related, data }]);
  }

  #push(findings: readonly RowFinding[]): void {
    this.#findings ??= [];
    for (const finding of findings) this.#findings.push(finding);
  }
}

function pointerAt(tree: JsonTree, offset: number): string {
  const node = tree.innermostAt(offset);
  return node === undefined ? "" : pointerOf(tree, node);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A small place that says which conversation, and where it is known which turn: a template that goes over the turns was at it,
 * and one that does not mostly looked at a system message, which comes first.
 */
function refusedPlace({ pointer, turns, messages }: Conversation, { messageIndex }: TemplateRefusal): Place {
  const turn = messageIndex === undefined || messages.length !== turns.length ? undefined : turns[messageIndex];
  if (turn !== undefined) return headOf(turn);
  return firstPlace({ pointer, turns });
}

/** Its first turn's role where that is the system's, else what names the conversation. */
function firstPlace({ pointer, turns: [first] }: Pick<Conversation, "pointer" | "turns">): Place {
  return first !== undefined && (first.role === "system" || pointer === "") ? headOf(first) : { pointer, key: true };
}

/** Its role, or what stands for it. */
function headOf({ pointer, rolePointer, contentPointer }: Turn): Place {
  if (rolePointer !== null && rolePointer !== pointer) return { pointer: rolePointer };
  return { pointer: contentPointer ?? pointer, key: true };
}

function engineMessage(difference: EngineDifference): string {
  if (difference.kind === "refuses") return `transformers.js cannot render this conversation with this chat template: ${difference.message}`;
  const { at, expected, found } = difference;
  return `transformers.js renders this conversation differently from transformers: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}, ${at} characters into the prompt.`;
}

/** How many of a row's keys a message names. */
const KEYS_TO_NAME = 6;

function unknownFormatMessage(value: JsonValue): string {
  if (!isObject(value)) return `A row must be a JSON object, but this one is ${describe(value)}.`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "This row is an empty object.";
  const named = keys.slice(0, KEYS_TO_NAME).map((key) => JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key));
  const more = keys.length > KEYS_TO_NAME ? ` and ${keys.length - KEYS_TO_NAME} more` : "";
  return `No training format has the keys ${named.join(", ")}${more}. Rename them, or map them with the setting tunesmith.fields.`;
}

function describe(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "string" ? "a string" : typeof value === "number" ? "a number" : "a boolean";
}
