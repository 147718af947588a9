import * as vscode from "vscode";
import { TEMPLATE_LANGUAGE } from "../../../manifest/languages";
import { registerConfigTemplateLens } from "../../templates/openConfigTemplate";
import { comparePromptsAction } from "../../templates/probePrompts";
import type { SampleChoice } from "../../templates/sampleChoice";
import type { TemplateChecks } from "../../templates/templateChecks";
import { TEMPLATE_SELECTOR, chatTemplateOf } from "../../templates/templateFiles";
import type { TemplateWorker } from "../../templates/templateWorker";
import { rangeOf } from "../places";
import { registerTemplateCompletion } from "./completion";
import { registerTemplateHover } from "./hover";
import { registerTemplateNavigation } from "./navigation";
import { registerTemplateStructure, spanRange } from "./structure";

/** What VS Code offers in templates. What only reads the text is done here; whatever renders is done in the worker. */
export function registerTemplateLanguage(worker: TemplateWorker, samples: SampleChoice, checks: TemplateChecks): vscode.Disposable {
  return vscode.Disposable.from(
    registerTemplateStructure(),
    registerTemplateNavigation(),
    registerTemplateCompletion(worker),
    registerTemplateHover(worker, samples),
    registerConfigTemplateLens(),
    registerTemplateActions(checks),
    registerTemplateFormat(worker),
  );
}

/** Lays chat templates out, without a change to what they print. Those of other languages have formatters of their own. */
function registerTemplateFormat(worker: TemplateWorker): vscode.Disposable {
  return vscode.languages.registerDocumentFormattingEditProvider(TEMPLATE_LANGUAGE, {
    async provideDocumentFormattingEdits(document, { insertSpaces, tabSize }, token) {
      const template = chatTemplateOf(document);
      if (template === undefined) return [];
      const edits = await worker.ask("templateFormat", { source: template.source, indent: insertSpaces ? " ".repeat(tabSize) : "\t" }, token);
      return edits.map(({ start, end, text }) => new vscode.TextEdit(spanRange(document, { start, end }), text));
    },
  });
}

/** The actions of findings. */
function registerTemplateActions(checks: TemplateChecks): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, range, { diagnostics }) {
      return checks.findingsOf(document).flatMap(({ probe, rule, range: place }) => {
        const found = rangeOf(place);
        if (probe === undefined || found.intersection(range) === undefined) return [];
        const own = diagnostics.filter(({ code, range: shown }) => typeof code === "object" && code.value === rule && shown.isEqual(found));
        return [comparePromptsAction(document.uri, probe, own)];
      });
    },
  };
  return vscode.languages.registerCodeActionsProvider(TEMPLATE_SELECTOR, provider, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
}
