import { analyzeTemplate } from "../../../template/analysis";
import { JinjaChatTemplate } from "../../../template/environment";
import type { Evidence } from "../../../template/probes/probe";
import type { ProbeOptions } from "../../../template/probes/session";
import type { ProbedId } from "../../../rules/template/templateRules";
import { TemplateText } from "../templateText";
import { engineFindings } from "./engineLacks";
import { errorFindings, unknownFilters } from "./errors";
import type { TemplateFinding } from "./finding";
import { probeFindings } from "./probeFindings";
import { unknownMethods, unknownNames } from "./unknownNames";

/** New Year 2026: a template that writes the date gives the same findings every day. */
const NOW = Date.UTC(2026, 0, 1, 12);

/** Everything that the rules have to say about a template, in the order of the source. Renders small conversations with it, in bounded steps. */
export function checkTemplate(source: string, options: ProbeOptions): TemplateFinding[] {
  const template = new TemplateText(source);
  const { errors, reads, lacking, probes } = analyzeTemplate(source, { name: "template", now: NOW, ...options });
  const { tree } = template.parsed;
  const findings = [...errorFindings(errors, source), ...unknownFilters(tree)];
  // Beside syntax errors the rest would be about what the author has not written yet.
  if (errors.length === 0) {
    findings.push(...unknownNames(reads.variables, tree, template.names), ...unknownMethods(tree), ...engineFindings(lacking));
    if (probes !== undefined) findings.push(...probeFindings(template, probes, new JinjaChatTemplate(source, { name: "template", now: NOW })));
  }
  return findings.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** The two prompts that a finding of a probe rests on; undefined where the template no longer compiles. */
export function probeEvidence(source: string, probe: ProbedId, options: ProbeOptions): Evidence | undefined {
  return analyzeTemplate(source, { name: "template", now: NOW, ...options }).probes?.results[probe].evidence;
}
