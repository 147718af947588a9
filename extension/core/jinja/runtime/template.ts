import { LineMap } from "../../../base/text";
import { FILTERS } from "../filter/filters";
import { TESTS } from "../filter/tests";
import { JinjaError, JinjaLimitError } from "../errors";
import type { Block, Name, TemplateNode } from "../syntax/ast";
import { type ParsedTemplate, parseTemplate } from "../syntax/parser";
import { widthAt } from "../text/unicode";
import { type CallArguments, MISSING, PyFunction, PyObject, Undefined, type Value } from "../value/types";
import { analyzeBody, findUndeclared } from "./analyze";
import { Folder } from "./folder";
import { Env, type GeneratedSpan, Render, type RenderOptions } from "./render";
import { type Frame, FunctionScope, frameEntry, writer } from "./scope";
import { type Segment, segmentsOf } from "./segments";
import { Sink } from "./sink";
import { type Exec, type Unit, compileBody, targetOf } from "./statements";
import { Symbols } from "./symbols";
import { type TemporaryOf, numberTemporaries } from "./temporaries";

export type { Segment } from "./segments";

export interface CompileOptions {
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly keepTrailingNewline?: boolean;
}

export interface RenderResult {
  readonly text: string;
  /**
   * The generation spans in UTF-16 units of the text, in the order in which they ended. They can reach behind the text, where
   * the reference counts wrongly.
   */
  readonly generation: readonly (readonly [number, number])[];
  /** Whether the template has the `generation` tag. */
  readonly hasGeneration: boolean;
  /** Where each character comes from, when it was asked for. */
  readonly segments?: readonly Segment[];
}

/** A template that can be rendered any number of times. */
export interface CompiledTemplate {
  readonly hasGeneration: boolean;
  /** @throws JinjaError with the span of what was being evaluated. */
  render(options: RenderOptions): RenderResult;
}

/** Parses a template, and finds all that keeps it from being compiled with the filters and tests that there are. */
export function parseForCompiler(source: string, options: CompileOptions = {}): ParsedTemplate {
  return parseTemplate(source, { ...options, compiler: { filters: FILTERS, tests: TESTS, folder: new Folder(), unresolvedNames: (tree) => unresolvedNames(tree, source) } });
}

function unresolvedNames(tree: TemplateNode, source: string): ReadonlySet<Name> {
  const unresolved = new Set<Name>();
  try {
    compileTree(tree, { source, lineOf: () => 0, slicesConstants: false, unresolved });
  } catch (error) {
    // What is too much to compile is said when it is compiled to be run.
    if (!(error instanceof JinjaLimitError)) throw error;
  }
  return unresolved;
}

/**
 * Parses and compiles a template into closures.
 * @throws JinjaError the first syntax error, with its span.
 */
