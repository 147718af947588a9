import type { For, Parameter, Statement, TemplateNode } from "../../jinja/syntax/ast";
import { analyzeBody, analyzeExpression, analyzeLoop, analyzeParameters, findUndeclared, storeTarget } from "../../jinja/runtime/analyze";
import { Symbols } from "../../jinja/runtime/symbols";

/** A frame of the template: which names are its own and where the others come from is Jinja's to say, and fixed. */
export interface Frame {
  readonly id: number;
  readonly symbols: Symbols;
  readonly parent: Frame | undefined;
}

/** A node that opens a frame, and which of its frames: a loop has several. */
type Opener = Statement | TemplateNode;
type Part = "body" | "condition" | "otherwise";

/** The frames of a template, each made once. */
export class Frames {
  readonly #frames = new Map<Opener, Map<Part, Frame>>();
  #count = 0;

  /** The frame of the template itself or of a block, which sees no frame around it. */
  outermost(node: TemplateNode | Extract<Statement, { kind: "block" }>): Frame {
    return this.#frame(node, "body", undefined, (symbols) => {
      for (const name of findUndeclared(node.body, ["self", "super"])) symbols.declareParameter(name);
      analyzeBody(symbols, node.body);
    });
  }

  loop(node: For, part: Part, parent: Frame): Frame {
    return this.#frame(node, part, parent, (symbols) => {
      // Jinja leaves it out where nothing in the body asks for it, which makes no difference here.
      if (part === "body") symbols.declareParameter("loop");
      analyzeLoop(symbols, node, part);
    });
  }

  /** The body of a macro, of a call block or of a `generation` block. */
  macro(node: Extract<Statement, { kind: "macro" | "callblock" | "generation" }>, parent: Frame): Frame {
    return this.#frame(node, "body", parent, (symbols) => {
      const parameters: readonly Parameter[] = node.kind === "generation" ? [] : node.parameters;
      analyzeParameters(symbols, parameters);
      analyzeBody(symbols, node.body);
      for (const name of findUndeclared(node.body, ["caller", "kwargs", "varargs"])) symbols.declareParameter(name);
    });
  }

  /** Any other block with variables of its own. */
  inner(node: Extract<Statement, { kind: "filterblock" | "assignblock" | "with" | "scope" }>, parent: Frame): Frame {
    return this.#frame(node, "body", parent, (symbols) => {
      if (node.kind === "with") for (const { target } of node.assignments) storeTarget(symbols, target);
      analyzeBody(symbols, node.body);
      if (node.kind === "filterblock") analyzeExpression(symbols, node.filter);
    });
  }

  #frame(node: Opener, part: Part, parent: Frame | undefined, analyze: (symbols: Symbols) => void): Frame {
    let parts = this.#frames.get(node);
    if (parts === undefined) this.#frames.set(node, (parts = new Map<Part, Frame>()));
    let frame = parts.get(part);
    if (frame === undefined) {
      const symbols = new Symbols(parent?.symbols);
      analyze(symbols);
      parts.set(part, (frame = { id: this.#count++, symbols, parent }));
    }
    return frame;
  }
}

/** The variable that a name stands for, seen from a frame; undefined where no frame knows the name. */
export function variableOf(name: string, frame: Frame | undefined): string | undefined {
  for (let at = frame; at !== undefined; at = at.parent) if (at.symbols.refs.has(name)) return `${at.id}:${name}`;
  return undefined;
}

export function isWithin(frame: Frame, outer: Frame): boolean {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) if (at === outer) return true;
  return false;
}
