import * as vscode from "vscode";
import { CancelledError, messageOf } from "../../base/errors";
import type { Disposable } from "../../base/disposable";
import { ChatTurns, type ChatRole, type NewTurn, messagesOf } from "../../core/playground/turns";
import { turnProblems } from "../../core/playground/turnProblems";
import type { Channel } from "../../protocol/channel";
import type { FinishReason, Sampling } from "../../protocol/sidecar";
import {
  DEFAULT_SETTINGS, type KeptPlayground, type PlaygroundHost, type PlaygroundPage, type PlaygroundSettings, type PlaygroundView,
  type SentPrompt, type ShownActivity, type ShownToken, type ShownTurn,
} from "../../protocol/webview/playground";
import type { Answer, AnswerEvent, Answerer } from "../inference/answerer";
import type { Log } from "../log";

/** What a conversation begins with. */
export interface Beginning {
  readonly turns: readonly NewTurn[];
  /** Whether it is to be answered at once. */
  readonly answer: boolean;
}

export interface SessionOptions {
  readonly log: Log;
  /** The model in force. Called for every answer, so that a change counts from the next one on. */
  readonly model: () => Answerer;
  readonly chooseModel: () => Promise<void>;
  readonly exportRow: (turns: readonly NewTurn[]) => Promise<void>;
}

/** What is known of an answer beside its text. */
interface AnswerFacts {
  readonly note: string;
  readonly tokens: readonly ShownToken[] | null;
  /** The facts are about this text; once it was edited they are about nothing. */
  readonly content: string;
}

/** How many of the likeliest tokens are shown beside the one that was taken. */
const CANDIDATES = 5;

/** A conversation with a model. It lives as long as its panel; the page that shows it comes and goes. */
export class PlaygroundSession implements Disposable {
  readonly #options: SessionOptions;
  readonly #turns = new ChatTurns();
  readonly #facts = new Map<number, AnswerFacts>();
  #settings: PlaygroundSettings = DEFAULT_SETTINGS;
  #prompt: SentPrompt | null = null;
  #activity: ShownActivity | null = null;
  #failure: string | null = null;
  #running: AbortController | undefined;
  #page: Channel<PlaygroundPage, PlaygroundHost> | undefined;
  /** Whether it has begun: with turns of its own, or with those that a page had kept. */
  #begun = false;
  #beginning: Beginning | undefined;

  constructor(options: SessionOptions, beginning?: Beginning) {
    this.#options = options;
    this.#beginning = beginning;
  }

