import * as vscode from "vscode";
import type { Log } from "../log";
import { type OpenPart, PartDocuments } from "../parts/partDocuments";
import { nameOf, readConfigSource } from "./configSource";
import { CONFIG_TEMPLATE_SCHEME, type ConfigTemplateAddress, configTemplateAddress } from "./configTemplateUri";

/** A template that is open as a document of its own. */
interface OpenTemplate extends OpenPart {
  readonly address: ConfigTemplateAddress;
}

/** Chat templates that stand in a JSON file as documents of their own. Saving one changes nothing else in its file. */
export class ConfigTemplateFiles extends PartDocuments<OpenTemplate> {
  constructor(log: Log) {
    super(
      {
        scheme: CONFIG_TEMPLATE_SCHEME,
        sourceScheme: "tunesmith-template-source",
        changed: vscode.l10n.t("This template was changed in its file while you edited it. Nothing was overwritten."),
        overwrite: vscode.l10n.t("Overwrite the File's Template"),
        notSaved: vscode.l10n.t("The template was not saved."),
        comparison: (name) => vscode.l10n.t("{0}: in its file ↔ edited", name),
      },
      log,
    );
    this.store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => void this.#fileChanged(document.uri)));
  }

  protected async find(uri: vscode.Uri): Promise<OpenTemplate> {
    const address = configTemplateAddress(uri);
    if (address === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const base = await templateOf(address);
    const { file } = address;
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(file, ".."), nameOf(file)));
    const check = (): void => void this.#fileChanged(file);
    const watching = vscode.Disposable.from(watcher, watcher.onDidChange(check), watcher.onDidCreate(check));
    return { uri, address, base, mtime: 1, saved: Promise.resolve(), dispose: () => void watching.dispose() };
  }

  protected current({ address }: OpenTemplate): Promise<string> {
    return templateOf(address);
  }

  protected shown(template: string): string {
    return template;
  }

  protected async write(template: OpenTemplate, text: string): Promise<boolean> {
    const { replaceTemplate, templateAt } = await import("./later");
    const { file, pointer } = template.address;
    const source = await readConfigSource(file);
    if (templateAt(source.text, pointer) !== template.base) return false;
    const edit = replaceTemplate(source.text, pointer, text);
    if (edit === undefined) throw gone(file);
    if (edit.text !== source.text.slice(edit.start, edit.end)) await source.write(edit);
    template.base = JSON.parse(edit.text) as string;
    return true;
  }

  async #fileChanged(file: vscode.Uri): Promise<void> {
    for (const template of this.parts) {
      if (template.address.file.toString() !== file.toString()) continue;
      const current = await templateOf(template.address).catch(() => undefined);
      if (current !== template.base) this.readAgain(template, current === undefined ? vscode.FileChangeType.Deleted : vscode.FileChangeType.Changed);
    }
  }
}

/** A template as it stands in its file. @throws FileSystemError where it does not */
async function templateOf({ file, pointer }: ConfigTemplateAddress): Promise<string> {
  const { templateAt } = await import("./later");
  const template = templateAt((await readConfigSource(file)).text, pointer);
  if (template === undefined) throw gone(file);
  return template;
}

function gone(file: vscode.Uri): vscode.FileSystemError {
  return vscode.FileSystemError.FileNotFound(vscode.l10n.t("The template is no longer in {0}.", nameOf(file)));
}
