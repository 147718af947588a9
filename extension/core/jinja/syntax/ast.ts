import type { Span } from "../../../base/text";

/**
 * The syntax tree of a template, with Jinja2's own node kinds. Every node's span covers its source characters, brackets and
 * delimiters of its own included, and nothing around it.
 */
interface NodeBase {
  readonly span: Span;
}

// ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Name extends NodeBase { readonly kind: "name"; readonly name: string }
/** `ns.attr` as the target of a `set`. */
export interface NamespaceRef extends NodeBase { readonly kind: "nsref"; readonly name: string; readonly attribute: string }
/** `none`, `true`, `false`, and numbers. Integers are `number` when safe, else `bigint`; floats are marked. */
export interface Const extends NodeBase {
  readonly kind: "const";
  readonly value: null | boolean | number | bigint;
  readonly isFloat: boolean;
}
/** A string literal; adjacent literals are one node. `verbatim` says that the value stands in the source as it is, between the quotes of a single literal. */
export interface StringLiteral extends NodeBase { readonly kind: "string"; readonly value: string; readonly verbatim: boolean }
export interface TupleNode extends NodeBase { readonly kind: "tuple"; readonly items: readonly Expression[] }
export interface ListNode extends NodeBase { readonly kind: "list"; readonly items: readonly Expression[] }
export interface DictNode extends NodeBase { readonly kind: "dict"; readonly items: readonly { readonly key: Expression; readonly value: Expression }[] }
/** `then if test else otherwise`; without `else` an undefined value. */
export interface Conditional extends NodeBase { readonly kind: "conditional"; readonly test: Expression; readonly then: Expression; readonly otherwise: Expression | undefined }
export interface Argument { readonly name: string; readonly value: Expression }
export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly Argument[];
  /** `*args` */
  readonly spread: Expression | undefined;
  /** `**kwargs` */
  readonly spreadNamed: Expression | undefined;
}
/** `target|name(args)`; the target is undefined in a filter block's or filtered set's first filter. */
export interface FilterNode extends NodeBase { readonly kind: "filter"; readonly target: Expression | undefined; readonly name: string; readonly nameSpan: Span; readonly args: Arguments }
/** `target is name args`; `is not` wraps it in a `not`. */
export interface TestNode extends NodeBase { readonly kind: "test"; readonly target: Expression; readonly name: string; readonly nameSpan: Span; readonly args: Arguments }
export interface Call extends NodeBase { readonly kind: "call"; readonly callee: Expression; readonly args: Arguments }
export interface GetAttribute extends NodeBase { readonly kind: "getattr"; readonly target: Expression; readonly attribute: string; readonly attributeSpan: Span }
export interface GetItem extends NodeBase { readonly kind: "getitem"; readonly target: Expression; readonly index: Expression | Slice }
export interface Slice extends NodeBase { readonly kind: "slice"; readonly start: Expression | undefined; readonly stop: Expression | undefined; readonly step: Expression | undefined }
/** `a ~ b ~ c` */
export interface Concat extends NodeBase { readonly kind: "concat"; readonly items: readonly Expression[] }
export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";
export interface Compare extends NodeBase { readonly kind: "compare"; readonly first: Expression; readonly rest: readonly { readonly operator: CompareOperator; readonly value: Expression }[] }
export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "and" | "or";
export interface Binary extends NodeBase { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
export interface Unary extends NodeBase { readonly kind: "unary"; readonly operator: "not" | "-" | "+"; readonly operand: Expression }
/** Stands where an expression could not be parsed; only in trees with errors. */
export interface BrokenExpression extends NodeBase { readonly kind: "broken" }

export type Expression =
  | Name | NamespaceRef | Const | StringLiteral | TupleNode | ListNode | DictNode | Conditional | FilterNode | TestNode
  | Call | GetAttribute | GetItem | Concat | Compare | Binary | Unary | BrokenExpression;

/** What `for` and `set` may assign to. */
export type Target = Name | NamespaceRef | TupleNode;

// ── statements ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Template text between the tags, after white-space control: `text` stands in the source at the end of `span` minus nothing else removed at its start; `span` covers exactly the kept characters. CRLF in the source is LF in `text`. */
export interface TextNode extends NodeBase { readonly kind: "text"; readonly text: string }
/** `{{ … }}` */
export interface Output extends NodeBase { readonly kind: "output"; readonly expression: Expression }
export interface If extends NodeBase { readonly kind: "if"; readonly test: Expression; readonly body: Body; readonly elifs: readonly { readonly test: Expression; readonly body: Body }[]; readonly otherwise: Body }
export interface For extends NodeBase {
  readonly kind: "for";
  readonly target: Target;
  readonly iterable: Expression;
  readonly condition: Expression | undefined;
  readonly recursive: boolean;
  readonly body: Body;
  readonly otherwise: Body;
}
export interface Parameter { readonly name: Name; readonly fallback: Expression | undefined }
export interface Macro extends NodeBase { readonly kind: "macro"; readonly name: string; readonly nameSpan: Span; readonly parameters: readonly Parameter[]; readonly body: Body }
export interface CallBlock extends NodeBase { readonly kind: "callblock"; readonly call: Call; readonly parameters: readonly Parameter[]; readonly body: Body }
export interface FilterBlock extends NodeBase { readonly kind: "filterblock"; readonly filter: FilterNode; readonly body: Body }
export interface With extends NodeBase { readonly kind: "with"; readonly assignments: readonly { readonly target: Target; readonly value: Expression }[]; readonly body: Body }
export interface Block extends NodeBase { readonly kind: "block"; readonly name: string; readonly nameSpan: Span; readonly scoped: boolean; readonly required: boolean; readonly body: Body }
export interface Assign extends NodeBase { readonly kind: "assign"; readonly target: Target; readonly value: Expression }
/** `{% set x %}…{% endset %}`, with filters perhaps. */
export interface AssignBlock extends NodeBase { readonly kind: "assignblock"; readonly target: Target; readonly filter: FilterNode | undefined; readonly body: Body }
export interface Break extends NodeBase { readonly kind: "break" }
export interface Continue extends NodeBase { readonly kind: "continue" }
/** `{% generation %}…{% endgeneration %}` */
export interface Generation extends NodeBase { readonly kind: "generation"; readonly body: Body }
/** `include`, `import`, `from`, `extends`: they parse, and fail at run time for want of a loader. */
export interface Include extends NodeBase { readonly kind: "include"; readonly template: Expression; readonly ignoreMissing: boolean; readonly withContext: boolean }
export interface Import extends NodeBase { readonly kind: "import"; readonly template: Expression; readonly name: string; readonly withContext: boolean }
export interface FromImport extends NodeBase { readonly kind: "fromimport"; readonly template: Expression; readonly names: readonly { readonly name: string; readonly alias: string }[]; readonly withContext: boolean }
export interface Extends extends NodeBase { readonly kind: "extends"; readonly template: Expression }
/** `{% autoescape x %}…{% endautoescape %}`: what it prints is escaped while `autoescape` is true. */
export interface ScopedBody extends NodeBase { readonly kind: "scope"; readonly autoescape: Expression; readonly body: Body }

export type Statement =
  | TextNode | Output | If | For | Macro | CallBlock | FilterBlock | With | Block | Assign | AssignBlock | Break | Continue
  | Generation | Include | Import | FromImport | Extends | ScopedBody;

export type Body = readonly Statement[];

export interface TemplateNode extends NodeBase {
  readonly kind: "template";
  readonly body: Body;
}
