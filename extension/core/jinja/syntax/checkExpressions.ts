import { JinjaError } from "../errors";
import type { Arguments, Call, Expression, FilterNode, Slice, TestNode, Unary } from "./ast";
import { softFrame, type CompileFrame } from "./compileFrame";
import { eachArgument, eachChild } from "./names";

/** What Jinja's compiler, and then Python's, refuse in the expressions of a template. */
export class ExpressionCheck {
  /** What Jinja's compiler raises, in its order. */
  readonly assertions: JinjaError[];
  /** What Python's compiler raises on what Jinja has written. */
  readonly compilation: JinjaError[];
  readonly #source: string;
  readonly #filters: ReadonlySet<string> | undefined;
  readonly #tests: ReadonlySet<string> | undefined;

  constructor(
    source: string,
    filters: ReadonlySet<string> | undefined,
    tests: ReadonlySet<string> | undefined,
    assertions: JinjaError[],
    compilation: JinjaError[],
  ) {
    this.#source = source;
    this.#filters = filters;
    this.#tests = tests;
    this.assertions = assertions;
    this.compilation = compilation;
  }

  visit(node: Expression | Slice | undefined, frame: CompileFrame): void {
    if (node === undefined) return;
    switch (node.kind) {
      case "name":
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
      case "binary":
        if (isShortCut(node.operator, node.left)) return;
        break;
      default:
        break;
    }
    this.#below(node, frame);
  }

  /** The call of a call block, which passes on `caller`. */
  calledWithBody(node: Call, frame: CompileFrame): void {
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
    const known = node.kind === "filter" ? this.#filters : this.#tests;
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
        this.compilation.push(new JinjaError("SyntaxError", `keyword argument repeated: ${name}`, value.span));
      }
      names.add(name);
    }
  }
}

/** Whether Jinja computes the result from the constant left side alone, and so never compiles the right side. */
function isShortCut(operator: string, left: Expression): boolean {
  if (operator !== "and" && operator !== "or") return false;
  const truth = constantTruth(left);
  return truth !== undefined && truth === (operator === "or");
}

/** The truth of a constant, as far as it can be told without computing. */
function constantTruth(node: Expression): boolean | undefined {
  switch (node.kind) {
    case "const":
      return Boolean(node.value);
    case "string":
      return node.value !== "";
    case "tuple":
    case "list":
    case "dict":
      return node.items.length === 0 ? false : undefined;
    case "unary":
      return unaryTruth(node);
    case "binary": {
      if (node.operator !== "and" && node.operator !== "or") return undefined;
      const left = constantTruth(node.left);
      return left === undefined || left === (node.operator === "or") ? left : constantTruth(node.right);
    }
    default:
      return undefined;
  }
}

function unaryTruth({ operator, operand }: Unary): boolean | undefined {
  // Signs are for numbers only, which they leave true or false.
  if (operator !== "not") return operand.kind === "const" && operand.value !== null ? Boolean(operand.value) : undefined;
  const truth = constantTruth(operand);
  return truth === undefined ? undefined : !truth;
}
