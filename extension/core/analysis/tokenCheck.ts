import { LineMap, type Span } from "../../base/text";
import type { Conversation, Sample, TokenizedRow } from "../dataset/conversation";
import { fieldsFrom } from "../dataset/fields";
import { locate } from "../jsonl/pointer";
import { RowSource } from "../jsonl/rowSource";
import type { PromptModel } from "../model/promptModel";
import { TOKEN_RULES } from "../rules/registry";
import type { TokenRule, TokenUse } from "../rules/tokens/tokenRule";
import { raisingProfiles, trainersSentence } from "../rules/tokens/trainers";
import { type PlacedTraining, tokenTraining } from "../training/placedTraining";
import { isAboutTraining } from "../weights/verdict/judge";
import type { TokenVerdict } from "../weights/verdict/explainToken";
import { TokenDisplay } from "../weights/verdict/tokenDisplay";
import type { RowFinding } from "./checkRow";
import type { FilePlace } from "./finding";
import { type Severities, severityOf } from "./place";
import type { PromptTrace } from "./promptTrace";
import { traceRow, traceSample } from "./rowTrace";
import { MAX_PLACED, type PlacedToken, placeTokens } from "./tokenPlaces";
import type { TokenVerdicts } from "./tokenVerdicts";

export interface TokenCheckOptions {
  readonly model: PromptModel;
  readonly verdicts: TokenVerdicts;
  /** A rule that is off is not looked for. */
  readonly severities: Severities;
  /** The trainers whose behaviour is told; the usual ones where it is empty. */
  readonly profiles: readonly string[];
  /** How the model is trained, where files beside the data say it. */
  readonly training?: readonly PlacedTraining[] | undefined;
  /** Where characters of the chat template stand in a file; undefined where it is in none. */
  readonly placeInTemplate?: ((source: string, span: Span) => FilePlace | undefined) | undefined;
}

/** What a pass over rows has told already, so that it is told once: keys of findings. */
export type ToldFindings = Set<string>;

/** Finds the tokens in the prompts of rows that the model's embedding rows speak against. */
export class TokenCheck {
  readonly #options: TokenCheckOptions;
  /** By id, the number of its rule in {@link #rules} plus one; 0 where there is nothing to look for. */
  readonly #ruleOf: Uint8Array;
  readonly #rules: readonly TokenRule[];
  readonly #display: TokenDisplay;
  readonly #added: ReadonlyMap<number, string>;
  #lines: { readonly source: string; readonly map: LineMap } | undefined;

  constructor(options: TokenCheckOptions) {
    const { model, verdicts, severities } = options;
    this.#options = options;
    this.#rules = TOKEN_RULES.filter((rule) => severityOf(rule.meta, severities) !== undefined);
    this.#ruleOf = Uint8Array.from({ length: Math.max(model.tokenizer.vocabularySize, verdicts.rows) }, (_, id) => this.#ruleNumber(verdicts.kindOf(id)));
    const { tokenizer } = model;
    this.#display = new TokenDisplay({ size: tokenizer.vocabularySize, token: (id) => tokenizer.tokenText(id), has: (id) => tokenizer.tokenText(id) !== undefined, codec: undefined });
    // The others can come about from text that looks different.
    this.#added = new Map(model.tokenizer.addedTokens.filter((token) => !token.normalized && !NEEDS_ESCAPE.test(token.content)).map(({ id, content }) => [id, content]));
  }

  /** Whether any of a prompt's ids is to be told of. Cheap: most prompts have none. */
  concerns(ids: Uint32Array): boolean {
    const rules = this.#ruleOf;
    for (const id of ids) if (rules[id] !== 0) return true;
    return false;
  }

