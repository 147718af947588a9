import { escapeMarkdown, inlineCode, textBlock } from "../markdown";
import { visibleText } from "../visibleText";
import type { HoveredToken, PromptExcerpt, RowHover } from "./hover";
import type { PromptCounts } from "./rowCounts";

export interface HoverTextOptions {
  /** As findings count rows. */
  readonly row: number;
  readonly maxLength: number | undefined;
  /** A link, or words, that lead to choosing a model. */
  readonly selectModel: string;
  readonly number: (value: number) => string;
}

/** A hover in Markdown, with the HTML that VS Code lets through. */
export function hoverMarkdown(hover: RowHover, options: HoverTextOptions): string {
  const parts = [headline(hover, options)];
  if (hover.prompt === "dropped") parts.push("The chat template leaves this out: it is not in the prompt.");
  else if (hover.prompt !== undefined) parts.push(promptBlock(hover.prompt));
  if (hover.token !== undefined) parts.push(...tokenLines(hover.token, options));
  switch (hover.missing?.kind) {
    case "no model":
      parts.push(`Without a model there is no prompt to show. ${options.selectModel}`);
      break;
    case "too long":
      parts.push("The row is too long for its prompt to be shown while the pointer rests.");
      break;
    case "no template":
      parts.push("The model has no chat template, so that there is no prompt.");
      break;
    case "refused": {
      const { message, place } = hover.missing.refusal;
      const where = place === undefined ? "" : ` at line ${place.line}, column ${place.column}`;
      parts.push(`The chat template refuses this conversation${where}: ${inlineCode(message)}`);
      break;
    }
    case undefined:
  }
  return parts.join("\n\n");
}

function headline({ turn, counts }: RowHover, options: HoverTextOptions): string {
  const parts: string[] = [];
  if (turn !== undefined) {
    const variant = turn.variant === undefined ? "" : ` (${turn.variant})`;
    parts.push(`${turn.role === undefined ? "Turn" : `**${escapeMarkdown(turn.role)}**, turn`} ${turn.index + 1} of ${turn.count}${variant}`);
  }
  parts.push(`row ${options.row}`, ...counts.map((count) => countText(count, options)));
  return parts.join(" · ");
}

/** `chosen: 345 tokens, 120 trained, 20 over the limit`. */
export function countText({ variant, tokens, trained }: PromptCounts, { maxLength, number }: Pick<HoverTextOptions, "maxLength" | "number">): string {
  const parts = [`${number(tokens)} ${tokens === 1 ? "token" : "tokens"}`];
  if (trained !== undefined) parts.push(`${number(trained)} trained`);
  if (maxLength !== undefined && tokens > maxLength) parts.push(`${number(tokens - maxLength)} over the limit of ${number(maxLength)}`);
  return (variant === undefined ? "" : `${variant}: `) + parts.join(", ");
}

function promptBlock({ before, marked, after, fromStart, toEnd }: PromptExcerpt): string {
  const start = (fromStart ? "" : "…") + before;
  return textBlock(`${start}${marked}${after}${toEnd ? "" : "…"}`, [{ start: start.length, end: start.length + marked.length }]);
}

function tokenLines({ id, text, bytes, special, index, trained, verdict, training, exact }: HoveredToken, { number }: HoverTextOptions): string[] {
  const parts = [text === undefined ? "Token, a part of a character" : `Token ${inlineCode(visibleText(text))}`, `id **${id}**`];
  if (bytes !== undefined) parts.push(bytesText(bytes));
  if (special) parts.push("special");
  parts.push(trained === undefined ? "the template does not say what is trained on" : trained ? "**trained on**" : "masked, not trained on");
  parts.push(`${exact ? "" : "about "}number ${number(index + 1)} of the prompt`);
  const lines = [parts.join(" · ")];
  if (verdict !== undefined) lines.push(["⚠", `**${verdict.kind}**: ${escapeMarkdown(verdict.why)}`, escapeMarkdown(training ?? verdict.advice ?? "")].join(" ").trimEnd());
  return lines;
}

/** Bytes beyond these say nothing more. */
const MAX_BYTES = 16;

function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, MAX_BYTES), (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
  return `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"} \`${shown}${bytes.length > MAX_BYTES ? " …" : ""}\``;
}
