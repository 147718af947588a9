import type { Span } from "../../../base/text";
import { expressionChildren } from "../../jinja/runtime/analyze";
import type { Body, Call, Expression, For, Macro, Name, NamespaceRef, Parameter, Slice, Statement, Target, TemplateNode } from "../../jinja/syntax/ast";
import { type Frame, Frames, variableOf } from "../../template/reads/frames";

/** How a variable comes to be. `loop` is the target of a `for`, `with` that of a `with` block. */
export type DefinitionKind = "macro" | "set" | "loop" | "parameter" | "with" | "block";

/** A place that gives a variable its value. */
export interface Definition {
  readonly name: string;
  readonly kind: DefinitionKind;
  /** The name itself. */
  readonly span: Span;
  /** The statement that it is a part of. */
  readonly statement: Span;
  /** What is assigned, or gone through by a loop; undefined where the text does not say. */
  readonly value: Expression | undefined;
}

/** A variable of a template, with every place that names it. */
export interface Variable {
  readonly name: string;
  readonly definitions: readonly Definition[];
  /** Every mention, definitions among them, in the order of the source. */
  readonly uses: readonly Span[];
  /** Whether it is, or may be, what the caller gives under that name. */
  readonly fromContext: boolean;
}

/** A stretch of the source with variables of its own. */
interface Region {
  readonly span: Span;
  readonly frame: Frame;
}

interface Group {
  readonly name: string;
  readonly definitions: Definition[];
  readonly uses: Map<number, Span>;
  fromContext: boolean;
}

/** The names of a template and what they stand for: Jinja's own frames say which of them are the same variable. */
export class Names {
  readonly #frames = new Frames();
  readonly #groups = new Map<string, Group>();
  readonly #regions: Region[] = [];
  readonly #root: Frame;
  readonly #source: string;
  /** The names that `with` blocks give their bodies, which hide outer ones. */
  readonly #given = new Map<Frame, readonly string[]>();
  /** The parameters of macros, by the macro. */
  readonly #parameters = new Map<Group, Map<string, Group>>();
  /** Calls with named arguments, which name a macro's parameters. */
  readonly #calls: { readonly call: Call; readonly callee: Group }[] = [];

  /** @param source that `tree` was parsed from */
  constructor(tree: TemplateNode, source: string) {
    this.#source = source;
    this.#root = this.#frames.outermost(tree);
    this.#region(tree.span, this.#root);
    this.#body(tree.body, this.#root);
    for (const { call, callee } of this.#calls) this.#namedArguments(call, callee);
  }

  /** The variable that is named at `offset`, also right behind its last character. */
  at(offset: number): { readonly variable: Variable; readonly span: Span } | undefined {
    for (const group of this.#groups.values()) {
      for (const span of group.uses.values()) if (span.start <= offset && offset <= span.end) return { variable: variableFrom(group), span };
    }
    return undefined;
  }

  /** All variables, in no order. */
  all(): Variable[] {
    return [...new Set(this.#groups.values())].map(variableFrom);
  }

  /** The variable that `name` would stand for at `offset`. */
  resolve(name: string, offset: number): Variable | undefined {
    const group = this.#groups.get(this.#key(name, this.#frameAt(offset)));
    return group === undefined ? undefined : variableFrom(group);
  }

  /** The variables that can be named at `offset` and have a definition. */
  visibleAt(offset: number): Variable[] {
    const visible = new Map<string, Variable>();
    for (let frame: Frame | undefined = this.#frameAt(offset); frame !== undefined; frame = frame.parent) {
      for (const name of frame.symbols.stores) {
        if (visible.has(name)) continue;
        const group = this.#groups.get(this.#key(name, frame));
        if (group !== undefined && group.definitions.length > 0) visible.set(name, variableFrom(group));
      }
    }
    return [...visible.values()];
  }

  /** The stretch in which what is set at `offset` lasts. */
  scopeAt(offset: number): Span {
    return this.#regionAt(offset)?.span ?? { start: 0, end: this.#source.length };
  }

  /** Whether `offset` is inside of a loop, where `loop` stands for it. */
  inLoop(offset: number): boolean {
    return variableOf("loop", this.#frameAt(offset)) !== undefined;
  }

  #frameAt(offset: number): Frame {
    return this.#regionAt(offset)?.frame ?? this.#root;
  }

  /** Regions are put down from the outermost in, so the last one that holds the place is the innermost. */
  #regionAt(offset: number): Region | undefined {
    return this.#regions.findLast(({ span }) => span.start <= offset && offset <= span.end);
  }

  #region(span: Span, frame: Frame): void {
    this.#regions.push({ span, frame });
  }

  // ── what a name stands for ─────────────────────────────────────────────────────────────────────────────────────────────

  /** A variable that begins with an outer one's value is the same to an author: renaming one alone would change the template. */
  #key(name: string, frame: Frame | undefined): string {
    for (let at = frame; at !== undefined; at = at.parent) {
      const target = at.symbols.refs.get(name);
      if (target === undefined) continue;
      if (this.#given.get(at)?.includes(name) === true) return `${at.id}:${name}`;
      const action = at.symbols.loads.get(target)?.action;
      if (action === "alias") continue;
      if (action === "resolve" && !at.symbols.stores.has(name)) break;
      return `${at.id}:${name}`;
    }
    // Blocks and what is in them see what the template assigns at its top.
    return this.#root.symbols.stores.has(name) ? `${this.#root.id}:${name}` : `context:${name}`;
  }

  #group(name: string, frame: Frame): Group {
    const key = this.#key(name, frame);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { name, definitions: [], uses: new Map(), fromContext: key.startsWith("context:") };
      this.#groups.set(key, group);
    }
    if (this.#mayBeGiven(name, frame)) group.fromContext = true;
    return group;
  }

