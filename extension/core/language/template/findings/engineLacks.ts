import type { LackingUse } from "../../../template/engines/lacking";
import { ENGINES, type FeatureKind } from "../../../template/engines/table";
import { TEMPLATE } from "../../../rules/template/templateRules";
import type { TemplateFinding } from "./finding";

const KIND_NAMES: Readonly<Record<FeatureKind, string>> = {
  filter: "the filter", test: "the test", global: "the function", method: "the method", loop: "loop's", statement: "the statement", syntax: "the syntax",
};

/** What other engines lack, in one finding a place. */
export function engineFindings(lacking: readonly LackingUse[]): TemplateFinding[] {
  return lacking.map(({ kind, name, engines, span }) => {
    const versions = ENGINES.filter(({ id }) => engines.includes(id)).map((engine) => `${engine.name} ${engine.version}`);
    return {
      rule: TEMPLATE.engineLacks,
      span,
      message: `${KIND_NAMES[kind]} '${name}' is not right in ${listOf(versions)}.`.replace(/^./, (first) => first.toUpperCase()),
    };
  });
}

function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}
