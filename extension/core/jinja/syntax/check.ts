import type { Span } from "../../../base/text";
import { JinjaError } from "../errors";
import type { Block, Body, CallBlock, For, Macro, Name, Statement, TemplateNode } from "./ast";
import { ExpressionCheck } from "./checkExpressions";
import { innerFrame, softFrame, type CompileFrame } from "./compileFrame";
import { type CompilerKnowledge, MAX_CHECK_ERRORS } from "./compilerKnowledge";
import { targetNames, undeclaredNames } from "./names";

/** CPython's bound on loops inside each other in one function. */
const MAX_LOOPS = 20;

const ROOT: CompileFrame = { soft: false, topLevel: true, rootLevel: true, checksOutput: false, volatile: false, looksForNames: false, level: 0, loops: 0 };

export interface CheckedTemplate {
  readonly tree: TemplateNode;
  readonly source: string;
  /** Whether it parsed without error. */
  readonly isWhole: boolean;
  /** Whether a dict has a key that may be no text, number or variable. */
  readonly hasOddKeys: boolean;
}

/**
 * What Python raises on a template that parses: first what Jinja's compiler finds, in its order, then what Python's finds in
 * the code that Jinja writes.
 */
export function checkTemplate(template: CheckedTemplate, compiler: CompilerKnowledge | undefined): JinjaError[] {
  const { tree, isWhole, hasOddKeys } = template;
  const { folder, ...names } = compiler ?? {};
  let unresolved: ReadonlySet<Name> | undefined;
  // Found by compiling the template, so only when there is a reason to.
  const isUnresolved = (name: Name): boolean => isWhole && (unresolved ??= compiler?.unresolvedNames(tree))?.has(name) === true;
  const errors = findErrors(template, compiler === undefined ? undefined : (names as CompilerKnowledge), isUnresolved);
  // Computing constants takes time. It shows only in what is not reported after all, and in keys that cannot be hashed.
  return folder === undefined || (errors.length === 0 && !hasOddKeys) ? errors : findErrors(template, compiler, isUnresolved);
}

function findErrors({ tree, source }: CheckedTemplate, compiler: CompilerKnowledge | undefined, isUnresolved: (name: Name) => boolean): JinjaError[] {
  const check = new TemplateCheck(source, compiler, isUnresolved);
  check.template(tree);
  return [...check.assertions, ...check.symbols, ...check.compilation];
}

class TemplateCheck {
  readonly assertions: JinjaError[] = [];
  /** What Python finds before it compiles anything. */
  readonly symbols: JinjaError[] = [];
  readonly compilation: JinjaError[] = [];
  readonly #source: string;
  readonly #expressions: ExpressionCheck;
  readonly #blocks = new Map<string, Block>();
  /** Loops in which assignments to `loop` have been looked for. */
  readonly #searched = new Set<For>();
  #extended = false;
  /** An `extends` that always runs has been met: what follows at the top is not compiled. */
  #surelyExtended = false;

  constructor(source: string, compiler: CompilerKnowledge | undefined, isUnresolved: (name: Name) => boolean) {
    this.#source = source;
    this.#expressions = new ExpressionCheck({ source, compiler, isUnresolved, assertions: this.assertions, compilation: this.compilation });
  }

  template(tree: TemplateNode): void {
    const all = statementsBelow(tree.body);
    for (const node of all) if (node.kind === "block") this.#define(node);
    this.#body(tree.body, { ...ROOT, checksOutput: all.some(({ kind }) => kind === "extends") });
    for (const block of this.#blocks.values()) this.#body(block.body, { ...ROOT, topLevel: false, rootLevel: false });
  }

  #define(block: Block): void {
    if (block.name !== "" && this.#blocks.has(block.name)) {
      this.#assert(`block '${block.name}' defined twice`, this.#keyword(block, block.nameSpan.end));
    } else this.#blocks.set(block.name, block);
  }

