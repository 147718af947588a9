import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import type { DatasetMarks } from "../../core/language/dataset/contract";
import { TOKEN_MARKS, type TokenMark } from "../../core/language/dataset/tokenMarks";
import type { ColorId } from "../../manifest/colors";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Documents } from "../documents/documents";
import type { Log } from "../log";
import { positionRangeOf } from "./places";

/** Where the choice is kept, a workspace at a time. */
const STATE_KEY = "tokenMarks";
/** Scrolling and typing come in bursts. */
const DELAY_MS = 15;

const color = (id: ColorId): vscode.ThemeColor => new vscode.ThemeColor(id);

/** Each mark is a line of its own kind in its own place, so that they can be told apart without colour and together. */
const STYLES: Readonly<Record<TokenMark, vscode.DecorationRenderOptions>> = {
  boundaries: { borderStyle: "solid", borderWidth: "0 0 0 1px", borderColor: color("tunesmith.tokenBoundary") },
  special: { borderStyle: "solid", borderWidth: "1px", borderRadius: "3px", borderColor: color("tunesmith.specialToken") },
  trained: { borderStyle: "solid", borderWidth: "0 0 2px 0", borderColor: color("tunesmith.trainedToken") },
  masked: { borderStyle: "dotted", borderWidth: "0 0 2px 0", borderColor: color("tunesmith.maskedToken") },
  untrained: {
    borderStyle: "double",
    borderWidth: "0 0 4px 0",
    borderColor: color("tunesmith.untrainedToken"),
    overviewRulerColor: color("tunesmith.untrainedToken"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  },
};

/**
 * VS Code draws touching decorations of one type as one box. Marks of single tokens take turns between two types, so that
 * each keeps its own; the others are better joined.
 */
const TYPES_OF: Readonly<Record<TokenMark, number>> = { boundaries: 2, special: 2, trained: 1, masked: 1, untrained: 1 };

/** Marks tokens in the visible part of datasets: which kinds is chosen by commands and remembered for the workspace. */
export class TokenMarks implements vscode.Disposable {
  readonly #documents: Documents;
  readonly #log: Log;
  readonly #state: vscode.Memento;
  readonly #store = new DisposableStore();
  /** Undefined until marks are shown; most windows never show any. */
  #types: readonly { readonly mark: TokenMark; readonly types: readonly vscode.TextEditorDecorationType[] }[] | undefined;
  readonly #pending = new Map<vscode.TextEditor, vscode.CancellationTokenSource>();
  #chosen: ReadonlySet<TokenMark>;

  constructor(documents: Documents, state: vscode.Memento, log: Log) {
    this.#documents = documents;
    this.#state = state;
    this.#log = log;
    const remembered = state.get<unknown>(STATE_KEY);
    this.#chosen = new Set(Array.isArray(remembered) ? TOKEN_MARKS.filter((mark) => remembered.includes(mark)) : []);
    this.#store.add(vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.#update(textEditor)));
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#updateAll()));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) this.#update(editor);
      }),
    );
    this.#store.add(documents.onDidChangeModel(() => this.#updateAll()));
    this.#updateAll();
  }

  get chosen(): ReadonlySet<TokenMark> {
    return this.#chosen;
  }

  /** Shows these kinds of marks and no others, from now on. */
  async choose(marks: Iterable<TokenMark>): Promise<void> {
    this.#chosen = new Set(marks);
    this.#updateAll();
    await this.#state.update(STATE_KEY, [...this.#chosen]);
  }

  /** Shows these kinds of marks, or hides them where all of them are shown. */
  async toggle(...marks: readonly TokenMark[]): Promise<void> {
    const shown = marks.every((mark) => this.#chosen.has(mark));
    await this.choose(TOKEN_MARKS.filter((mark) => (marks.includes(mark) ? !shown : this.#chosen.has(mark))));
    if (!shown) this.#explain(marks);
  }

  dispose(): void {
    for (const source of this.#pending.values()) source.cancel();
    this.#store.dispose();
  }

  #updateAll(): void {
    for (const editor of this.#pending.keys()) if (!vscode.window.visibleTextEditors.includes(editor)) this.#cancel(editor);
    for (const editor of vscode.window.visibleTextEditors) this.#update(editor);
  }

  #cancel(editor: vscode.TextEditor): void {
    this.#pending.get(editor)?.cancel();
    this.#pending.delete(editor);
  }

  #update(editor: vscode.TextEditor): void {
    this.#cancel(editor);
    if (editor.document.languageId !== DATASET_LANGUAGE) return;
    const source = new vscode.CancellationTokenSource();
    this.#pending.set(editor, source);
    setTimeout(() => {
      if (!source.token.isCancellationRequested) void this.#show(editor, source);
    }, DELAY_MS);
  }

  async #show(editor: vscode.TextEditor, source: vscode.CancellationTokenSource): Promise<void> {
    const marks = [...this.#chosen];
    const request = { ranges: editor.visibleRanges.map(positionRangeOf), marks };
    const found = marks.length === 0 ? null : await this.#documents.ask(editor.document, "datasetMarks", request, source.token);
    // Without an answer the marks that are there stay: an edit or another model is followed by another question.
    if (found === undefined || source.token.isCancellationRequested) return;
    if (found !== null) this.#types ??= TOKEN_MARKS.map((mark) => ({ mark, types: Array.from({ length: TYPES_OF[mark] }, () => this.#store.add(decorationType(mark))) }));
    for (const { mark, types } of this.#types ?? []) {
      const hands = dealt(rangesOf(found?.places[mark]), types.length);
      types.forEach((type, i) => editor.setDecorations(type, hands[i] ?? []));
    }
    if (found?.cut === true) this.#log.output.debug("Not all tokens on the screen are marked: there are too many.");
    this.#pending.delete(editor);
    source.dispose();
  }

  /** Says why nothing is to be seen, once somebody asked to see it. */
  #explain(marks: readonly TokenMark[]): void {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== DATASET_LANGUAGE) return;
    const request = { ranges: editor.visibleRanges.map(positionRangeOf), marks };
    void this.#documents.ask(editor.document, "datasetMarks", request).then((found) => {
      const reason = found === undefined ? undefined : reasonOf(found, marks);
      if (reason !== undefined) this.#log.info(reason);
    });
  }
}

