import { JinjaError } from "../errors";
import type { Arguments, Call, Expression, FilterNode, Name, Slice, TestNode } from "./ast";
import { type CompilerKnowledge, MAX_CHECK_ERRORS } from "./compilerKnowledge";
import { softFrame, type CompileFrame } from "./compileFrame";
import { eachArgument, eachChild } from "./names";

/** What Jinja says to a name that its analysis of variables has not seen. */
export function unresolved({ name, span }: Name): JinjaError {
  return new JinjaError("AssertionError", `Tried to resolve a name to a reference that was unknown to the frame ('${name}')`, span);
}

export interface ExpressionCheckOptions {
  readonly source: string;
  readonly compiler: CompilerKnowledge | undefined;
  /** Whether Jinja does not know a name; see {@link unresolved}. */
  readonly isUnresolved: (name: Name) => boolean;
  /** Gets what Jinja's compiler raises, in its order. */
  readonly assertions: JinjaError[];
  /** Gets what Python's compiler raises on what Jinja has written. */
  readonly compilation: JinjaError[];
}

/** What Jinja's compiler, and then Python's, refuse in the expressions of a template. */
export class ExpressionCheck {
  readonly assertions: JinjaError[];
  readonly compilation: JinjaError[];
  readonly #source: string;
  readonly #compiler: CompilerKnowledge | undefined;
  readonly #isUnresolved: (name: Name) => boolean;
  /** Errors in an expression are also those of the larger ones around it. */
  readonly #reported = new Set<JinjaError>();

  constructor({ source, compiler, isUnresolved, assertions, compilation }: ExpressionCheckOptions) {
    this.#source = source;
    this.#compiler = compiler;
    this.#isUnresolved = isUnresolved;
    this.assertions = assertions;
    this.compilation = compilation;
  }

  visit(node: Expression | Slice | undefined, frame: CompileFrame): void {
    if (node === undefined || this.assertions.length >= MAX_CHECK_ERRORS || this.#isFolded(node, frame)) return;
    switch (node.kind) {
      case "name":
        if (frame.looksForNames && this.#isUnresolved(node)) this.assertions.push(unresolved(node));
        return;
      case "const":
      case "string":
        return;
      case "filter":
      case "test":
        { this.#filterOrTest(node, frame); return; }
      case "conditional":
        { this.#all([node.then, node.test, node.otherwise], softFrame(frame)); return; }
      case "call":
        this.#repeated(node.args);
        break;
      default:
        break;
    }
    this.#below(node, frame);
  }

  /** What an output prints. */
  printed(node: Expression, frame: CompileFrame): void {
    if (this.#compiler?.folder?.isPrintedConstant(node, frame.volatile) !== true) this.visit(node, frame);
  }

  /** Whether a constant is compiled in place of an expression. Reports what computing it raises. */
  #isFolded(node: Expression | Slice, frame: CompileFrame): boolean {
    const folded = frame.volatile ? undefined : this.#compiler?.folder?.fold(node);
    if (folded === undefined || folded === "constant") return folded !== undefined;
    if (!this.#reported.has(folded)) this.assertions.push(folded);
    this.#reported.add(folded);
    return false;
  }

  /** The call of a call block, which passes on `caller`. */
  calledWithBody(node: Call, frame: CompileFrame): void {
    this.#isFolded(node, frame);
    this.#repeated(node.args, ["caller"]);
    this.#below(node, frame);
  }

  #below(node: Expression | Slice, frame: CompileFrame): void {
    eachChild(node, (child) => {
      this.visit(child, frame);
    });
  }

  #all(nodes: readonly (Expression | Slice | undefined)[], frame: CompileFrame): void {
    for (const node of nodes) this.visit(node, frame);
  }

  #filterOrTest(node: FilterNode | TestNode, frame: CompileFrame): void {
    const known = node.kind === "filter" ? this.#compiler?.filters : this.#compiler?.tests;
    if (!frame.soft && known?.has(node.name) === false) {
      const start = node.kind === "test" ? this.#isKeyword(node.nameSpan.start) : node.nameSpan.start;
      const span = { start, end: node.nameSpan.end };
      this.assertions.push(new JinjaError("TemplateAssertionError", `No ${node.kind} named '${node.name}'.`, span));
    }
    this.visit(node.target, frame);
    this.#repeated(node.args);
    eachArgument(node.args, (argument) => {
      this.visit(argument, frame);
    });
  }

  /** Where the report on a test begins: at its name, or at its `is` when that is on another line, the one that Jinja reports. */
  #isKeyword(name: number): number {
    const keyword = this.#source.lastIndexOf("is", name - 1);
    return /[\r\n]/.test(this.#source.slice(keyword, name)) ? keyword : name;
  }

  #repeated({ named }: Arguments, passed: readonly string[] = []): void {
    if (named.length + passed.length < 2) return;
    const names = new Set<string>();
    for (const { name, value } of named) {
      if (names.has(name) || passed.includes(name)) {
        if (this.compilation.length < MAX_CHECK_ERRORS) this.compilation.push(new JinjaError("SyntaxError", `keyword argument repeated: ${name}`, value.span));
      }
      names.add(name);
    }
  }
}