  #assert(message: string, span: Span): void {
    if (this.assertions.length < MAX_CHECK_ERRORS) this.assertions.push(new JinjaError("TemplateAssertionError", message, span));
  }

  /** From a statement's first word, whose line Jinja reports, to `end`; without it the word alone. */
  #keyword(statement: Statement, end?: number): Span {
    const word = /\{%[-+]?\s*(\w*)/y;
    word.lastIndex = statement.span.start;
    const match = word.exec(this.#source);
    const wordEnd = statement.span.start + (match?.[0].length ?? 0);
    return { start: wordEnd - (match?.[1]?.length ?? 0), end: end ?? wordEnd };
  }

  /** Statements are compiled up to an `extends` that comes after one that always runs; here, up to so many errors that it is no template. */
  #body(body: Body, frame: CompileFrame): void {
    for (const statement of body) if (this.assertions.length >= MAX_CHECK_ERRORS || !this.#statement(statement, frame)) return;
  }

  #statement(node: Statement, frame: CompileFrame): boolean {
    const { visit } = this;
    switch (node.kind) {
      case "output":
        if (!(frame.checksOutput && this.#surelyExtended)) this.#expressions.printed(node.expression, frame);
        return true;
      case "if":
        this.#branches([node, ...node.elifs], node.otherwise, softFrame(frame));
        return true;
      case "for":
        this.#for(node, frame);
        return true;
      case "macro":
        this.#macro(node, frame);
        return true;
      case "callblock":
        this.#macro(node, frame);
        this.#expressions.calledWithBody(node.call, frame);
        return true;
      case "generation":
        this.#body(node.body, innerFrame(frame, { checksOutput: false, loops: 0 }));
        return true;
      case "filterblock":
        this.#body(node.body, innerFrame(frame));
        visit(node.filter, innerFrame(frame));
        return true;
      case "with":
        for (const { value } of node.assignments) visit(value, frame);
        this.#body(node.body, innerFrame(frame));
        return true;
      case "assign":
        visit(node.value, frame);
        return true;
      case "assignblock":
        this.#body(node.body, innerFrame(frame, { checksOutput: false }));
        visit(node.filter, innerFrame(frame, { looksForNames: true }));
        return true;
      case "scope":
        visit(node.autoescape, innerFrame(frame));
        this.#body(node.body, innerFrame(frame, { volatile: frame.volatile || node.autoescape.kind !== "const" }));
        return true;
      case "include":
      case "import":
      case "fromimport":
        visit(node.template, frame);
        return true;
      case "extends":
        return this.#extends(node, frame);
      case "break":
      case "continue":
        if (frame.loops === 0) this.#loopControl(node);
        return true;
      default:
        return true;
    }
  }

  readonly visit: ExpressionCheck["visit"] = (node, frame) => this.#expressions.visit(node, frame);

  #branches(branches: readonly { readonly test: Parameters<ExpressionCheck["visit"]>[0]; readonly body: Body }[], otherwise: Body, frame: CompileFrame): void {
    for (const { test, body } of branches) {
      this.visit(test, frame);
      this.#body(body, frame);
    }
    this.#body(otherwise, frame);
  }

  #for(node: For, frame: CompileFrame): void {
    this.visit(node.condition, innerFrame(frame));
    this.#loopAssigned(node);
    if (!node.recursive) this.visit(node.iterable, frame);
    // A recursive loop is a Python function of its own.
    const outside = node.recursive ? 0 : frame.loops;
    if (outside === MAX_LOOPS) {
      this.compilation.push(new JinjaError("SyntaxError", "too many statically nested blocks", this.#keyword(node)));
    }
    this.#body(node.body, innerFrame(frame, { loops: outside + 1 }));
    this.#body(node.otherwise, innerFrame(frame, { loops: outside }));
    if (node.recursive) this.visit(node.iterable, frame);
  }

  /** Nothing in a loop may assign to `loop`, in whatever scope. */
  #loopAssigned(loop: For): void {
    if (this.#searched.has(loop)) return;
    for (const node of [loop, ...statementsBelow(loop.body), ...statementsBelow(loop.otherwise)]) {
      if (node.kind === "for") this.#searched.add(node);
      else if (node.kind !== "assign" && node.kind !== "assignblock") continue;
      const name = targetNames(node.target).find((target) => target.name === "loop");
      if (name !== undefined) this.#assert("Can't assign to special loop variable in for-loop target", name.span);
    }
  }

  #macro(node: Macro | CallBlock, frame: CompileFrame): void {
    const inner = innerFrame(frame, { checksOutput: false, loops: 0 });
    const names = new Set<string>();
    for (const { name, fallback } of node.parameters) {
      if (names.has(name.name)) {
        const message = `duplicate argument 'l_${inner.level}_${name.name}' in function definition`;
        if (this.symbols.length < MAX_CHECK_ERRORS) this.symbols.push(new JinjaError("SyntaxError", message, name.span));
      }
      names.add(name.name);
      if (name.name === "caller" && fallback === undefined && undeclaredNames(node.body, ["caller"]).size > 0) {
        this.#assert(
          'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
          this.#keyword(node),
        );
      }
    }
    for (const { fallback } of node.parameters) this.visit(fallback, inner);
    this.#body(node.body, inner);
  }

  #extends(node: Statement & { readonly kind: "extends" }, frame: CompileFrame): boolean {
    if (!frame.topLevel) this.#assert("cannot use extend from a non top-level scope", this.#keyword(node));
    if (this.#extended && this.#surelyExtended) return false;
    this.visit(node.template, frame);
    if (frame.rootLevel) this.#surelyExtended = true;
    this.#extended = true;
    return true;
  }

  #loopControl(node: Statement & { readonly kind: "break" | "continue" }): void {
    const message = node.kind === "break" ? "'break' outside loop" : "'continue' not properly in loop";
    if (this.compilation.length < MAX_CHECK_ERRORS) this.compilation.push(new JinjaError("SyntaxError", message, this.#keyword(node)));
  }
}

/** The statements of a body, with all those inside them, in the order of the source. */
function statementsBelow(body: Body): Statement[] {
  const all: Statement[] = [];
  const add = (statements: Body): void => {
    for (const node of statements) {
      all.push(node);
      for (const inner of bodiesOf(node)) add(inner);
    }
  };
  add(body);
  return all;
}

function bodiesOf(node: Statement): readonly Body[] {
  switch (node.kind) {
    case "if":
      return [node.body, ...node.elifs.map(({ body }) => body), node.otherwise];
    case "for":
      return [node.body, node.otherwise];
    default:
      return "body" in node ? [node.body] : [];
  }
}
