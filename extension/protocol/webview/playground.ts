import { type Shape, flag, integer, listOf, nothing, number, object, oneOf, orNull, text } from "../shape";
import type { Contract } from "../channel";
import type { AsksOnly, Guard } from "./guard";

/** Roles of turns, as `core/playground/turns.ts` has them. */
export type ShownRole = "system" | "user" | "assistant" | "tool";

/** How answers are generated, as the user has set it. */
export interface PlaygroundSettings {
  /** 0 for the most probable token every time. */
  readonly temperature: number;
  /** 0 for all. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  /** Null for a new one every time. */
  readonly seed: number | null;
  readonly maxNewTokens: number;
  /** Whether the probability of every token is shown. */
  readonly probabilities: boolean;
}

export const DEFAULT_SETTINGS: PlaygroundSettings = {
  temperature: 0.7,
  topK: 0,
  topP: 0.95,
  minP: 0,
  repetitionPenalty: 1,
  seed: null,
  maxNewTokens: 512,
  probabilities: false,
};

/** A token of an answer. */
export interface ShownToken {
  /** Null where a server wrote it, which tells texts only. */
  readonly id: number | null;
  readonly text: string;
  /** 0 to 1. */
  readonly probability: number;
  /** Nats; null where it is not known. */
  readonly entropy: number | null;
  /** What the model held for likely, the likeliest first. */
  readonly top: readonly { readonly text: string; readonly probability: number }[];
}

export interface ShownTurn {
  readonly id: number;
  readonly role: ShownRole;
  readonly content: string;
  /** What the rules for datasets say of it; null where they say nothing. */
  readonly problem: string | null;
  /** What the dataset has in the answer's place; null where there is nothing to compare with. */
  readonly reference: string | null;
  /** How the answer came to be, in a few words; null for what the user wrote. */
  readonly note: string | null;
  /** The answer's tokens where their probabilities are shown; null elsewhere, and after the text was edited. */
  readonly tokens: readonly ShownToken[] | null;
}

/** What the last answer was asked with: the prompt as the model got it, or messages of which a server made its own. */
export interface SentPrompt {
  readonly kind: "prompt" | "messages";
  readonly text: string;
  readonly ids: readonly number[];
  /** Start and end of each token in turn, UTF-16 units. */
  readonly offsets: readonly number[];
}

/** What the model is doing. `turn`: the answer that is being written. */
export interface ShownActivity {
  readonly kind: "loading" | "reading" | "writing";
  readonly turn: number | null;
  /** Between 0 and 1; null where nobody knows. */
  readonly done: number | null;
}

/** Everything that the page shows. Always complete, never a change of what was sent before. */
export interface PlaygroundView {
  readonly model: { readonly name: string; readonly detail: string };
  readonly activity: ShownActivity | null;
  /** What went wrong last, and what to do; null where nothing did. */
  readonly failure: string | null;
  readonly turns: readonly ShownTurn[];
  readonly settings: PlaygroundSettings;
  readonly prompt: SentPrompt | null;
  readonly canUndo: boolean;
}

/** What the page keeps over reloads of the window: the host that had it is gone then. */
export interface KeptPlayground {
  readonly turns: readonly { readonly role: ShownRole; readonly content: string; readonly reference: string | null }[];
  readonly settings: PlaygroundSettings;
  /** What stands in the box for the next turn. */
  readonly draft: string;
}

interface Ask<Params> {
  readonly params: Params;
  readonly result: null;
  readonly progress: never;
}

/** What the host does for the page. Each answer comes when the view that follows from it was sent. */
export interface PlaygroundHost extends Contract {
  readonly methods: {
    /** The page is there; what it kept counts where the host has nothing yet. */
    readonly ready: Ask<KeptPlayground | null>;
    /** Adds a turn and has it answered. */
    readonly send: Ask<{ readonly role: ShownRole; readonly content: string }>;
    /** Has the conversation answered as it stands. */
    readonly answer: Ask<null>;
    /** Gives an answer anew; the turns behind it go. */
    readonly regenerate: Ask<{ readonly id: number }>;
    readonly add: Ask<{ readonly role: ShownRole }>;
    readonly edit: Ask<{ readonly id: number; readonly content: string }>;
    readonly setRole: Ask<{ readonly id: number; readonly role: ShownRole }>;
    readonly remove: Ask<{ readonly id: number }>;
    readonly clear: Ask<null>;
    readonly undo: Ask<null>;
    readonly stop: Ask<null>;
    readonly configure: Ask<PlaygroundSettings>;
    readonly chooseModel: Ask<null>;
    /** Opens the conversation as a row of a dataset. */
    readonly exportRow: Ask<null>;
  };
  readonly events: {
    readonly view: PlaygroundView;
    /** Text behind what an answer has already; the next view has it too. */
    readonly stream: { readonly turn: number; readonly text: string };
  };
}

/** What the page does for the host: it only asks. */
export interface PlaygroundPage extends AsksOnly {
  readonly events: Record<never, never>;
}

const MAX_CONTENT = 4_000_000;
const MAX_TURNS = 10_000;

const role: Shape<ShownRole> = oneOf("system", "user", "assistant", "tool");
const id = object<{ readonly id: number }>({ id: integer(1) });

export const settingsShape: Shape<PlaygroundSettings> = object<PlaygroundSettings>({
  temperature: number(0, 5),
  topK: integer(0, 1_000_000),
  topP: number(0, 1),
  minP: number(0, 1),
  repetitionPenalty: number(0.1, 10),
  seed: orNull(integer(0, 2 ** 32 - 1)),
  maxNewTokens: integer(1, 1_000_000),
  probabilities: flag,
});

export const keptShape: Shape<KeptPlayground> = object<KeptPlayground>({
  turns: listOf(object({ role, content: text(MAX_CONTENT), reference: orNull(text(MAX_CONTENT)) }), MAX_TURNS),
  settings: settingsShape,
  draft: text(MAX_CONTENT),
});

export const PLAYGROUND_GUARD: Guard<PlaygroundPage, PlaygroundHost> = {
  methods: {
    ready: orNull(keptShape),
    send: object({ role, content: text(MAX_CONTENT) }),
    answer: nothing,
    regenerate: id,
    add: object({ role }),
    edit: object({ id: integer(1), content: text(MAX_CONTENT) }),
    setRole: object({ id: integer(1), role }),
    remove: id,
    clear: nothing,
    undo: nothing,
    stop: nothing,
    configure: settingsShape,
    chooseModel: nothing,
    exportRow: nothing,
  },
  events: {},
};
