import type { Span } from "../../../../base/text";
import { childNodes } from "../../../jinja/runtime/analyze";
import type { Expression, Slice, Statement, TemplateNode } from "../../../jinja/syntax/ast";
import { TEMPLATE } from "../../../rules/template/templateRules";
import { DICT_METHODS, TEXT_METHODS } from "../../../template/reads/methods";
import { HELPERS, type VariableRead } from "../../../template/reads/recorder";
import { LOOP_DOCS } from "../docs/members";
import type { Names } from "../names";
import type { TemplateFinding } from "./finding";
import { nearest } from "./nearest";

type Node = Statement | Expression | Slice;

/** Variables that trainers and servers give besides apply_chat_template's own arguments, under names that are widely used. */
const WIDELY_GIVEN: ReadonlySet<string> = new Set([
  "enable_thinking", "thinking", "reasoning_effort", "tool_choice", "date_string", "custom_tools", "tools_in_user_message", "builtin_tools",
  "additional_special_tokens", "chat_template_kwargs", "continue_final_message", "model_identity", "image_token", "video_token", "audio_token",
]);

const KNOWN_VARIABLES = ["messages", "tools", "documents", "add_generation_prompt", "bos_token", "eos_token", "pad_token", "unk_token", "enable_thinking"] as const;

/**
 * Variables and functions that nobody gives: each where it is first used. Left out are those whose absence the template minds:
 * it asks whether they are there, sets them itself, or only takes them for a switch that is off.
 */
export function unknownNames(variables: readonly VariableRead[], tree: TemplateNode, names: Names): TemplateFinding[] {
  const called = calledNames(tree);
  const switches = switchUses(tree);
  const own = names.all().flatMap(({ name, definitions }) => (definitions.length > 0 ? [name] : []));
  return variables.flatMap(({ name, kind, optional, uses }): TemplateFinding[] => {
    const [span] = uses;
    if (kind !== "other" || optional || span === undefined || WIDELY_GIVEN.has(name)) return [];
    const definitions = names.at(span.start)?.variable.definitions ?? [];
    if (definitions.some((definition) => contains(names.scopeAt(definition.span.start), span))) return [];
    if (own.includes(name)) {
      return [{ rule: TEMPLATE.unknownVariable, span, message: `'${name}' is only set inside of a block that has ended, and undefined here. Use a namespace to keep a value beyond a loop.` }];
    }
    if (called.has(name)) {
      const hint = nearest(name, [...HELPERS, ...own]);
      return [{ rule: TEMPLATE.unknownFunction, span, message: `There is no function or macro '${name}' here: the call fails when it is reached.${hint}` }];
    }
    const hint = nearest(name, [...KNOWN_VARIABLES, ...own]);
    if (hint === "" && uses.every(({ start }) => switches.has(start))) return [];
    const advice = hint === "" ? " Where the trainer shall give it, test it with 'is defined' or '|default(…)'." : hint;
    return [{ rule: TEMPLATE.unknownVariable, span, message: `Nothing gives '${name}': it is undefined.${advice}` }];
  });
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Where names are only taken for true or false: there an undefined one is a switch that is off. */
function switchUses(tree: TemplateNode): ReadonlySet<number> {
  const uses = new Set<number>();
  const add = (node: Expression): void => {
    if (node.kind === "name") uses.add(node.span.start);
    else if (node.kind === "unary" && node.operator === "not") add(node.operand);
    else if (node.kind === "binary" && (node.operator === "and" || node.operator === "or")) {
      add(node.left);
      add(node.right);
    }
  };
  for (const node of nodesOf(tree)) {
    if (node.kind === "if") for (const test of [node.test, ...node.elifs.map((elif) => elif.test)]) add(test);
    else if (node.kind === "conditional") add(node.test);
    // The left side gives way to the right one where it is undefined.
    else if (node.kind === "binary" && node.operator === "or") add(node.left);
  }
  return uses;
}

/** The names that are called as functions. */
function calledNames(tree: TemplateNode): ReadonlySet<string> {
  const called = new Set<string>();
  for (const node of nodesOf(tree)) if (node.kind === "call" && node.callee.kind === "name") called.add(node.callee.name);
  return called;
}

/** Methods of lists that change nothing. */
const LIST_METHODS: ReadonlySet<string> = new Set(["index", "count", "copy"]);

/** Methods that change a value: the sandbox of transformers refuses them. */
const CHANGING: ReadonlySet<string> = new Set(["append", "extend", "insert", "pop", "remove", "reverse", "sort", "clear", "update", "setdefault", "popitem", "add", "discard"]);

/** Methods of the objects that helpers make. */
const OBJECT_METHODS: ReadonlySet<string> = new Set(["next", "reset", "current", ...LOOP_DOCS.keys()]);

const KNOWN_METHODS: ReadonlySet<string> = new Set([...TEXT_METHODS, ...DICT_METHODS, ...LIST_METHODS, ...OBJECT_METHODS]);

/** Calls of methods that no value of a conversation has. */
export function unknownMethods(tree: TemplateNode): TemplateFinding[] {
  const findings: TemplateFinding[] = [];
  for (const node of nodesOf(tree)) {
    if (node.kind !== "call" || node.callee.kind !== "getattr") continue;
    const { target, attribute, attributeSpan } = node.callee;
    // `self` has the template's blocks.
    if (target.kind === "name" && target.name === "self") continue;
    const span = { ...attributeSpan };
    if (CHANGING.has(attribute)) {
      findings.push({ rule: TEMPLATE.unknownMethod, span, message: `'${attribute}' changes a value, which the sandbox refuses with a SecurityError. Make a new value: {% set items = items + [item] %}.` });
    } else if (!KNOWN_METHODS.has(attribute)) {
      findings.push({ rule: TEMPLATE.unknownMethod, span, message: `No text, list or mapping has a method '${attribute}'.${nearest(attribute, KNOWN_METHODS)}` });
    }
  }
  return findings;
}

function* nodesOf(tree: TemplateNode): Iterable<Node> {
  const stack: Node[] = [...tree.body];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    stack.push(...childNodes(node));
  }
}