export function compileTemplate(source: string, options: CompileOptions = {}): CompiledTemplate {
  const { tree, errors, slicesConstants } = parseForCompiler(source, options);
  const [error] = errors;
  if (error !== undefined) throw error;
  const lines = new LineMap(source);
  const lineOf = (offset: number): number => lines.positionAt(offset).line;
  let compiled: Compiled | undefined;
  const hasGeneration = /\{%[-+]?\s*generation\b/.test(source);
  return { hasGeneration, render: (request) => renderTemplate((compiled ??= compileTree(tree, { source, lineOf, slicesConstants })), hasGeneration, request) };
}

interface Compiled {
  readonly size: number;
  readonly run: (env: Env, sink: Sink) => void;
}

interface SourceFacts {
  readonly source: string;
  /** 1-based line of an offset. */
  readonly lineOf: (offset: number) => number;
  readonly slicesConstants: boolean;
  /** Gets the names that stand for nothing. */
  readonly unresolved?: Set<Name>;
}

function compileTree(tree: TemplateNode, facts: SourceFacts): Compiled {
  const { source, ...shared } = facts;
  let known: TemporaryOf | undefined;
  const temporaryOf: TemporaryOf = (kind, name) => (known ??= numberTemporaries(tree))(kind, name);
  const frame: Frame = { symbols: new Symbols(undefined), scope: new FunctionScope(undefined), toplevel: true, python: { name: "root", temporaryOf }, ...shared };
  return compileFunction(tree.body, frame, createUnit(source, shared, temporaryOf));
}

/** The template's own body, or a block's: a function without outer variables. */
function compileFunction(body: TemplateNode["body"], frame: Frame, unit: Unit, block?: string): Compiled {
  const used = unit.mentions("self") || unit.mentions("super") ? findUndeclared(body, ["self", "super"]) : new Set<string>();
  const usesSelf = used.has("self");
  const usesSuper = block !== undefined && used.has("super");
  if (usesSelf) frame.symbols.declareParameter("self");
  if (usesSuper) frame.symbols.declareParameter("super");
  analyzeBody(frame.symbols, body);
  const enter = frameEntry(frame);
  const writeSelf = usesSelf ? writer(frame.scope, targetOf("self", frame)) : undefined;
  const writeSuper = usesSuper ? writer(frame.scope, targetOf("super", frame)) : undefined;
  const noSuper = new Undefined("super", MISSING, `there is no parent block called '${block ?? ""}'.`);
  const exec: Exec = compileBody(body, frame, unit);
  const { scope } = frame;
  return {
    get size() {
      return scope.size;
    },
    run: (env, sink) => {
      enter?.(env);
      writeSelf?.(env, new TemplateReference(unit, env));
      writeSuper?.(env, noSuper);
      exec(env, sink);
    },
  };
}

function createUnit(source: string, facts: Omit<SourceFacts, "source">, temporaryOf: TemporaryOf): Unit {
  const mentioned = new Map<string, boolean>();
  const unit: Unit = {
    mentions: (word) => {
      let found = mentioned.get(word);
      if (found === undefined) mentioned.set(word, (found = source.includes(word)));
      return found;
    },
    blocks: new Map(),
    compileBlock: (block: Block) => {
      const frame: Frame = { symbols: new Symbols(undefined), scope: new FunctionScope(undefined), toplevel: false, python: { name: `block_${block.name}`, temporaryOf }, ...facts };
      const compiled = compileFunction(block.body, frame, unit, block.name);
      unit.blocks.set(block.name, (render, context, sink) => {
        render.step(4 + (compiled.size >> 1));
        compiled.run(new Env(compiled.size, undefined, render, context), sink);
      });
    },
  };
  return unit;
}

/** `self`: calls a block of the template. */
class TemplateReference extends PyObject {
  readonly typeName = "TemplateReference";
  readonly #unit: Unit;
  readonly #env: Env;

  constructor(unit: Unit, env: Env) {
    super();
    this.#unit = unit;
    this.#env = env;
  }

  override repr(): string {
    return "<TemplateReference None>";
  }

  /** It has items and no other way to iterate, so Python asks for item 0, and there is no such block. */
  override iterate(): Iterator<Value> {
    return {
      next: () => {
        throw new JinjaError("KeyError", "0");
      },
    };
  }

  override item(key: Value): Value | undefined {
    return typeof key === "string" ? this.attribute(key) : undefined;
  }

  /** A slice is looked for among the blocks. */
  override slice(): never {
    throw new JinjaError("TypeError", "unhashable type: 'slice'");
  }

  override attribute(name: string): Value | undefined {
    const block = this.#unit.blocks.get(name);
    if (block === undefined) return undefined;
    const env = this.#env;
    return new PyFunction(name, (_: CallArguments) =>
      env.render.enter(() => {
        const sink = new Sink(env.render.provenance);
        block(env.render, env.context, sink);
        return sink.toStr();
      }),
    );
  }
}

function renderTemplate(template: Compiled, hasGeneration: boolean, options: RenderOptions): RenderResult {
  const render = new Render(options);
  try {
    render.run(() => {
      template.run(new Env(template.size, undefined, render, render.context), render.root);
    });
    if (render.root.failure !== undefined) throw render.root.failure;
  } catch (error) {
    throw located(error, render);
  }
  const { text } = render.root;
  return {
    text,
    generation: render.generation.map((span) => [span.start, endOf(span, text)] as const),
    hasGeneration,
    ...(render.provenance ? { segments: segmentsOf(render.root.pieces) } : {}),
  };
}

/**
 * Where the reference takes a generation span to end: as many code points behind its beginning as the block wrote, whatever
 * stands there.
 */
function endOf({ start, length, direct }: GeneratedSpan, text: string): number {
  if (direct) return start + length;
  let unit = start;
  let left = length;
  for (; left > 0 && unit < text.length; left--) unit += widthAt(text, unit);
  return unit + left;
}

/** Gives an error its place; a stack that ran out is what Python calls a RecursionError. */
function located(error: unknown, render: Render): unknown {
  if (error instanceof RangeError) return new JinjaError("RecursionError", "maximum recursion depth exceeded", render.at);
  if (error instanceof JinjaError) error.span ??= render.at;
  return error;
}

