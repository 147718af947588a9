import * as vscode from "vscode";
import type { ConfigTemplate } from "../../core/language/template/config/configTemplates";
import type { CommandId } from "../../manifest/commands";
import { CONFIG_FILES } from "../../manifest/languages";
import type { Log } from "../log";
import { readConfigSource } from "./configSource";
import { configTemplateUri } from "./configTemplateUri";

const OPEN = "tunesmith.openConfigTemplate" satisfies CommandId;

/** Opens a template of tokenizer_config.json as a document of its own. Without a file it takes that of the active editor. */
export async function openConfigTemplate(log: Log, [given, pointer]: readonly unknown[]): Promise<void> {
  const file = given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
  if (file === undefined || !isConfigFile(file)) {
    log.warn(vscode.l10n.t("Open a {0} that holds a chat template first.", CONFIG_FILES[0]));
    return;
  }
  const { configTemplates } = await import("./later");
  const templates = configTemplates((await readConfigSource(file)).text);
  const template = typeof pointer === "string" ? templates.find((each) => each.pointer === pointer) : await choose(templates);
  if (template !== undefined) await vscode.window.showTextDocument(configTemplateUri({ file, pointer: template.pointer }, template.name));
  else if (templates.length === 0) log.warn(vscode.l10n.t("There is no chat_template in {0}.", vscode.workspace.asRelativePath(file)));
}

async function choose(templates: readonly ConfigTemplate[]): Promise<ConfigTemplate | undefined> {
  if (templates.length < 2) return templates[0];
  const items = templates.map((template) => ({ label: template.name, template }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Chat Template to Open") }))?.template;
}

/** A lens above each template of a configuration file. */
export function registerConfigTemplateLens(): vscode.Disposable {
  const selector = CONFIG_FILES.map((name) => ({ pattern: `**/${name}` }));
  return vscode.languages.registerCodeLensProvider(selector, {
    async provideCodeLenses(document) {
      const { configTemplates } = await import("./later");
      return configTemplates(document.getText()).map(({ name, pointer, span }) => {
        const at = document.positionAt(span.start);
        const title = name === "default" ? vscode.l10n.t("Open Chat Template") : vscode.l10n.t("Open Chat Template '{0}'", name);
        return new vscode.CodeLens(new vscode.Range(at, at), { title, command: OPEN, arguments: [document.uri, pointer] });
      });
    },
  });
}

function isConfigFile({ path }: vscode.Uri): boolean {
  return CONFIG_FILES.some((name) => path.endsWith(`/${name}`));
}
