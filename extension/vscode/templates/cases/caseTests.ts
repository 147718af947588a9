import * as path from "node:path";
import * as vscode from "vscode";
import { CancelledError, messageOf } from "../../../base/errors";
import { DisposableStore } from "../../../base/disposable";
import { commonPrefixLength } from "../../../base/text";
import type { ListedCase, TemplateMethods } from "../../../core/language/template/contract";
import { CASE_TESTS } from "../../../manifest/commands";
import { rangeOf } from "../../language/places";
import { spanRange } from "../../language/template/structure";
import type { Log } from "../../log";
import type { TemplateWorker } from "../templateWorker";
import { namesBeside, templateOfCase } from "./caseTemplate";
import { CASE_FILES, NOT_CASE_FILES } from "./caseWatch";

/** Files of cases are written by hand; larger ones are something else. */
const MAX_BYTES = 10_000_000;
/** How long typing must pause before cases are read, or run, again. */
const PAUSE_MS = 300;

/** The cases of templates in the Testing view. */
export class CaseTests implements vscode.Disposable {
  readonly #worker: TemplateWorker;
  readonly #log: Log;
  readonly #store = new DisposableStore();
  readonly #controller: vscode.TestController;
  readonly #cases = new WeakMap<vscode.TestItem, ListedCase>();
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  /** Runs that are repeated whenever a template or a case changes. */
  readonly #continuous = new Set<vscode.TestRunRequest>();

