import type { Block, Body, TemplateNode } from "../syntax/ast";
import { type Visited, eachNode } from "./analyze";

/** The name of the variable that holds a filter or test in the Python that Jinja writes of a template: `t_1`. */
export type TemporaryOf = (kind: "filter" | "test", name: string) => string;

/**
 * Numbers the filters and tests of a template as Jinja does. It shows in what Python says when one that there is not gets a
 * keyword argument: a function of that name stands for it, which takes none.
 */
export function numberTemporaries(tree: TemplateNode): TemporaryOf {
  const numbers = new Map<string, number>();
  const blocks: Block[] = [];
  let last = 0;
  const pull = (body: Body): void => {
    const names = { filter: new Set<string>(), test: new Set<string>() };
    let others = 0;
    const visit = (node: Visited): void => {
      if (node.kind === "block") {
        blocks.push(node);
        return;
      }
      if (node.kind === "filter" || node.kind === "test") names[node.kind].add(node.name);
      others += otherTemporaries(node);
      eachNode(node, visit);
      if (node.kind === "scope") visit(node.autoescape);
    };
    for (const statement of body) visit(statement);
    for (const kind of ["filter", "test"] as const) {
      for (const name of [...names[kind]].sort()) {
        const key = `${kind} ${name}`;
        if (!numbers.has(key)) numbers.set(key, ++last);
      }
    }
    last += others;
  };
  pull(tree.body);
  // A block's own blocks come right behind it.
  for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
    const later = blocks.splice(0);
    pull(block.body);
    blocks.push(...later);
  }
  return (kind, name) => `t_${numbers.get(`${kind} ${name}`) ?? 0}`;
}

/** The variables that Jinja needs besides: for what is captured, what a loop goes over, and whether it went over anything. */
function otherTemporaries(node: Visited): number {
  switch (node.kind) {
    case "for":
      return (node.condition === undefined ? 0 : 1) + (node.recursive ? 1 : 0) + (node.otherwise.length > 0 ? 1 : 0);
    case "macro":
    case "callblock":
    case "generation":
    case "filterblock":
    case "assignblock":
    case "scope":
      return 1;
    default:
      return 0;
  }
}