  /** A page that shows the conversation, until what this gives is disposed of. */
  attach(page: Channel<PlaygroundPage, PlaygroundHost>): Disposable {
    this.#page = page;
    page.handle("ready", (kept) => this.#done(() => this.#begin(kept)));
    page.handle("send", ({ role, content }) => this.#done(() => {
      this.#turns.add({ role, content });
      this.#answer();
    }));
    page.handle("answer", () => this.#done(() => this.#answer()));
    page.handle("regenerate", ({ id }) => this.#done(() => this.#answer(this.#stopAnd(() => this.#turns.cutBefore(id)))));
    page.handle("add", ({ role }) => this.#done(() => this.#turns.add({ role, content: "" })));
    page.handle("edit", ({ id, content }) => this.#done(() => this.#turns.edit(id, { content })));
    page.handle("setRole", ({ id, role }) => this.#done(() => this.#turns.edit(id, { role })));
    page.handle("remove", ({ id }) => this.#done(() => this.#stopAnd(() => this.#turns.remove(id))));
    page.handle("clear", () => this.#done(() => this.#stopAnd(() => {
      this.#turns.replace([]);
      this.#failure = null;
    })));
    page.handle("undo", () => this.#done(() => this.#stopAnd(() => this.#turns.undo())));
    page.handle("stop", () => this.#done(() => this.#running?.abort()));
    page.handle("configure", (settings) => this.#done(() => (this.#settings = settings)));
    page.handle("chooseModel", async () => {
      await this.#options.chooseModel();
      return this.#done(() => undefined);
    });
    page.handle("exportRow", async () => {
      await this.#options.exportRow(this.#turns.all);
      return null;
    });
    return { dispose: () => (this.#page = undefined) };
  }

  /** What it says now; also for tests. */
  get view(): PlaygroundView {
    const { name, detail } = this.#options.model();
    const turns = this.#turns.all;
    const problems = turnProblems(turns);
    return {
      model: { name, detail },
      activity: this.#activity,
      failure: this.#failure,
      turns: turns.map((turn, index) => this.#shown(turn, problems.get(index))),
      settings: this.#settings,
      prompt: this.#prompt,
      canUndo: this.#turns.canUndo,
    };
  }

  dispose(): void {
    this.#running?.abort();
    this.#page = undefined;
  }

  #shown({ id, role, content, reference }: { readonly id: number; readonly role: ChatRole; readonly content: string; readonly reference?: string }, problem: string | undefined): ShownTurn {
    const facts = this.#facts.get(id);
    const current = facts?.content === content ? facts : undefined;
    const writing = this.#activity?.turn === id;
    return {
      id, role, content,
      problem: writing ? null : (problem ?? null),
      reference: reference ?? null,
      note: current?.note ?? null,
      tokens: current?.tokens ?? null,
    };
  }

  /** Does something and shows what came of it. */
  #done(action: () => unknown): null {
    action();
    this.#show();
    return null;
  }

  #show(): void {
    this.#page?.send("view", this.view);
  }

  #stopAnd<T>(action: () => T): T {
    this.#running?.abort();
    return action();
  }

  #begin(kept: KeptPlayground | null): void {
    if (this.#begun) return;
    this.#begun = true;
    if (kept !== null) this.#settings = kept.settings;
    const beginning = this.#beginning;
    if (beginning !== undefined) {
      this.#turns.replace(beginning.turns);
      if (beginning.answer) this.#answer(this.#takeAnswer());
    } else if (kept !== null && kept.turns.length > 0) {
      this.#turns.replace(kept.turns.map(({ role, content, reference }) => ({ role, content, ...(reference === null ? {} : { reference }) })));
    }
  }

  /** The dataset's own last answer leaves, to be compared with the model's. */
  #takeAnswer(): string | undefined {
    const last = this.#turns.all.at(-1);
    if (last?.role !== "assistant") return undefined;
    this.#turns.cutBefore(last.id);
    return last.content;
  }

  /** Has the conversation answered. One answer at a time: another one ends the first. */
  #answer(reference?: string): void {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#failure = null;
    void this.#run(running, reference).finally(() => {
      if (this.#running !== running) return;
      this.#running = undefined;
      this.#activity = null;
      this.#show();
    });
  }

  async #run(running: AbortController, reference: string | undefined): Promise<void> {
    const { signal } = running;
    const messages = messagesOf(this.#turns.all);
    let turn: number | undefined;
    const onEvent = (event: AnswerEvent): void => {
      if (signal.aborted) return;
      if (event.kind === "loading") {
        this.#act(running, { kind: "loading", turn: null, done: null });
        return;
      }
      turn ??= this.#turns.add({ role: "assistant", content: "", ...(reference === undefined ? {} : { reference }) }).id;
      this.#act(running, event.kind === "reading" ? { kind: "reading", turn, done: event.done } : { kind: "writing", turn, done: null });
      if (event.kind === "text") this.#write(turn, event.text);
    };
    try {
      const model = this.#options.model();
      const prompt = await model.prompt(messages, signal);
      this.#prompt = prompt === undefined ? { kind: "messages", text: JSON.stringify(messages, null, 2), ids: [], offsets: [] } : { kind: "prompt", text: prompt.text, ids: [...prompt.ids], offsets: [...prompt.offsets] };
      const { maxNewTokens, probabilities } = this.#settings;
      const answer = await model.answer({ messages, prompt, maxNewTokens, sampling: this.#sampling, candidates: probabilities ? CANDIDATES : undefined }, { signal, onEvent });
      if (signal.aborted || turn === undefined) return;
      // What is the text in the end; a stop text may have taken a part of it back.
      this.#turns.append(turn, answer.text.slice(this.#turns.find(turn)?.content.length ?? 0));
      this.#facts.set(turn, { note: noteOf(answer), tokens: answer.shownTokens ?? null, content: answer.text });
    } catch (error) {
      this.#failed(error, turn);
    }
  }

  get #sampling(): Sampling {
    const { temperature, topK, topP, minP, repetitionPenalty, seed } = this.#settings;
    return { temperature, topK, topP, minP, repetitionPenalty, ...(seed === null ? {} : { seed }) };
  }

  #write(turn: number, text: string): void {
    if (text === "") return;
    this.#turns.append(turn, text);
    this.#page?.send("stream", { turn, text });
  }

  #act(running: AbortController, activity: ShownActivity): void {
    if (this.#running !== running) return;
    const { kind, turn, done } = activity;
    // Text that is being written is streamed; everything else is a matter of a new view.
    if (this.#activity?.kind === kind && this.#activity.turn === turn && this.#activity.done === done) return;
    this.#activity = activity;
    this.#show();
  }

  #failed(error: unknown, answer: number | undefined): void {
    const stopped = error instanceof CancelledError || (error instanceof Error && error.name === "AbortError");
    if (answer !== undefined) {
      const content = this.#turns.find(answer)?.content ?? "";
      if (content === "") this.#turns.remove(answer);
      else this.#facts.set(answer, { note: stopped ? vscode.l10n.t("stopped") : vscode.l10n.t("broken off"), tokens: null, content });
    }
    if (stopped) return;
    this.#failure = messageOf(error);
    this.#options.log.output.error(messageOf(error));
  }
}

function noteOf({ tokens, finishReason, place, tokensPerSecond, prefillMs, promptTokens, reusedTokens, seed }: Answer): string {
  const cut = CUT[finishReason];
  const milliseconds = Math.round(prefillMs);
  const parts = [
    ...(cut === undefined ? [] : [vscode.l10n.t(cut)]),
    ...(tokens === undefined ? [] : [vscode.l10n.t("{0} tokens", tokens)]),
    tokensPerSecond > 0 ? vscode.l10n.t("{0} tokens/s on {1}", Math.round(tokensPerSecond), place) : place,
    ...(promptTokens === undefined ? [] : [reusedTokens === undefined ? vscode.l10n.t("prompt: {0} tokens, {1} ms", promptTokens, milliseconds) : vscode.l10n.t("prompt: {0} tokens, {1} of them reused, {2} ms", promptTokens, reusedTokens, milliseconds)]),
    ...(seed === undefined ? [] : [vscode.l10n.t("seed {0}", seed)]),
  ];
  return parts.join(" · ");
}

/** Ends that are no end of what the model had to say. */
const CUT: Partial<Record<FinishReason, string>> = { length: "cut at the limit of new tokens", context: "cut at the end of the model's context" };
