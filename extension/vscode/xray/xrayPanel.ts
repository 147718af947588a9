import { randomUUID } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Span } from "../../base/text";
import { type Disposable, DisposableStore } from "../../base/disposable";
import { messageOf } from "../../base/errors";
import type { XrayAnswer, XrayRange, XrayRequest, XraySide } from "../../core/xray/contract";
import { modelNameOf } from "../../core/model/modelName";
import { sentChoices } from "../../core/xray/sentPrompt";
import type { Channel } from "../../protocol/channel";
import type { SentPrompt, SentView } from "../../protocol/webview/promptChange";
import { type PromptChoices, type PromptHost, type PromptPage, type PromptPlace, type Side, type SideChoices, promptGuard } from "../../protocol/webview/prompt";
import type { NoPrompt, PromptNote, TokenDetails } from "../../protocol/webview/promptData";
import { onSettingsChange, readSetting } from "../configuration";
import type { Log } from "../log";
import { holdsTokenizer } from "../models/modelPlaces";
import { showPage } from "../webviews/page";
import { admitted, chosenRow, chosenVariables, conversationList, initialChoices, modelList, problemOf, templateList } from "./choices";
import { ownTemplate } from "./ownTemplate";
import { boundModel, documentAt, isDataset, isTemplate, visibleEditor } from "./subjects";
import type { XrayWorker } from "./xrayWorker";

export interface XrayPanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly worker: XrayWorker;
  readonly log: Log;
}

/** Rests that long after an update before what transformers.js would do is asked for: it takes longer than all the rest. */
const OPINION_AFTER_MS = 400;

/** A prompt X-ray in a panel: which prompt it shows, and the way between it and the editors. */
export class XrayPanel implements vscode.Disposable {
  readonly #options: XrayPanelOptions;
  readonly #store = new DisposableStore();
  readonly #session = randomUUID();
  /** What the page may choose from, besides what is always there. */
  readonly #templates = new Set<string>();
  readonly #folders = new Set<string>();
  #choices: PromptChoices;
  #channel: Channel<PromptPage, PromptHost> | undefined;
  #view: SentView | undefined;
  /** What the text field of the conversation holds in that view. */
  #edited = "";
  /** What the page has: further views are sent as what has changed since. Undefined while it has nothing. */
  #shown: { readonly version: number; readonly edited: string } | undefined;
  #request: XrayRequest | undefined;
  #version = 0;
  /** Whether something has changed that no update has begun for. */
  #stale = false;
  #updating = false;
  #opinion: NodeJS.Timeout | undefined;
  /** The cursor that was last looked up in the prompt. */
  #cursor: vscode.TextEditor | undefined;
  /** How often that cursor has moved, and had when what the page was told last was asked for. */
  #moves = 0;
  #told = 0;
  /** A selection that we made ourselves says nothing about what the user looks at. */
  #revealed: { readonly editor: vscode.TextEditor; readonly selection: vscode.Selection } | undefined;

