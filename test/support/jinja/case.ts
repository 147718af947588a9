import { type JsonParse, parseJson } from "../../../extension/core/jsonl/parse";
import { findNode } from "../../../extension/core/jsonl/pointer";
import { fromJsonTree } from "../../../extension/core/jinja/value/json";
import type { Value } from "../../../extension/core/jinja/value/types";
import { TemplateRefusal } from "../../../extension/core/template/renderer";

/** What a render must give, or gave: a text with its generation spans, or an error. */
export type Outcome =
  | { readonly text: string; readonly generation?: readonly (readonly [number, number])[] | undefined }
  | { readonly error: string; readonly message: string | undefined };

/** Where it only matters that there is an error. */
export const ANY_ERROR = "any error";

/** A render that the reference did too. */
export interface Case {
  readonly suite: string;
  readonly name: string;
  readonly expected: Outcome;
  /** Where the reference's message was cut. */
  readonly messageLimit?: number;
  readonly run: () => Outcome;
}

export interface Failure {
  readonly test: Case;
  /** What is compared when failures are put together: the kind of difference, without what is the case's own. */
  readonly group: string;
  readonly detail: string;
}

/** A JSON file whose values keep 1 and 1.0 apart. */
export class ExactJson {
  readonly #parse: JsonParse;

  constructor(text: string) {
    this.#parse = parseJson(text);
    if (this.#parse.problems.length > 0) throw new Error(`The fixture is not JSON: ${this.#parse.problems[0]?.message ?? ""}`);
  }

  /** The JSON text at `pointer`. */
  source(pointer: string): string {
    return this.#parse.tree.source(this.#node(pointer));
  }

  /** The members of the object at `pointer`, as a template sees them. */
  variables(pointer: string): Map<string, Value> {
    const { tree } = this.#parse;
    return new Map(tree.children(this.#node(pointer)).map((key) => [tree.string(key), fromJsonTree(tree, tree.valueOf(key))]));
  }

  #node(pointer: string): number {
    const node = findNode(this.#parse.tree, pointer);
    if (node === undefined) throw new Error(`The fixture has nothing at ${pointer}.`);
    return node;
  }
}

/** Runs `render` and makes an outcome of what it throws. */
export function outcomeOf(render: () => Outcome): Outcome {
  try {
    return render();
  } catch (error) {
    if (error instanceof TemplateRefusal) return { error: error.type, message: error.message };
    throw error;
  }
}

/** How the case fails, or undefined when it passes. */
export function judge(test: Case): Failure | undefined {
  let found: Outcome;
  try {
    found = test.run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { test, group: `threw: ${message.slice(0, 100)}`, detail: error instanceof Error ? (error.stack ?? message) : message };
  }
  const difference = compare(test.expected, found, test.messageLimit);
  return difference === undefined ? undefined : { test, ...difference };
}

function compare(expected: Outcome, found: Outcome, limit = Number.POSITIVE_INFINITY): { readonly group: string; readonly detail: string } | undefined {
  if ("error" in expected) {
    if (!("error" in found)) return { group: `should raise ${expected.error}: ${excerpt(expected.message ?? "", 70)}`, detail: `rendered ${excerpt(found.text, 200)}` };
    const message = found.message?.slice(0, limit);
    if ((found.error === expected.error || expected.error === ANY_ERROR) && (expected.message === undefined || message === expected.message)) return undefined;
    const group = `error ${found.error}: ${excerpt(message ?? "", 90)}`;
    return { group, detail: `expected ${expected.error}: ${expected.message ?? ""}\n  found    ${found.error}: ${found.message ?? ""}` };
  }
  if ("error" in found) return { group: `refused: ${found.error}: ${excerpt(found.message ?? "", 90)}`, detail: `expected ${excerpt(expected.text, 200)}` };
  if (expected.text !== found.text) return textDifference(expected.text, found.text);
  if (expected.generation !== undefined && JSON.stringify(expected.generation) !== JSON.stringify(found.generation)) {
    return { group: "generation spans", detail: `expected ${JSON.stringify(expected.generation)}\n  found    ${JSON.stringify(found.generation)}` };
  }
  return undefined;
}

function textDifference(expected: string, found: string): { readonly group: string; readonly detail: string } {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  const [before, right, wrong] = [expected.slice(Math.max(0, at - 20), at), expected.slice(at, at + 30), found.slice(at, at + 30)];
  const detail = `after ${JSON.stringify(before)} at ${at}\n  expected ${JSON.stringify(right)}\n  found    ${JSON.stringify(wrong)}`;
  return { group: `text: ${JSON.stringify(right.slice(0, 12))} became ${JSON.stringify(wrong.slice(0, 12))}`, detail };
}

function excerpt(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** The items by key, in the order in which the keys first appear. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** How many cases of a group are named. */
const NAMED = 3;

/** The failures, those of one kind together, the most frequent first. */
export function summarise(failures: readonly Failure[], groups = 40): string {
  const byGroup = groupBy(failures, ({ group }) => group);
  const sorted = [...byGroup].sort((a, b) => b[1].length - a[1].length);
  const lines = sorted.slice(0, groups).map(([group, members]) => {
    const names = members.slice(0, NAMED).map(({ test }) => `${test.suite}: ${test.name}`);
    return `${members.length} × ${group}\n    ${names.join("\n    ")}\n  ${members[0]?.detail.replaceAll("\n", "\n  ") ?? ""}`;
  });
  if (sorted.length > groups) lines.push(`and ${sorted.length - groups} more groups`);
  return lines.join("\n");
}
