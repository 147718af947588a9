import type { Variable } from "./names";
import type { TemplateText } from "./templateText";

/**
 * The attributes of a namespace: those that it begins with, and those that are set later. Undefined where the variable is
 * none.
 */
export function namespaceMembers(template: TemplateText, variable: Variable | undefined): readonly string[] | undefined {
  const members = new Set<string>();
  let isNamespace = false;
  for (const { value } of variable?.definitions ?? []) {
    if (value?.kind !== "call" || value.callee.kind !== "name" || value.callee.name !== "namespace") continue;
    isNamespace = true;
    for (const { name } of value.args.named) members.add(name);
  }
  if (!isNamespace || variable === undefined) return undefined;
  for (const { end } of variable.uses) {
    const assigned = /^\.(\w+)\s*=(?!=)/.exec(template.source.slice(end, end + 100))?.[1];
    if (assigned !== undefined) members.add(assigned);
  }
  return [...members];
}