  constructor(panel: vscode.WebviewPanel, options: XrayPanelOptions, choices: PromptChoices | undefined) {
    this.#options = options;
    this.#choices = choices ?? initialChoices();
    for (const side of [this.#choices.left, this.#choices.right]) if (side !== null) this.#admit(side);
    const { extensionUri, log } = options;
    this.#store.add(showPage(panel.webview, { name: "prompt", title: vscode.l10n.t("Prompt X-ray"), guard: promptGuard, extensionUri, log, onPage: (channel) => this.#connect(channel) }));
    this.#store.add(vscode.window.onDidChangeActiveTextEditor((editor) => this.follow(editor)));
    this.#store.add(vscode.window.onDidChangeTextEditorSelection((event) => this.#selectionChanged(event)));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // That a document has become dirty, or was saved, is told as a change of nothing.
        if (contentChanges.length > 0) this.#documentChanged(document);
      }),
    );
    this.#store.add(onSettingsChange(() => this.#changed()));
    this.#changed();
  }

  /** Shows the row that an editor's cursor is in, or renders with the template that it shows. */
  follow(editor: vscode.TextEditor | undefined): void {
    if (editor === undefined) return;
    const { document, selection } = editor;
    const address = document.uri.toString();
    if (isDataset(document)) {
      if (this.#choices.dataset === address && this.#choices.conversation === "row" && this.#choices.line === selection.active.line) return;
      this.#choices = { ...this.#choices, dataset: address, line: selection.active.line, variant: 0, conversation: "row" };
    } else if (isTemplate(document)) {
      this.#templates.add(address);
      if (this.#choices.left.template === address) return;
      this.#choices = { ...this.#choices, left: { ...this.#choices.left, template: address } };
    } else return;
    this.#cursorMoved(editor);
    this.#changed();
  }

  dispose(): void {
    clearTimeout(this.#opinion);
    this.#options.worker.close(this.#session);
    this.#store.dispose();
  }

  #connect(channel: Channel<PromptPage, PromptHost>): Disposable {
    this.#channel = channel;
    channel.handle("describe", (place) => this.#describe(place));
    channel.on("choose", (choices) => {
      this.#choose(admitted(choices, this.#choices, this.#templates, this.#folders));
    });
    channel.on("reveal", ({ focus, ...place }) => void this.#reveal(place, focus));
    channel.on("pickTemplate", (side) => void this.#pick("template", side));
    channel.on("pickModel", (side) => void this.#pick("model", side));
    channel.on("selectModel", () => void vscode.commands.executeCommand("tunesmith.selectModel"));
    channel.on("showTemplatePlace", (side) => void this.#showRefusal(side));
    this.#shown = undefined;
    // A view that builds on what an earlier page has is nothing to this one.
    if (this.#view?.base === null) this.#show(this.#view);
    else if (this.#view !== undefined) this.#changed();
    return {
      dispose: () => {
        if (this.#channel === channel) this.#channel = undefined;
      },
    };
  }

  #show(view: SentView): void {
    if (this.#channel === undefined) return;
    this.#channel.send("view", view);
    this.#shown = { version: view.version, edited: this.#edited };
  }

  #choose(choices: PromptChoices): void {
    this.#choices = choices;
    this.#changed();
  }

  #admit({ template, model }: SideChoices): void {
    if (template !== null) this.#templates.add(template);
    if (!["bound", "builtin", "none"].includes(model)) this.#folders.add(model);
  }

  #documentChanged(document: vscode.TextDocument): void {
    const address = document.uri.toString();
    const { dataset, left, right, conversation } = this.#choices;
    if (address === left.template || address === right?.template || (address === dataset && conversation === "row")) this.#changed();
  }

  #selectionChanged({ textEditor, selections: [selection] }: vscode.TextEditorSelectionChangeEvent): void {
    if (selection === undefined) return;
    if (this.#isRevealed(textEditor, selection)) return;
    this.#revealed = undefined;
    const address = textEditor.document.uri.toString();
    const { dataset, line, conversation, left } = this.#choices;
    if (address === dataset && conversation === "row") {
      this.#cursorMoved(textEditor);
      if (selection.active.line !== line) {
        this.#choices = { ...this.#choices, line: selection.active.line, variant: 0 };
        this.#changed();
      } else void this.#highlight();
    } else if (address === left.template) {
      this.#cursorMoved(textEditor);
      void this.#highlight();
    }
  }

  #cursorMoved(editor: vscode.TextEditor): void {
    this.#cursor = editor;
    this.#moves++;
  }

  #isRevealed(editor: vscode.TextEditor, selection: vscode.Selection): boolean {
    return this.#revealed?.editor === editor && this.#revealed.selection.isEqual(selection);
  }

  #changed(): void {
    this.#stale = true;
    if (!this.#updating) void this.#updateUntilCurrent();
  }

  /** One update at a time; what changes meanwhile is taken together by the next one. */
  async #updateUntilCurrent(): Promise<void> {
    this.#updating = true;
    while (this.#stale && !this.#store.disposed) {
      this.#stale = false;
      // A document that cannot be opened, say; the next change is followed all the same.
      await this.#update().catch((error: unknown) => this.#options.log.output.error(`The prompt could not be shown: ${messageOf(error)}`));
    }
    this.#updating = false;
    if (this.#told !== this.#moves) await this.#highlight();
  }

  async #update(): Promise<void> {
    const choices = this.#choices;
    const { dataset, left, right } = choices;
    const bound = await boundModel([dataset, left.template, right?.template ?? null]);
    const row = chosenRow(choices, dataset === null ? undefined : await this.#readRow(dataset, choices.line));
    const variables = chosenVariables(choices);
    const problem = problemOf(choices);
    const version = ++this.#version;
    const moves = this.#moves;
    const request: XrayRequest = {
      session: this.#session,
      version,
      base: this.#shown?.version ?? null,
      row: { text: row.text, plain: false },
      fields: readSetting("fields", dataset === null ? undefined : vscode.Uri.parse(dataset)),
      variant: choices.variant,
      left: await this.#side(left, bound),
      right: right === null ? null : await this.#side(right, bound),
      addGenerationPrompt: row.addGenerationPrompt,
      tools: choices.tools,
      variables: { ...row.variables, ...variables.values },
      cursor: this.#cursorRange(),
    };
    clearTimeout(this.#opinion);
    const answer = await this.#render(request);
    if (this.#store.disposed) return;
    if (answer.base !== null && answer.base !== this.#shown?.version) {
      // The page was loaded anew meanwhile.
      this.#stale = true;
      return;
    }
    this.#request = request;
    this.#told = moves;
    // What is shown is also what editing it begins with.
    const edited = choices.conversation === "edited" ? choices.edited : pretty(row.text);
    const notes = left.model === "bound" && bound === undefined ? [BUILTIN_NOTE()] : [];
    this.#view = {
      version,
      base: answer.base,
      choices: sentChoices({ ...choices, edited }, answer.base === null ? "" : (this.#shown?.edited ?? "")),
      conversations: conversationList(choices),
      variants: answer.variants,
      templates: templateList(this.#templates),
      models: modelList(bound, this.#folders),
      toolsAvailable: answer.toolsAvailable,
      generationPrompt: request.addGenerationPrompt,
      left: withNotes(answer.left, notes),
      right: answer.right,
      diff: answer.diff,
      highlights: moves === this.#moves ? answer.highlights : null,
      invalid: { edited: problem, variables: variables.problem },
    };
    this.#edited = edited;
    this.#show(this.#view);
    this.#opinion = setTimeout(() => void this.#askOpinion(version), OPINION_AFTER_MS);
    void this.#judge(request);
  }

  async #render(request: XrayRequest): Promise<XrayAnswer> {
    const loading: string[] = [];
    try {
      return await this.#options.worker.render(request, (model) => {
        loading.push(model);
        this.#channel?.send("busy", vscode.l10n.t("Loading {0}…", modelNameOf(model)));
      });
    } catch (error) {
      const left: NoPrompt = { kind: "none", source: { template: null, model: null }, notes: [{ severity: "error", text: messageOf(error), action: null }], place: null };
      return { base: null, left, right: null, diff: null, variants: [], toolsAvailable: false, highlights: null };
    } finally {
      if (loading.length > 0) this.#channel?.send("busy", null);
    }
  }

  /** Learns of the embedding rows of the models, and shows the prompt again where there is something to say about its tokens. */
  async #judge({ left, right }: XrayRequest): Promise<void> {
    for (const side of [left, right]) {
      if (side?.model === undefined || side.model === null) continue;
      try {
        if (await this.#options.worker.judge(side.model.source)) this.#changed();
      } catch (error) {
        this.#options.log.output.info(`Nothing is known of the embedding rows of ${side.model.source}: ${messageOf(error)}`);
      }
    }
  }

  async #askOpinion(version: number): Promise<void> {
    const note = await this.#options.worker.ask("xrayOpinion", { session: this.#session, version });
    if (note === null || this.#view?.version !== version) return;
    this.#view = { ...this.#view, left: withNotes(this.#view.left, [note]) };
    this.#channel?.send("notes", { version, left: [note] });
  }

  async #side({ template, model, engine }: SideChoices, bound: string | undefined): Promise<XraySide> {
    const builtin = path.join(this.#options.extensionUri.fsPath, "extension", "assets", "model");
    const folder = model === "none" ? undefined : model === "builtin" ? builtin : model === "bound" ? (bound ?? builtin) : model;
    const document = template === null ? undefined : await documentAt(template);
    return {
      model: folder === undefined ? null : { source: folder },
      template: document === undefined ? null : { name: path.posix.basename(document.uri.path), source: document.getText() },
      engine,
    };
  }

  async #readRow(dataset: string, line: number): Promise<string | undefined> {
    const document = await documentAt(dataset);
    return document === undefined || line >= document.lineCount ? undefined : document.lineAt(line).text;
  }

  async #describe({ version, side, offset }: PromptPlace): Promise<TokenDetails | null> {
    return await this.#options.worker.ask("xrayDescribe", { session: this.#session, version, side, offset });
  }

  /** Tells the page what of the prompt belongs to the cursor. A prompt that is about to change is not asked: a key that is typed moves the cursor, too. */
  async #highlight(): Promise<void> {
    const version = this.#view?.version;
    const cursor = this.#cursorRange();
    if (this.#updating || version === undefined || cursor === null) return;
    this.#told = this.#moves;
    const highlights = await this.#options.worker.ask("xrayFind", { session: this.#session, version, cursor });
    if (highlights === null || this.#view?.version !== version) return;
    this.#view = { ...this.#view, highlights };
    this.#channel?.send("highlight", { version, ...highlights });
  }

  /** Where the cursor is in the editor that was used last; null where the prompt has nothing of it. */
  #cursorRange(): XrayRange | null {
    const editor = this.#cursor;
    if (editor === undefined || this.#isRevealed(editor, editor.selection)) return null;
    const { document, selection } = editor;
    if (document.uri.toString() !== this.#choices.dataset) return { in: "template", range: { start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) } };
    return this.#choices.conversation === "row" ? { in: "row", range: rangeInLine(selection, this.#choices.line, document) } : null;
  }

  /** Selects in the editors what a place of the prompt comes from. Only the editor with the focus is opened where it is not in view. */
  async #reveal(place: PromptPlace, focus: "template" | "row" | null): Promise<void> {
    const details = await this.#describe(place);
    if (details === null || place.version !== this.#view?.version) return;
    const template = details.origins.find((origin) => origin.template !== null)?.template?.span;
    const row = details.origins.find((origin) => origin.row.length > 0)?.row[0];
    const { dataset, line, conversation } = this.#choices;
    const side = place.side === "left" ? this.#choices.left : this.#choices.right;
    if (template !== undefined && side !== null) await this.#selectInTemplate(side, template, focus === "template");
    if (row !== undefined && dataset !== null && conversation === "row") {
      const toRange = (document: vscode.TextDocument): vscode.Range => document.validateRange(new vscode.Range(line, row.start, line, row.end));
      await this.#selectIn(dataset, toRange, focus === "row");
    }
  }

  async #selectInTemplate(side: SideChoices, span: Span, focus: boolean): Promise<void> {
    const which = side === this.#choices.right ? "right" : "left";
    const address = side.template ?? (await ownTemplate(this.#request?.[which]?.model?.source, this.#view?.[which]?.source.template));
    if (address === undefined) {
      if (focus) this.#options.log.info(vscode.l10n.t("The template is in no file that could be opened."));
      return;
    }
    await this.#selectIn(address, (document) => new vscode.Range(document.positionAt(span.start), document.positionAt(span.end)), focus);
  }

  async #selectIn(address: string, toRange: (document: vscode.TextDocument) => vscode.Range, focus: boolean): Promise<void> {
    let editor = visibleEditor(address);
    if (focus) {
      const document = await documentAt(address);
      if (document === undefined) return;
      const column = editor?.viewColumn ?? vscode.ViewColumn.One;
      editor = await vscode.window.showTextDocument(document, { viewColumn: column, preserveFocus: false });
    }
    if (editor === undefined) return;
    const range = toRange(editor.document);
    const selection = new vscode.Selection(range.start, range.end);
    this.#revealed = { editor, selection };
    editor.selection = selection;
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Goes to where the template refused the conversation. */
  async #showRefusal(side: Side): Promise<void> {
    const choices = this.#choices[side];
    const result = this.#view?.[side];
    const span = result?.kind === "none" ? result.place : null;
    if (choices !== null && span !== null) await this.#selectInTemplate(choices, span, true);
  }

  async #pick(what: "template" | "model", side: Side): Promise<void> {
    const current = this.#choices[side] ?? this.#choices.left;
    const title = what === "template" ? vscode.l10n.t("Template to render with") : vscode.l10n.t("Folder that holds the model's tokenizer.json");
    const filters = { [vscode.l10n.t("Chat templates")]: ["jinja", "jinja2", "j2"], [vscode.l10n.t("All files")]: ["*"] };
    const [picked] = (await vscode.window.showOpenDialog({ title, canSelectFiles: what === "template", canSelectFolders: what === "model", ...(what === "template" ? { filters } : {}) })) ?? [];
    let next = current;
    if (picked !== undefined && what === "template") next = { ...current, template: picked.toString() };
    if (picked !== undefined && what === "model") {
      if (picked.scheme === "file" && (await holdsTokenizer(picked.fsPath))) next = { ...current, model: picked.fsPath };
      else this.#options.log.error(vscode.l10n.t("{0} holds no tokenizer.json. Select the folder that the model was downloaded or saved to.", picked.fsPath));
    }
    this.#admit(next);
    this.#choose({ ...this.#choices, [side]: next });
  }
}

function withNotes<Result extends SentPrompt>(result: Result, notes: readonly PromptNote[]): Result {
  return notes.length === 0 ? result : { ...result, notes: [...notes, ...result.notes] };
}

function rangeInLine({ start, end }: vscode.Selection, line: number, document: vscode.TextDocument): Span {
  const length = line < document.lineCount ? document.lineAt(line).text.length : 0;
  return { start: start.line < line ? 0 : start.character, end: end.line > line ? length : end.character };
}

/** Longer rows are edited in their editor. */
const MAX_EDITED = 200_000;

function pretty(text: string): string {
  if (text.length > MAX_EDITED) return "";
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function BUILTIN_NOTE(): PromptNote {
  return {
    severity: "info",
    text: vscode.l10n.t("No model is selected for this file, so the tokens are those of a tiny example model."),
    action: "selectModel",
  };
}