  constructor(worker: TemplateWorker, log: Log) {
    this.#worker = worker;
    this.#log = log;
    this.#controller = this.#store.add(vscode.tests.createTestController(CASE_TESTS, vscode.l10n.t("Chat Templates")));
    this.#controller.refreshHandler = () => this.readAll();
    this.#controller.createRunProfile(vscode.l10n.t("Render"), vscode.TestRunProfileKind.Run, (request, token) => this.#asked(request, token), true, undefined, true);
    this.#store.add(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.#changed(document.uri)));
    this.#store.add({ dispose: () => this.#pauses.forEach((timer) => clearTimeout(timer)) });
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Reads the cases of all files of the workspace. */
  async readAll(): Promise<void> {
    const files = await vscode.workspace.findFiles(CASE_FILES, NOT_CASE_FILES);
    const known = new Set(files.map((uri) => uri.toString()));
    this.#controller.items.forEach(({ id }) => known.has(id) || this.#controller.items.delete(id));
    for (const uri of files) await this.read(uri);
  }

  /** Reads the cases of a file, as it is in its editor or on disk. */
  async read(uri: vscode.Uri): Promise<void> {
    const id = uri.toString();
    let file = this.#controller.items.get(id);
    if (file === undefined) {
      file = this.#controller.createTestItem(id, path.posix.basename(uri.path), uri);
      const folder = vscode.workspace.asRelativePath(uri).slice(0, -file.label.length - 1);
      if (folder !== "") file.description = folder;
      this.#controller.items.add(file);
    }
    try {
      const { cases, problems } = await this.#worker.ask("templateCases", { text: await textOf(uri) });
      file.error = problems.length === 0 ? undefined : problems.map(({ message, range }) => vscode.l10n.t("Line {0}: {1}", range.start.line, message)).join("\n\n");
      file.children.replace(cases.map((each) => this.#item(uri, each)));
    } catch (error) {
      file.error = messageOf(error);
      file.children.replace([]);
    }
  }

  forget(uri: vscode.Uri): void {
    this.#controller.items.delete(uri.toString());
  }

  /** Makes what the template makes of a case, or of all of a file, what it asks for, and runs it again. */
  async accept(given: unknown): Promise<void> {
    const item = itemOf(given);
    const uri = item?.uri;
    if (item === undefined || uri === undefined) return;
    const document = await vscode.workspace.openTextDocument(uri);
    for (const test of this.#leaves([item])) {
      // Places are those of the text before, so that each is asked for when the one before is written.
      const text = document.getText();
      const { version } = document;
      const listed = this.#cases.get(test);
      const template = listed === undefined ? undefined : await templateOfCase(uri, listed.template);
      if (listed === undefined || template === undefined) continue;
      const edit = new vscode.WorkspaceEdit();
      for (const { text: put, ...span } of await this.#worker.ask("templateAccept", { ...template, text, pointer: listed.pointer })) edit.replace(uri, spanRange(document, span), put);
      if (document.version === version && (await vscode.workspace.applyEdit(edit))) continue;
      this.#log.warn(vscode.l10n.t("{0} was changed meanwhile. Accept the prompt again.", path.posix.basename(uri.path)));
      return;
    }
    await this.read(uri);
    const again = this.#controller.items.get(uri.toString());
    if (again !== undefined) await this.#run(new vscode.TestRunRequest([item.parent === undefined ? again : (again.children.get(item.id) ?? again)]), undefined);
  }

  #item(uri: vscode.Uri, listed: ListedCase): vscode.TestItem {
    const item = this.#controller.createTestItem(`${uri.toString()}#${listed.name}`, listed.name, uri);
    item.range = rangeOf(listed.range);
    this.#cases.set(item, listed);
    return item;
  }

  #changed(uri: vscode.Uri): void {
    const isCases = this.#controller.items.get(uri.toString()) !== undefined;
    if (!isCases && this.#continuous.size === 0) return;
    const key = uri.toString();
    clearTimeout(this.#pauses.get(key));
    const act = async (): Promise<void> => {
      this.#pauses.delete(key);
      if (isCases) await this.read(uri);
      for (const request of this.#continuous) await this.#run(request, undefined);
    };
    this.#pauses.set(key, setTimeout(() => void act(), PAUSE_MS));
  }

  async #asked(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (request.continuous === true) {
      this.#continuous.add(request);
      token.onCancellationRequested(() => this.#continuous.delete(request));
    }
    await this.#run(request, token);
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken | undefined): Promise<void> {
    const run = this.#controller.createTestRun(request);
    const stopped = (): boolean => run.token.isCancellationRequested || token?.isCancellationRequested === true;
    // What a continuous run began with may have been read anew since.
    const included = request.include?.flatMap((item) => this.#current(item)) ?? Array.from(this.#controller.items, ([, item]) => item);
    const excluded = new Set(request.exclude?.map(({ id }) => id));
    const tests = this.#leaves(included).filter(({ id }) => !excluded.has(id));
    for (const test of tests) run.enqueued(test);
    for (const test of tests) {
      if (stopped()) run.skipped(test);
      else await this.#runOne(run, test);
    }
    run.end();
  }

  async #runOne(run: vscode.TestRun, test: vscode.TestItem): Promise<void> {
    run.started(test);
    const started = performance.now();
    try {
      const message = await this.#messageOf(test, run.token);
      const duration = performance.now() - started;
      if (message === undefined) run.passed(test, duration);
      else run.failed(test, message, duration);
      tell(run, test, message === undefined ? "✓" : `✗ ${typeof message.message === "string" ? message.message : message.message.value}`);
    } catch (error) {
      if (error instanceof CancelledError) {
        run.skipped(test);
        return;
      }
      run.errored(test, new vscode.TestMessage(messageOf(error)), performance.now() - started);
      tell(run, test, `✗ ${messageOf(error)}`);
    }
  }

  /** What is to be said of a case; undefined where the template makes of it what it asks for. */
  async #messageOf(test: vscode.TestItem, token: vscode.CancellationToken): Promise<vscode.TestMessage | undefined> {
    const { uri } = test;
    const listed = this.#cases.get(test);
    if (uri === undefined || listed === undefined) return undefined;
    const template = await templateOfCase(uri, listed.template);
    if (template === undefined) {
      const names = listed.template ?? namesBeside(uri).join(", ");
      throw new Error(vscode.l10n.t("There is no template for this case. Looked for beside it: {0}", names));
    }
    const result = await this.#worker.ask("templateCase", { ...template, text: await textOf(uri), pointer: listed.pointer }, token);
    if (result === null) throw new Error(vscode.l10n.t("The file has changed, and has no such case any more."));
    if (result.passed) return undefined;
    const message = failure(result);
    const place = result.outcome.kind === "refusal" && result.expected?.kind !== "refusal" ? result.outcome.place?.span : undefined;
    message.location =
      place === undefined
        ? new vscode.Location(uri, test.range ?? new vscode.Position(0, 0))
        : new vscode.Location(template.uri, spanRange(await vscode.workspace.openTextDocument(template.uri), place));
    return message;
  }

  /** The cases of items, in their order. */
  #leaves(items: readonly vscode.TestItem[]): readonly vscode.TestItem[] {
    return items.flatMap((item) => (item.parent === undefined ? Array.from(item.children, ([, child]) => child) : [item]));
  }

  #current(item: vscode.TestItem): readonly vscode.TestItem[] {
    const file = this.#controller.items.get(item.parent?.id ?? item.id);
    const current = item.parent === undefined ? file : file?.children.get(item.id);
    return current === undefined ? [] : [current];
  }
}

type Result = NonNullable<TemplateMethods["templateCase"]["result"]>;

function failure({ expected, outcome }: Result): vscode.TestMessage {
  if (outcome.kind === "refusal") {
    const refused = `${outcome.type}: ${outcome.message}`;
    if (expected?.kind === "refusal") return vscode.TestMessage.diff(vscode.l10n.t("The template refuses with another message."), expected.text, outcome.message);
    return new vscode.TestMessage(vscode.l10n.t("The template refuses the conversation. {0}", refused));
  }
  if (expected === undefined) return vscode.TestMessage.diff(vscode.l10n.t('Nobody has said yet what the prompt must be. "Accept the Prompt" writes this one into the case.'), "", outcome.text);
  if (expected.kind === "refusal") return vscode.TestMessage.diff(vscode.l10n.t("The template makes a prompt, and does not refuse."), expected.text, outcome.text);
  return vscode.TestMessage.diff(vscode.l10n.t("The prompt is another one from character {0} on.", commonPrefixLength(expected.text, outcome.text) + 1), expected.text, outcome.text);
}

/** A line in the output of the run, which is a terminal: names and messages are anybody's, and control nothing there. */
function tell(run: vscode.TestRun, { label, parent }: vscode.TestItem, said: string): void {
  run.appendOutput(`${`${parent?.label ?? ""} › ${label} ${said}`.replaceAll(/\p{Cc}/gu, " ")}\r\n`);
}

/** As it is in its editor, else on disk. @throws Error where it is too large to be a file of cases */
async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_BYTES) throw new Error(vscode.l10n.t("The file is larger than {0} MB, so its cases are not read.", MAX_BYTES / 1e6));
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** What menus give: an item, or a message of one. */
function itemOf(given: unknown): vscode.TestItem | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const test = "test" in given ? given.test : given;
  return typeof test === "object" && test !== null && "children" in test && "uri" in test ? (test as vscode.TestItem) : undefined;
}