  /** Whether a variable begins with what the caller gives under its name. */
  #mayBeGiven(name: string, frame: Frame): boolean {
    for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
      const target = at.symbols.refs.get(name);
      if (target === undefined) continue;
      if (this.#given.get(at)?.includes(name) === true) return false;
      const action = at.symbols.loads.get(target)?.action;
      if (action !== "alias") return action === "resolve";
    }
    return false;
  }

  #use(name: string, span: Span, frame: Frame): void {
    this.#group(name, frame).uses.set(span.start, { start: span.start, end: span.end });
  }

  #define(node: { readonly name: string; readonly span: Span }, frame: Frame, rest: Omit<Definition, "name" | "span">): void {
    const span = { start: node.span.start, end: node.span.end };
    // A name that could not be read has no place.
    if (node.name === "" || span.end <= span.start) return;
    this.#use(node.name, span, frame);
    this.#group(node.name, frame).definitions.push({ name: node.name, span, ...rest });
  }

  #target(target: Target | Expression, frame: Frame, rest: Omit<Definition, "name" | "span">): void {
    if (target.kind === "name") this.#define(target, frame, rest);
    else if (target.kind === "nsref") this.#namespace(target, frame);
    else if (target.kind === "tuple") for (const item of target.items) this.#target(item, frame, { ...rest, value: undefined });
  }

  #namespace({ name, span }: NamespaceRef, frame: Frame): void {
    this.#use(name, { start: span.start, end: span.start + name.length }, frame);
  }

  // ── going through the tree ─────────────────────────────────────────────────────────────────────────────────────────────

  #expression(node: Expression | Slice | undefined, frame: Frame): void {
    if (node === undefined) return;
    if (node.kind === "name") this.#use(node.name, node.span, frame);
    else for (const child of expressionChildren(node)) this.#expression(child, frame);
    if (node.kind === "call" && node.callee.kind === "name" && node.args.named.length > 0) {
      this.#calls.push({ call: node, callee: this.#group(node.callee.name, frame) });
    }
  }

  /** Arguments by name are uses of the macro's parameters. */
  #namedArguments({ span, args }: Call, callee: Group): void {
    const parameters = this.#parameters.get(callee);
    for (const { name, value } of args.named) {
      const before = /([^\s=,(]+)\s*=[\s(]*$/.exec(this.#source.slice(span.start, value.span.start));
      if (before?.[1] !== name) continue;
      const start = span.start + before.index;
      parameters?.get(name)?.uses.set(start, { start, end: start + name.length });
    }
  }

  #body(body: Body, frame: Frame): void {
    for (const statement of body) this.#statement(statement, frame);
  }

  #statement(node: Statement, frame: Frame): void {
    const statement = node.span;
    switch (node.kind) {
      case "output":
        this.#expression(node.expression, frame);
        return;
      case "if":
        this.#expression(node.test, frame);
        this.#body(node.body, frame);
        for (const { test, body } of node.elifs) {
          this.#expression(test, frame);
          this.#body(body, frame);
        }
        this.#body(node.otherwise, frame);
        return;
      case "for":
        this.#loop(node, frame);
        return;
      case "macro":
        this.#define({ name: node.name, span: node.nameSpan }, frame, { kind: "macro", statement, value: undefined });
        this.#parameters.set(this.#group(node.name, frame), this.#macroBody(node, node.parameters, frame));
        return;
      case "callblock":
        this.#expression(node.call, frame);
        this.#macroBody(node, node.parameters, frame);
        return;
      case "generation": {
        const inner = this.#frames.macro(node, frame);
        this.#inside(node.body, inner, statement);
        return;
      }
      case "assign":
        this.#target(node.target, frame, { kind: "set", statement, value: node.value });
        this.#expression(node.value, frame);
        return;
      case "assignblock": {
        this.#target(node.target, frame, { kind: "set", statement, value: undefined });
        const inner = this.#frames.inner(node, frame);
        this.#expression(node.filter, inner);
        this.#inside(node.body, inner, statement);
        return;
      }
      case "with": {
        const inner = this.#frames.inner(node, frame);
        this.#given.set(inner, node.assignments.flatMap(({ target }) => namesOf(target)));
        for (const { target, value } of node.assignments) {
          this.#target(target, inner, { kind: "with", statement, value });
          this.#expression(value, frame);
        }
        this.#inside(node.body, inner, statement);
        return;
      }
      case "filterblock": {
        const inner = this.#frames.inner(node, frame);
        this.#expression(node.filter, inner);
        this.#inside(node.body, inner, statement);
        return;
      }
      case "scope":
        this.#expression(node.autoescape, frame);
        this.#inside(node.body, this.#frames.inner(node, frame), statement);
        return;
      case "block":
        this.#inside(node.body, this.#frames.outermost(node), statement);
        return;
      case "include":
      case "import":
      case "fromimport":
      case "extends":
        this.#expression(node.template, frame);
        return;
      default:
        return undefined;
    }
  }

  #inside(body: Body, frame: Frame, span: Span): void {
    this.#region(span, frame);
    this.#body(body, frame);
  }

  #loop(node: For, frame: Frame): void {
    const { span: statement, iterable, target } = node;
    this.#expression(iterable, frame);
    const inner = this.#frames.loop(node, "body", frame);
    this.#target(target, inner, { kind: "loop", statement, value: iterable });
    if (node.condition !== undefined) {
      const condition = this.#frames.loop(node, "condition", frame);
      // The target has a variable in each of the frames, which are one to the author.
      this.#join(condition, inner, target);
      this.#expression(node.condition, condition);
    }
    this.#region(statement, inner);
    this.#body(node.body, inner);
    const [first] = node.otherwise;
    const last = node.otherwise.at(-1);
    if (first === undefined || last === undefined) return;
    this.#inside(node.otherwise, this.#frames.loop(node, "otherwise", frame), { start: first.span.start, end: last.span.end });
  }

  /** Makes the targets in one frame of a loop the same variables as in another. */
  #join(frame: Frame, other: Frame, target: Target): void {
    for (const name of namesOf(target)) {
      const key = this.#key(name, other);
      const group = this.#groups.get(key);
      if (group !== undefined) this.#groups.set(this.#key(name, frame), group);
    }
  }

  #macroBody(node: Extract<Statement, { kind: "macro" | "callblock" }>, parameters: readonly Parameter[], frame: Frame): Map<string, Group> {
    const inner = this.#frames.macro(node, frame);
    const groups = new Map<string, Group>();
    for (const { name, fallback } of parameters) {
      this.#define(name, inner, { kind: "parameter", statement: node.span, value: fallback });
      groups.set(name.name, this.#group(name.name, inner));
      this.#expression(fallback, inner);
    }
    this.#inside(node.body, inner, node.span);
    return groups;
  }
}

function namesOf(target: Target | Expression): string[] {
  if (target.kind === "name") return [target.name];
  return target.kind === "tuple" ? target.items.flatMap(namesOf) : [];
}

function variableFrom({ name, definitions, uses, fromContext }: Group): Variable {
  return { name, definitions, uses: [...uses.values()].sort((a, b) => a.start - b.start), fromContext };
}

/** A macro's signature as it is written: `render(tool, indent=0)`. */
export function signatureOf({ name, parameters }: Pick<Macro, "name" | "parameters">, source: string): string {
  const texts = parameters.map(({ name: parameter, fallback }: { readonly name: Name; readonly fallback: Expression | undefined }) =>
    fallback === undefined ? parameter.name : `${parameter.name}=${source.slice(fallback.span.start, fallback.span.end)}`,
  );
  return `${name}(${texts.join(", ")})`;
}
