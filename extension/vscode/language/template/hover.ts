import * as vscode from "vscode";
import type { TemplateHover } from "../../../core/language/template/contract";
import { hoverMarkdown } from "../../../core/language/template/hoverMarkdown";
import { type HoverTarget, hoverTargetAt } from "../../../core/language/template/hoverTarget";
import type { CommandId } from "../../../manifest/commands";
import { modelFoldersOf } from "../../templates/templateFiles";
import { chatTemplateOf, templateTextOf } from "../../templates/templateTexts";
import type { TemplateWorker } from "../../templates/templateWorker";
import { spanRange } from "./structure";

const SELECT_SAMPLE = "tunesmith.selectSample" satisfies CommandId;

/** What a word means, its values for the sample conversation, and the prompt around what the place writes. */
export async function templateHover(
  worker: TemplateWorker,
  sample: string | undefined,
  document: vscode.TextDocument,
  position: vscode.Position,
  token: vscode.CancellationToken,
): Promise<vscode.Hover | undefined> {
  const target = hoverTargetAt(templateTextOf(document), document.offsetAt(position));
  if (target === undefined) return undefined;
  const live = await liveHover(worker, sample, document, target, token).catch(() => undefined);
  const markdown = new vscode.MarkdownString(hoverMarkdown(target, live, `[${vscode.l10n.t("Choose another conversation")}](command:${SELECT_SAMPLE})`));
  markdown.supportHtml = true;
  markdown.isTrusted = { enabledCommands: [SELECT_SAMPLE] };
  return new vscode.Hover(markdown, spanRange(document, target.span));
}

async function liveHover(
  worker: TemplateWorker,
  sample: string | undefined,
  document: vscode.TextDocument,
  { span, watch }: HoverTarget,
  token: vscode.CancellationToken,
): Promise<TemplateHover | undefined> {
  const template = chatTemplateOf(document);
  // A template that does not parse gives no prompt; the Problems view says why.
  if (template === undefined || template.parsed.errors.length > 0) return undefined;
  return worker.ask("templateHover", { source: template.source, folders: modelFoldersOf(document.uri), place: span, watch, sample }, token);
}
