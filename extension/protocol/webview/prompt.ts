import { type Shape, flag, integer, nothing, object, oneOf, orNull, text } from "../shape";
import type { AsksOnly, Guard } from "./guard";
import type { SentView } from "./promptChange";
import type { PromptDiff, PromptNote, PromptPlaces, PromptResult, TokenDetails } from "./promptData";

/** What the page keeps, and the user has chosen: everything that says which prompt is shown. */
export interface PromptChoices {
  /** The address of the dataset that a row was taken from last; null for none. */
  readonly dataset: string | null;
  /** 0-based. */
  readonly line: number;
  /** Which of a row's conversations: chosen and rejected, for instance. */
  readonly variant: number;
  /** `row`, `edited`, or the id of a sample conversation. */
  readonly conversation: string;
  /** The conversation as the user has edited it: a row of the messages format, as JSON. */
  readonly edited: string;
  readonly left: SideChoices;
  /** What it is compared with; null for nothing. */
  readonly right: SideChoices | null;
  readonly tools: boolean;
  /** Null for what the conversation suggests: samples that end before an answer ask for one. */
  readonly generationPrompt: boolean | null;
  readonly thinking: Thinking;
  /** Further variables of the template, as a JSON object. */
  readonly variables: string;
}

export type Thinking = "default" | "on" | "off";

/** What one of the prompts is made with. */
export interface SideChoices {
  /** The address of a template; null for the model's own. */
  readonly template: string | null;
  /** `bound` for what the settings say, `none`, `builtin` for the product's own tiny model, or the path of a folder. */
  readonly model: string;
  readonly engine: "jinja2" | "transformers.js";
}

/** How lists name the template of the model itself. */
export const OWN_TEMPLATE = "own";

/** An entry of a list to choose from. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly description: string;
}

/** What the page shows. */
export interface PromptView {
  /** Counts the prompts that were shown; what a page asks names the one that it means. */
  readonly version: number;
  readonly choices: PromptChoices;
  readonly conversations: readonly Choice[];
  /** For rows with several conversations, what they are called. */
  readonly variants: readonly string[];
  readonly templates: readonly Choice[];
  readonly models: readonly Choice[];
  /** Whether the conversation has tools, so that they can be left out. */
  readonly toolsAvailable: boolean;
  /** The generation prompt as it was asked for. */
  readonly generationPrompt: boolean;
  readonly left: PromptResult;
  readonly right: PromptResult | null;
  readonly diff: PromptDiff | null;
  /** The places that belong to where the cursor is in an editor; null where that has not changed, or there is none. */
  readonly highlights: PromptPlaces | null;
  /** Why what the user wrote cannot be used, by the name of the field. */
  readonly invalid: { readonly edited: string | null; readonly variables: string | null };
}

/** What the prompt page's host answers and tells. */
export interface PromptHost {
  readonly methods: {
    /** What there is to know about the characters at `offset`. Null where the prompt is no longer the one that is meant. */
    readonly describe: { readonly params: PromptPlace; readonly result: TokenDetails | null; readonly progress: never };
  };
  readonly events: {
    /** The prompt to show; the first one a page gets is whole, those behind it may build on the one before. */
    readonly view: SentView;
    /** What there is to say of the view with this version besides: it stands before the notes of its left side. */
    readonly notes: { readonly version: number; readonly left: readonly PromptNote[] };
    /** Something takes long; null when it is done. */
    readonly busy: string | null;
    /** The cursor has moved since the view with this version, which these places are of. */
    readonly highlight: PromptPlaces & { readonly version: number };
  };
}

/** A place in one of the prompts. */
export interface PromptPlace {
  readonly version: number;
  readonly side: Side;
  readonly offset: number;
}

export type Side = "left" | "right";

/** What the prompt page tells its host. */
export interface PromptPage extends AsksOnly {
  readonly events: {
    readonly choose: PromptChoices;
    /** The user pointed at a place: the editors show what it comes from. */
    readonly reveal: PromptPlace & {
      /** Which editor takes the focus; null where it stays in the page. */
      readonly focus: "template" | "row" | null;
    };
    readonly pickTemplate: Side;
    readonly pickModel: Side;
    readonly selectModel: null;
    readonly showTemplatePlace: Side;
  };
}

/** Texts that users write into the page. */
const MAX_WRITTEN = 4_000_000;
const MAX_ADDRESS = 8192;

const side: Shape<Side> = oneOf("left", "right");

const sideChoices: Shape<SideChoices> = object<SideChoices>({
  template: orNull(text(MAX_ADDRESS)),
  model: text(MAX_ADDRESS),
  engine: oneOf("jinja2", "transformers.js"),
});

export const promptChoicesShape: Shape<PromptChoices> = object<PromptChoices>({
  dataset: orNull(text(MAX_ADDRESS)),
  line: integer(0),
  variant: integer(0, 1000),
  conversation: text(200),
  edited: text(MAX_WRITTEN),
  left: sideChoices,
  right: orNull(sideChoices),
  tools: flag,
  generationPrompt: orNull(flag),
  thinking: oneOf("default", "on", "off"),
  variables: text(MAX_WRITTEN),
});

const place = { version: integer(0), side, offset: integer(0) };

export const promptGuard: Guard<PromptPage, PromptHost> = {
  methods: { describe: object<PromptPlace>(place) },
  events: {
    choose: promptChoicesShape,
    reveal: object<PromptPage["events"]["reveal"]>({ ...place, focus: orNull(oneOf("template", "row")) }),
    pickTemplate: side,
    pickModel: side,
    selectModel: nothing,
    showTemplatePlace: side,
  },
};