  /**
   * The findings of a row whose prompts have ids that {@link concerns} it. Each has a key where one of a file is enough.
   * @param promptIds the ids of the row's prompts
   * @param told what need not be told again; what is found is added
   */
  findings(sample: Sample, source: RowSource, promptIds: readonly Uint32Array[], told: ToldFindings | undefined): RowFinding[] {
    if (told !== undefined && this.#isTold(source, promptIds, told)) return [];
    const findings = new Map<string, RowFinding>();
    for (const prompt of traceSample(sample, source, this.#options.model)) {
      if (prompt.kind === "prompt") this.#addFindings(findings, { trace: prompt.trace, source, conversation: prompt.conversation });
    }
    return untold([...findings.values()], told);
  }

  /** The findings of a row that is plain text. */
  plainFindings(text: string, told: ToldFindings | undefined): RowFinding[] {
    const { model } = this.#options;
    const findings = new Map<string, RowFinding>();
    const { source, prompts } = traceRow(new RowSource(text, { plain: true }), model, NO_FIELDS);
    for (const prompt of prompts) if (prompt.kind === "prompt") this.#addFindings(findings, { trace: prompt.trace, source, conversation: undefined });
    return untold([...findings.values()], told);
  }

  /** The findings of the ids that a row holds itself, each at its own number. */
  idFindings({ pointer, ids, labels, trained }: TokenizedRow, source: RowSource, told: ToldFindings | undefined): RowFinding[] {
    const findings: RowFinding[] = [];
    const look = (id: number, at: string, isTrained: boolean): void => {
      const rule = id < 0 ? undefined : this.#ruleFor(id);
      if (rule === undefined || findings.length > MAX_PLACED) return;
      if (findings.length === MAX_PLACED) {
        findings.push(moreFinding(rule, source));
        return;
      }
      const key = rule.reports === "first" ? firstKey(rule, id) : undefined;
      if (key !== undefined && told?.has(key) === true) return;
      if (key !== undefined) told?.add(key);
      const span = source.rangeOf(at) ?? { start: 0, end: Math.min(1, source.text.length) };
      const token: PlacedToken = { id, origin: { kind: "ids" }, trained: isTrained, pointer: at, span, template: undefined };
      findings.push({ ...this.#finding(rule, token, span, []), ...(key === undefined ? {} : { once: key }) });
    };
    for (const [i, id] of ids.entries()) look(id, `${pointer}/${i}`, trained?.[i] ?? true);
    // Mostly a label is the id itself, which was looked at.
    for (const [i, label] of labels?.ids.entries() ?? []) if (label !== ids[i]) look(label, `${labels?.pointer ?? ""}/${i}`, true);
    return findings;
  }

  #ruleNumber(kind: TokenVerdict["kind"]): number {
    return this.#rules.findIndex((rule) => rule.kinds.includes(kind)) + 1;
  }

  #ruleFor(id: number): TokenRule | undefined {
    return this.#rules[(this.#ruleOf[id] ?? this.#ruleNumber("no-row")) - 1];
  }

  /** Whether a row has nothing but what was told: of tokens that are told once, and of tokens that the template writes. */
  #isTold({ text }: RowSource, promptIds: readonly Uint32Array[], told: ToldFindings): boolean {
    const escapes = text.includes("\\u");
    const seen = new Set<number>();
    for (const ids of promptIds) for (const id of ids) if (this.#ruleOf[id] !== 0) seen.add(id);
    for (const id of seen) {
      const rule = this.#ruleFor(id);
      if (rule?.reports === "first" && told.has(firstKey(rule, id))) continue;
      if (!told.has(templateKey(id))) return false;
      // The row's own text can only have the token where it has its characters.
      const content = this.#added.get(id);
      if (content === undefined || escapes || text.includes(content)) return false;
    }
    return true;
  }

  #addFindings(findings: Map<string, RowFinding>, prompt: { readonly trace: PromptTrace; readonly source: RowSource; readonly conversation: Conversation | undefined }): void {
    const { tokenizer } = this.#options.model;
    const placed = placeTokens(prompt, (id) => this.#ruleFor(id) !== undefined, (id) => tokenizer.decode([id]));
    const written = new Map<number, PlacedToken[]>();
    for (const token of placed) {
      const rule = this.#ruleFor(token.id);
      if (rule === undefined) continue;
      if (token.span === undefined) written.set(token.id, [...(written.get(token.id) ?? []), token]);
      else {
        const key = rule.reports === "first" ? firstKey(rule, token.id) : undefined;
        // The prompts of a preference row share their first turns.
        const place = key ?? `${token.id} ${token.span.start} ${token.span.end}`;
        if (!findings.has(place)) findings.set(place, { ...this.#finding(rule, token, token.span, []), ...(key === undefined ? {} : { once: key }) });
      }
    }
    for (const tokens of written.values()) this.#addWritten(findings, tokens, prompt.source, prompt.trace.template);
    const rule = placed.length < MAX_PLACED ? undefined : this.#ruleFor(placed[0]?.id ?? 0);
    if (rule !== undefined) findings.set("more", moreFinding(rule, prompt.source));
  }

  /** One finding for a token that the template writes, or the tokenizer adds, however often. */
  #addWritten(findings: Map<string, RowFinding>, tokens: readonly PlacedToken[], { text, tree, plain }: RowSource, template: string | undefined): void {
    const [first] = tokens;
    const rule = first === undefined ? undefined : this.#ruleFor(first.id);
    if (first === undefined || rule === undefined) return;
    const key = templateKey(first.id);
    if (findings.has(key)) return;
    const span = plain || first.pointer === "" ? { start: 0, end: Math.min(1, text.length) } : locate(tree, { pointer: first.pointer, key: true });
    const places = new Map(tokens.flatMap((token) => (token.template === undefined ? [] : [[`${token.template.start} ${token.template.end}`, token.template] as const])));
    const spans = [...places.values()].slice(0, MAX_TEMPLATE_PLACES);
    const related = template === undefined ? [] : spans.flatMap((place) => this.#relatedPlace(template, place, span));
    const lines = template === undefined ? [] : spans.map(({ start }) => this.#position(template, start));
    const [at] = lines;
    const finding = this.#finding(rule, first.origin.kind === "template" && at !== undefined ? { ...first, origin: { kind: "template", at } } : first, span, related);
    findings.set(key, { ...finding, data: { ...finding.data, templatePlaces: lines }, once: key });
  }

  #relatedPlace(template: string, place: Span, span: Span): RowFinding["related"] {
    const inFile = this.#options.placeInTemplate?.(template, place);
    return inFile === undefined ? [] : [{ span, message: "The chat template writes it here.", inFile }];
  }

  #position(template: string, offset: number): string {
    if (this.#lines?.source !== template) this.#lines = { source: template, map: new LineMap(template) };
    const { line, column } = this.#lines.map.positionAt(offset);
    return `${line}:${column}`;
  }

  #finding(rule: TokenRule, token: PlacedToken, span: Span, related: RowFinding["related"]): RowFinding {
    const { verdicts, profiles } = this.#options;
    const verdict = verdicts.verdictOf(token.id) ?? unjudged(token.id);
    const tokenised = token.origin.kind === "ids";
    const training = isAboutTraining(verdict.kind) ? tokenTraining(this.#options.training ?? [], token.id) : undefined;
    const inConfigs = (training?.decisive ?? []).map(({ file, range }) => ({ span, message: "This decides whether its rows are trained.", inFile: { file, range } }));
    const use: TokenUse = {
      verdict,
      shown: verdict.token === undefined ? undefined : this.#display.of(token.id),
      origin: token.origin,
      trained: token.trained,
      trainers: training?.trains === true ? "" : trainersSentence(verdict.trainers, profiles, tokenised),
      training: training?.sentence ?? "",
    };
    const harmless = verdict.severity === "info" || training?.trains === true;
    return {
      rule: rule.meta,
      message: rule.message(use),
      pointer: token.pointer,
      span,
      related: [...related, ...inConfigs],
      data: { ...dataOf(use), ...this.#alternatives(verdict) },
      profiles: training?.trains === true ? [] : raisingProfiles(verdict.trainers, profiles, tokenised),
      ...(harmless ? { severity: "info" as const } : {}),
    };
  }

  /** Trained special tokens of the same family, such as other reserved ones, that could be used instead. */
  #alternatives({ token }: TokenVerdict): { readonly alternatives?: readonly string[] } {
    const { model, verdicts } = this.#options;
    const family = token?.replace(/\d+/g, "#");
    if (family === undefined || family === token) return {};
    const others = model.tokenizer.addedTokens.filter(({ id, content, special }) => special && content.replace(/\d+/g, "#") === family && verdicts.kindOf(id) === "trained");
    return others.length === 0 ? {} : { alternatives: others.slice(0, MAX_ALTERNATIVES).map(({ content }) => content) };
  }
}

/** A menu of more is no choice. */
const MAX_ALTERNATIVES = 3;

/** A plain row has no fields that could have other names. */
const NO_FIELDS = fieldsFrom({});

/** A template writes most tokens in one or two places. */
const MAX_TEMPLATE_PLACES = 5;

/** Characters that JSON writes as an escape, so that a text with them is not found in the row as it is. */
const NEEDS_ESCAPE = /["\\/\u0000-\u001f]/;

function unjudged(id: number): TokenVerdict {
  return { id, token: undefined, kind: "not-measured", severity: undefined, input: undefined, output: undefined, indicator: undefined, why: "", advice: undefined, trainers: [] };
}

function moreFinding(rule: TokenRule, { text }: RowSource): RowFinding {
  const message = `This prompt has more than ${MAX_PLACED} such tokens; the others are not shown.`;
  return { rule: rule.meta, message, pointer: "", span: { start: 0, end: Math.min(1, text.length) }, related: [], data: {} };
}

function firstKey(rule: TokenRule, id: number): string {
  return `${rule.meta.id} ${id}`;
}

function templateKey(id: number): string {
  return `template ${id}`;
}

/** What was not told yet; it is now. */
function untold(findings: readonly RowFinding[], told: ToldFindings | undefined): RowFinding[] {
  const left = findings.filter(({ once }) => once === undefined || told?.has(once) !== true);
  for (const { once } of left) if (once !== undefined) told?.add(once);
  return left;
}

function dataOf({ verdict, origin, trained }: TokenUse): RowFinding["data"] {
  const { id, token, kind, input, output } = verdict;
  return {
    id,
    ...(token === undefined ? {} : { token }),
    kind,
    origin: origin.kind,
    ...(origin.kind === "content" && origin.role !== undefined ? { role: origin.role } : {}),
    trained: trained === undefined ? "unknown" : trained ? "yes" : "no",
    ...numbers({ inputMax: input?.max, inputNorm: input?.l2, outputMax: output?.max }),
  };
}

/** Those that JSON can write. */
function numbers(values: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
}
