import { JinjaError } from "../jinja/errors";
import { parseForCompiler } from "../jinja/runtime/template";
import { type LackingUse, lackingIn } from "./engines/lacking";
import { JinjaChatTemplate } from "./environment";
import { type ProbeReport, probeTemplate } from "./probes/probeTemplate";
import type { ProbeOptions } from "./probes/session";
import { type TemplateReads, findReads } from "./reads/reads";
import { TemplateRefusal } from "./renderer";

export interface AnalysisOptions extends ProbeOptions {
  /** What the template is called in errors. */
  readonly name: string;
  /** What `strftime_now` takes as now in the probes, in milliseconds since the epoch; fixed, so that reports are the same. */
  readonly now?: number | undefined;
}

/** All that is known of a chat template without a conversation. */
export interface TemplateAnalysis {
  /** What keeps it from being compiled; the first one is what Python raises. */
  readonly errors: readonly JinjaError[];
  readonly reads: TemplateReads;
  readonly lacking: readonly LackingUse[];
  /** Undefined where it cannot be compiled. */
  readonly probes: ProbeReport | undefined;
}

/** New Year 2026, so that two renders show the same date. */
const NOW = Date.UTC(2026, 0, 1, 12);

/** Reads a template, compares it with what other engines have, and probes it. Never throws. */
export function analyzeTemplate(source: string, options: AnalysisOptions): TemplateAnalysis {
  const template = parseForCompiler(source);
  const reads = findReads(source, template);
  const compiled = template.errors.length > 0 ? undefined : compile(source, options);
  return {
    errors: compiled instanceof JinjaError ? [compiled] : template.errors,
    reads,
    lacking: lackingIn(source, template, reads),
    probes: compiled instanceof JinjaChatTemplate ? probeTemplate(compiled, options) : undefined,
  };
}

/** Some errors show only when what was parsed is compiled. */
function compile(source: string, { name, now = NOW }: AnalysisOptions): JinjaChatTemplate | JinjaError {
  try {
    return new JinjaChatTemplate(source, { name, now });
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) throw error;
    return error.cause instanceof JinjaError ? error.cause : new JinjaError("RuntimeError", error.message);
  }
}