function reasonOf(found: DatasetMarks | null, marks: readonly TokenMark[]): string | undefined {
  if (found === null) return vscode.l10n.t("Without a model there are no tokens to mark. Select one with 'Tunesmith: Select Model…'.");
  if (marks.includes("trained") && found.hasMask === false) {
    return vscode.l10n.t("The chat template has no generation blocks, so that it does not say which tokens are trained on.");
  }
  if (marks.includes("untrained") && !found.hasVerdicts) return vscode.l10n.t("The embedding rows of the model are not known, so that untrained tokens cannot be marked.");
  return undefined;
}

function decorationType(mark: TokenMark): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({ ...STYLES[mark], rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
}

/** Deals ranges, in the order of the text, into hands in which no two touch as far as there are hands enough. */
function dealt(ranges: readonly vscode.Range[], count: number): readonly (readonly vscode.Range[])[] {
  const hands = Array.from({ length: count }, (): vscode.Range[] => []);
  for (const range of ranges) {
    const free = hands.find((hand) => hand.at(-1)?.intersection(range) === undefined);
    (free ?? hands[0])?.push(range);
  }
  return hands;
}

function rangesOf(places: Uint32Array | undefined): vscode.Range[] {
  const ranges: vscode.Range[] = [];
  for (let i = 0; places !== undefined && i < places.length; i += 3) {
    const line = (places[i] ?? 1) - 1;
    ranges.push(new vscode.Range(line, (places[i + 1] ?? 1) - 1, line, (places[i + 2] ?? 1) - 1));
  }
  return ranges;
}
