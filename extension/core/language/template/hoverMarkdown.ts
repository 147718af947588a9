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

/** What is marked stands in bold and on a ground of its own, so that neither colour nor weight alone tells it. */
function excerptMarkdown({ text, marked, cutBefore, cutAfter }: PromptExcerpt): string {
  let html = cutBefore ? "…" : "";
  let at = 0;
  for (const { start, end } of marked) {
    html += escapeHtml(text.slice(at, start));
    html += `<strong><span style="background-color:var(--vscode-editor-findMatchHighlightBackground);">${escapeHtml(text.slice(start, end))}</span></strong>`;
    at = end;
  }
  html += escapeHtml(text.slice(at)) + (cutAfter ? "…" : "");
  return `<pre>${html}</pre>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>~]/g, "\\$&");
}

/** Code on one line, whatever it holds. */
function inlineCode(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = longest > 0 || line.startsWith(" ") || line.endsWith(" ") || line === "" ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

function codeBlock(text: string, language: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
