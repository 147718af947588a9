import type { Span } from "../../base/text";

// What hovers show is mostly data of others. It only gets into Markdown by way of these, so that none of it is read as markup.

/** Text as code on one line, whatever is in it. */
export function inlineCode(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, "⏎");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = line === "" || /^[` ]|[` ]$/.test(line) ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** Text on one line, without what Markdown would take as its own. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!<>|~$&]/g, "\\$&").replaceAll(/[\r\n]+/g, " ");
}

/**
 * Text as it is, in the HTML that VS Code lets through: `<pre>` would not wrap, and the height of a hover is small. Each line
 * is code of its own, since only where such begins there is a margin. Marked spans, in order, stand in bold and in colours that
 * every theme has, high contrast included, so that a space is seen too.
 */
export function textBlock(text: string, marked: readonly Span[]): string {
  let html = "";
  let at = 0;
  for (const { start, end } of marked) {
    html += htmlOf(text, at, start) + htmlOf(text, start, end, MARK_START, MARK_END);
    at = end;
  }
  html += htmlOf(text, at, text.length);
  return `<p>${html.split("<br>").map((line) => (line === "" ? "" : `<code>${line}</code>`)).join("<br>")}</p>`;
}

/** The inner colour, that of found text, is one that high contrast themes do not have. VS Code takes the properties in this order only. */
const MARK_START =
  '<strong><span style="color:var(--vscode-textPreformat-foreground);background-color:var(--vscode-textPreformat-background);">' +
  '<span style="background-color:var(--vscode-editor-findMatchHighlightBackground);">';
const MARK_END = "</span></span></strong>";

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "<br>", "\r": "␍", "\t": "&nbsp;&nbsp;&nbsp; " };

/** A part of a text as HTML of one line: Markdown is read again behind an empty one. Spaces that HTML would drop cannot be broken. `open` and `close` stand around what is in each line. */
function htmlOf(text: string, start: number, end: number, open = "", close = ""): string {
  const html = text.slice(start, end).replaceAll(/[&<>"\r\n\t ]/g, (character, offset: number) => {
    if (character !== " ") return HTML[character] ?? character;
    const at = start + offset;
    return at === 0 || text[at - 1] === "\n" || text[at + 1] === " " ? "&nbsp;" : " ";
  });
  return html.split("<br>").map((line) => (line === "" ? "" : open + line + close)).join("<br>");
}
