import type { Span } from "../../../base/text";
import type { ParsedTemplate } from "../../jinja/syntax/parser";
import type { TemplateReads } from "../reads/reads";
import { type FeatureUse, findFeatures } from "./features";
import { ENGINES, type EngineId, type FeatureKind, LACKING } from "./table";

/** A use of something that Jinja2 has and other engines lack: there the template fails, or prints something else. */
export interface LackingUse {
  readonly kind: FeatureKind;
  /** `trim(chars)`, `for recursive`: the name in the table of engines. */
  readonly name: string;
  readonly engines: readonly EngineId[];
  readonly span: Span;
}

/**
 * Everything in a template that other engines lack, in the order of the source. Only what the text shows: whether a method is
 * called on a text or on a list, it often does not.
 * @param source of which `template` is the parse. @param reads says which functions are those of the environment
 */
export function lackingIn(source: string, template: ParsedTemplate, reads: Pick<TemplateReads, "variables">): LackingUse[] {
  const helpers = reads.variables.filter(({ kind }) => kind === "helper");
  const globals = helpers.flatMap(({ name, uses }) => uses.map((span): FeatureUse => ({ kind: "global", name, span })));
  const lacking = new Map<string, LackingUse>();
  for (const { kind, name, span } of [...findFeatures(source, template), ...globals]) {
    const engines = LACKING.get(`${kind}:${name}`);
    if (engines === undefined) continue;
    // A filter and the form in which it is used are one thing to report, by the form.
    const key = `${kind} ${span.start} ${span.end}`;
    const known = lacking.get(key);
    const all = known === undefined ? engines : ENGINE_IDS.filter((id) => known.engines.includes(id) || engines.includes(id));
    lacking.set(key, { kind, name: known?.name ?? name, engines: all, span });
  }
  return [...lacking.values()].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

const ENGINE_IDS: readonly EngineId[] = ENGINES.map(({ id }) => id);
