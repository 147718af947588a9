import * as vscode from "vscode";
import { registerConfigTemplateLens } from "../../templates/openConfigTemplate";
import { comparePromptsAction } from "../../templates/probePrompts";
import type { SampleChoice } from "../../templates/sampleChoice";
import type { TemplateChecks } from "../../templates/templateChecks";
import { TEMPLATE_SELECTOR } from "../../templates/templateFiles";
import type { TemplateWorker } from "../../templates/templateWorker";
import { rangeOf } from "../places";
import { registerTemplateCompletion } from "./completion";
import { registerTemplateHover } from "./hover";
import { registerTemplateNavigation } from "./navigation";
import { registerTemplateStructure } from "./structure";

/** What VS Code offers in templates. What only reads the text is done here; whatever renders is done in the worker. */
export function registerTemplateLanguage(worker: TemplateWorker, samples: SampleChoice, checks: TemplateChecks): vscode.Disposable {
  return vscode.Disposable.from(
    registerTemplateStructure(),
    registerTemplateNavigation(),
    registerTemplateCompletion(worker),
    registerTemplateHover(worker, samples),
    registerConfigTemplateLens(),
    registerTemplateActions(checks),
  );
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
