import { escapeMarkdown, inlineCode, textBlock } from "../markdown";
import type { TemplateHover } from "./contract";
import type { HoverTarget } from "./hoverTarget";
import type { LiveValues } from "./liveValues";
import type { ExcerptOutcome, PromptExcerpt } from "./promptExcerpt";

/** What a hover says, in Markdown with the HTML that VS Code lets through. @param chooseSample the link that chooses another conversation */
export function hoverMarkdown({ doc, note }: HoverTarget, live: TemplateHover | undefined, chooseSample: string): string {
  const parts: string[] = [];
  if (doc !== undefined) parts.push(codeBlock(doc.signature, "jinja-chat-template"), doc.text);
  if (note !== undefined) parts.push(escapeMarkdown(note));
  if (live !== undefined) {
    const sample = `*${escapeMarkdown(live.sample)}*${live.otherSample ? " (the chosen conversation does not come by here)" : ""} · ${chooseSample}`;
    if (live.values !== undefined) parts.push(valuesMarkdown(live.values));
    parts.push("---", promptMarkdown(live.prompt), sample);
  }
  return parts.join("\n\n");
}

function valuesMarkdown({ values, count, error }: LiveValues): string {
  const shown = values.reduce((sum, { times }) => sum + times, 0);
  const lines = values.map(({ text, type, times }) => `- ${inlineCode(text)} ${type}${times > 1 ? `, ${times} times` : ""}`);
  if (shown < count) lines.push(`- and ${count - shown} more`);
  if (count === 0) lines.push(error === undefined ? "Not reached by any of the sample conversations." : `Not reached: ${inlineCode(error)}`);
  return lines.join("\n");
}

function promptMarkdown(outcome: ExcerptOutcome): string {
  if (outcome.kind === "prompt") return excerptMarkdown(outcome.excerpt);
  const line = outcome.line === undefined ? "" : ` (line ${outcome.line})`;
  return `The conversation is refused${line}: ${inlineCode(`${outcome.type}: ${outcome.message}`)}`;
}

function excerptMarkdown({ text, marked, cutBefore, cutAfter }: PromptExcerpt): string {
  const lead = cutBefore ? "…" : "";
  const moved = marked.map(({ start, end }) => ({ start: start + lead.length, end: end + lead.length }));
  return textBlock(`${lead}${text}${cutAfter ? "…" : ""}`, moved);
}

function codeBlock(text: string, language: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
