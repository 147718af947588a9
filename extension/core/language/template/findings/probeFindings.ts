import type { Span } from "../../../../base/text";
import { PROBED, type ProbedId, TEMPLATE } from "../../../rules/template/templateRules";
import { type JinjaChatTemplate } from "../../../template/environment";
import type { Evidence, ProbeResult, Rendering } from "../../../template/probes/probe";
import type { ProbeReport } from "../../../template/probes/probeTemplate";
import { TemplateRefusal } from "../../../template/renderer";
import type { TemplateText } from "../templateText";
import type { TemplateFinding } from "./finding";

/** What a verdict means to an author; verdicts that are fine have none. */
type Messages = { readonly [Id in ProbedId]: Readonly<Partial<Record<ProbeResult<Id>["verdict"], string>>> };

const MESSAGES: Messages = {
  "double-bos": {
    double: "The template writes the BOS token, and the tokenizer adds another one to the prompt. Remove it here, or make sure that the trainer tokenizes with add_special_tokens=False.",
  },
  "generation-prompt": {
    ignored: "add_generation_prompt adds nothing, although the assistant's turn begins with something. Write that where add_generation_prompt is set.",
    rewrites: "add_generation_prompt changes what stands before it, instead of adding to it.",
  },
  "generation-prefix": { differs: "The generation prompt is not how the assistant's turn begins in training." },
  "prefix-preserving": { no: "Earlier turns render differently when further turns follow." },
  "tool-prefix-preserving": { no: "A call of a tool renders differently when its result follows." },
  "end-of-turn": {
    none: "Nothing ends the assistant's turn, so that the model does not learn to stop.",
    "history-only": "The assistant's last turn ends without the token that ends the turns before it, so that the model does not learn to stop.",
    "last-only": "Only the last of the assistant's turns ends with a token; those before it do not.",
    varies: "The assistant's last turn ends with another token than those before it.",
  },
  "end-of-tool-turn": {
    other: "A turn that calls tools ends with another token than an answer.",
    none: "A turn that calls tools ends without the token that ends an answer.",
  },
  "end-of-turn-mask": { outside: "The token that ends the assistant's turn stands outside of {% generation %}: it is not trained, and the model does not learn to stop." },
  "generation-tag": {
    unseen: "Trainers look for '{% generation' or '{%- generation' in the source, and do not see the tag as it is written here.",
    wrong: "{% generation %} does not mark just what the assistant says.",
  },
  "system-role": { dropped: "A system message is left out of the prompt. Render it, or refuse it with raise_exception(…)." },
  alternation: { drops: "Turns that do not alternate are left out of the prompt. Render them, or refuse them with raise_exception(…)." },
  "unknown-role": { dropped: "A message with an unknown role is left out of the prompt. Refuse it with raise_exception(…)." },
  "content-parts": {
    repr: "Content that is a list of parts is printed as Python writes lists. Test 'content is string', and render the parts' texts otherwise.",
    dropped: "Content that is a list of parts is left out of the prompt.",
  },
  tools: {
    dropped: "The definitions of tools are left out of the prompt.",
    partial: "Parts of the definitions of tools are left out of the prompt.",
  },
  "empty-tools": { announced: "An empty list of tools is announced as if there were tools. Test 'if tools' instead of 'tools is not none' or 'tools is defined'." },
  "tool-calls": {
    dropped: "Calls of tools and their results are left out of the prompt.",
    partial: "Parts of tool calls or of their results are left out of the prompt.",
  },
  "tool-arguments": { neither: "The arguments of tool calls do not stand in the prompt as JSON, neither given as an object nor as a text." },
  "continue-final": {
    wrong: "The last message cannot be continued where it ends: the template changes what stands there.",
    refused: "The last message cannot be continued: the template, or transformers, refuses.",
  },
};

/** What the probes have found, each at the expression that the two prompts begin to differ at, where that can be told. */
export function probeFindings(template: TemplateText, report: ProbeReport, compiled: JinjaChatTemplate): TemplateFinding[] {
  const findings: TemplateFinding[] = [];
  for (const id of Object.keys(PROBED) as ProbedId[]) {
    const { verdict, evidence, details } = report.results[id];
    const message = (MESSAGES[id] as Readonly<Record<string, string>>)[verdict];
    if (message === undefined) continue;
    const span = placeOf(id, evidence, compiled) ?? messageLoop(template);
    findings.push({ rule: PROBED[id], span, message: message + missingParts(details), probe: id });
  }
  if (report.stopped) {
    findings.push({ rule: TEMPLATE.tooSlow, span: messageLoop(template), message: "The template takes too long on short conversations; some checks were left out." });
  }
  return findings;
}

function missingParts(details: ProbeResult["details"]): string {
  const missing = details?.["missing"];
  return Array.isArray(missing) && missing.length > 0 ? ` Missing: ${missing.join(", ")}.` : "";
}

/** Probes whose prompts begin to differ where the fault is; of the others the fault is that something is not there. */
const AT_DIFFERENCE: ReadonlySet<ProbedId> = new Set(["generation-prompt", "generation-prefix", "prefix-preserving", "tool-prefix-preserving"]);

function placeOf(id: ProbedId, evidence: Evidence | undefined, compiled: JinjaChatTemplate): Span | undefined {
  if (evidence === undefined) return undefined;
  const { base, probed } = evidence;
  if (probed.outcome.kind === "refusal") return probed.outcome.place?.span;
  if (id === "double-bos") return expressionAt(probed, 0, compiled);
  if (!AT_DIFFERENCE.has(id) || base.outcome.kind !== "prompt" || probed.outcome.kind !== "prompt") return undefined;
  const at = commonLength(base.outcome.text, probed.outcome.text);
  return expressionAt(probed, at, compiled) ?? expressionAt(base, at, compiled);
}

function commonLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

/** The characters of the template that wrote the character at `offset` of a rendering's prompt. */
function expressionAt({ input, continueFinal }: Rendering, offset: number, compiled: JinjaChatTemplate): Span | undefined {
  try {
    const { segments = [] } = compiled.renderInput(input, { provenance: true, continueFinal });
    const template = segments.find(({ start, end }) => start <= offset && offset < end)?.template;
    return template === undefined || template[1] <= template[0] ? undefined : { start: template[0], end: template[1] };
  } catch (error) {
    if (error instanceof TemplateRefusal) return undefined;
    throw error;
  }
}

/** The tag of the loop over the messages, or the first tag: where what the template does is decided. */
function messageLoop(template: TemplateText): Span {
  const loop = template.tags.find(({ keyword, span }) => keyword === "for" && /\bin\s+\w*messages\b/.test(template.text(span)));
  const tag = loop ?? template.tags[0];
  return tag?.span ?? { start: 0, end: Math.min(1, template.source.length) };
}
