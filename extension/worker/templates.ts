import { LineMap, type Span } from "../base/text";
import { severityOf } from "../core/analysis/place";
import type { WorkerContract, WorkerHostContract } from "../core/analysis/workerContract";
import type { JsonObject } from "../core/dataset/conversation";
import type { ListedCase, ShownTemplateFinding, TemplateSource } from "../core/language/template/contract";
import { checkTemplate, probeEvidence } from "../core/language/template/findings/checkTemplate";
import { formatEdits } from "../core/language/template/format";
import { liveHover } from "../core/language/template/liveHover";
import { specialTokenVariables } from "../core/model/modelFolder";
import { type CaseFile, type TemplateCase, readCases } from "../core/template/cases/caseFile";
import { acceptEdits, isExpected, runCase } from "../core/template/cases/runCase";
import type { ProbeOptions } from "../core/template/probes/session";
import { readTokenizerConfig } from "../node/tokenizerConfig";
import type { Channel } from "../protocol/channel";

/** What the special tokens are where no model says it: texts that show where they stand. */
const DEFAULT_TOKENS: JsonObject = { bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>", unk_token: "<unk>" };

/** Checks templates and renders them for hovers. */
export function registerTemplates(channel: Channel<WorkerHostContract, WorkerContract>): void {
  // A run asks for one case of a file after the other.
  let read: { readonly text: string; readonly file: CaseFile } | undefined;
  const casesOf = (text: string): CaseFile => {
    if (read?.text !== text) read = { text, file: readCases(text) };
    return read.file;
  };
  const caseAt = (text: string, pointer: string): TemplateCase | undefined => casesOf(text).cases.find((each) => each.pointer === pointer);

  channel.handle("templateCheck", async ({ source, folders, severities }) => {
    const lines = new LineMap(source);
    const options = await probeOptions(folders);
    return checkTemplate(source, options).flatMap(({ rule, span, message, probe }): ShownTemplateFinding[] => {
      const severity = severityOf(rule, severities);
      if (severity === undefined) return [];
      return [{ rule: rule.id, severity, message, probe, range: { start: lines.positionAt(span.start), end: lines.positionAt(span.end) } }];
    });
  });
  channel.handle("templateHover", async ({ source, folders, place, watch, sample }) => {
    const { variables } = await probeOptions(folders);
    return liveHover(source, place, watch, sample, variables, Date.now());
  });
  channel.handle("templateEvidence", async ({ source, folders, probe }) => {
    return probeEvidence(source, probe, await probeOptions(folders)) ?? null;
  });
  channel.handle("templateFormat", ({ source, indent }) => formatEdits(source, indent));
  channel.handle("templateCases", ({ text }) => {
    const lines = new LineMap(text);
    const rangeOf = ({ start, end }: Span): ListedCase["range"] => ({ start: lines.positionAt(start), end: lines.positionAt(end) });
    const { cases, problems } = casesOf(text);
    return {
      cases: cases.map(({ name, pointer, span, template }) => ({ name, pointer, template: template ?? null, range: rangeOf(span) })),
      problems: problems.map(({ message, span }) => ({ message, range: rangeOf(span) })),
    };
  });
  channel.handle("templateCase", async ({ source, folders, text, pointer }) => {
    const wanted = caseAt(text, pointer);
    if (wanted === undefined) return null;
    const outcome = runCase(wanted, source, (await probeOptions(folders)).variables);
    return { passed: isExpected(wanted, outcome), expected: wanted.expected, outcome };
  });
  channel.handle("templateAccept", async ({ source, folders, text, pointer }) => {
    const wanted = caseAt(text, pointer);
    return wanted === undefined ? [] : acceptEdits(text, pointer, runCase(wanted, source, (await probeOptions(folders)).variables));
  });
  channel.handle("templateTokens", async ({ folders }) => {
    const { variables } = await probeOptions(folders);
    return Object.values(variables).flatMap((value) => (typeof value === "string" && value !== "" ? [value] : []));
  });
}

async function probeOptions(folders: TemplateSource["folders"]): Promise<Omit<ProbeOptions, "clock"> & { readonly variables: JsonObject }> {
  for (const folder of folders) {
    const config = await readTokenizerConfig(folder);
    if (config === undefined) continue;
    const addsBos = config["add_bos_token"];
    return { variables: { ...specialTokenVariables(config) }, addsBos: typeof addsBos === "boolean" ? addsBos : undefined };
  }
  return { variables: DEFAULT_TOKENS };
}
