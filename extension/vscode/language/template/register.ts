import * as vscode from "vscode";
import { TEMPLATE_LANGUAGE } from "../../../manifest/languages";
import { registerConfigTemplateLens } from "../../templates/openConfigTemplate";
import { comparePromptsAction } from "../../templates/probePrompts";
import type { SampleChoice } from "../../templates/sampleChoice";
import type { TemplateChecks } from "../../templates/templateChecks";
import { TEMPLATE_SELECTOR } from "../../templates/templateFiles";
import type { TemplateWorker } from "../../templates/templateWorker";
import { rangeOf } from "../places";

/**
 * What VS Code offers in templates. What only reads the text is done here, by code that is loaded with the first question;
 * whatever renders is done in the worker.
 */
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

/** Outline, breadcrumbs and folding. */
function registerTemplateStructure(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDocumentSymbolProvider(TEMPLATE_SELECTOR, {
      provideDocumentSymbols: async (document) => (await import("../../templates/later")).symbolsOf(document),
    }),
    vscode.languages.registerFoldingRangeProvider(TEMPLATE_SELECTOR, {
      provideFoldingRanges: async (document) => (await import("../../templates/later")).foldingRangesOf(document),
    }),
  );
}

/** Definitions, references, highlights and rename of a template's variables and macros. */
function registerTemplateNavigation(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerDefinitionProvider(TEMPLATE_SELECTOR, {
      provideDefinition: async (document, position) => (await import("../../templates/later")).definitionLinks(document, position),
    }),
    vscode.languages.registerReferenceProvider(TEMPLATE_SELECTOR, {
      async provideReferences(document, position, { includeDeclaration }) {
        const { referenceRanges } = await import("../../templates/later");
        return referenceRanges(document, position, includeDeclaration).map((range) => new vscode.Location(document.uri, range));
      },
    }),
    vscode.languages.registerDocumentHighlightProvider(TEMPLATE_SELECTOR, {
      async provideDocumentHighlights(document, position) {
        const { referenceRanges } = await import("../../templates/later");
        return referenceRanges(document, position, true).map((range) => new vscode.DocumentHighlight(range));
      },
    }),
    vscode.languages.registerRenameProvider(TEMPLATE_SELECTOR, {
      prepareRename: async (document, position) => (await import("../../templates/later")).renamed(document, position),
      provideRenameEdits: async (document, position, name) => (await import("../../templates/later")).renameEdit(document, position, name),
    }),
  );
}

function registerTemplateCompletion(worker: TemplateWorker): vscode.Disposable {
  const provider: vscode.CompletionItemProvider = {
    provideCompletionItems: async (document, position, token) => (await import("../../templates/later")).templateCompletions(worker, document, position, token),
  };
  return vscode.languages.registerCompletionItemProvider(TEMPLATE_SELECTOR, provider, "|", ".", "%", "'", '"', "<", "[");
}

function registerTemplateHover(worker: TemplateWorker, samples: SampleChoice): vscode.Disposable {
  return vscode.languages.registerHoverProvider(TEMPLATE_SELECTOR, {
    provideHover: async (document, position, token) => (await import("../../templates/later")).templateHover(worker, samples.id, document, position, token),
  });
}

/** Lays chat templates out, without a change to what they print. Those of other languages have formatters of their own. */
function registerTemplateFormat(worker: TemplateWorker): vscode.Disposable {
  return vscode.languages.registerDocumentFormattingEditProvider(TEMPLATE_LANGUAGE, {
    async provideDocumentFormattingEdits(document, { insertSpaces, tabSize }, token) {
      const { chatTemplateOf, spanRange } = await import("../../templates/later");
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
