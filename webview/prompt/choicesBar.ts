import { type Choice, OWN_TEMPLATE, type PromptChoices, type PromptView, type Side, type SideChoices, type Thinking } from "../../extension/protocol/webview/prompt";
import { element, on } from "../shared/dom";
import { t } from "../shared/l10n";
import { CheckField, SelectField, TextField } from "./controls";

export interface ChoicesBarOptions {
  onChoose(change: Partial<PromptChoices>): void;
  onPick(what: "template" | "model", side: Side): void;
}

/** Entries of the lists that open a dialog instead of being a choice. */
const PICK = "\u0000pick";

/** Everything that says which prompt is shown. */
export class ChoicesBar {
  readonly element: HTMLElement;
  readonly #conversation: SelectField;
  readonly #variant: SelectField;
  readonly #left: SideFields;
  readonly #right: SideFields;
  readonly #compare: CheckField;
  readonly #tools: CheckField;
  readonly #generation: CheckField;
  readonly #thinking: SelectField;
  readonly #variables: TextField;
  readonly #edited: TextField;
  readonly #more: HTMLDetailsElement;
  #choices: PromptChoices | undefined;
  #view: PromptView | undefined;

  constructor(options: ChoicesBarOptions) {
    const choose = (change: Partial<PromptChoices>): void => options.onChoose(change);
    this.#conversation = new SelectField(t("Conversation"), (value) => choose({ conversation: value, variant: 0, generationPrompt: null }));
    this.#variant = new SelectField(t("Part of the row"), (value) => choose({ variant: Number(value) }));
    const pick = options.onPick;
    this.#left = new SideFields("left", t("Template"), t("Model"), pick, (left) => choose({ left }));
    this.#right = new SideFields("right", t("Compared template"), t("Compared model"), pick, (right) => choose({ right }));
    this.#compare = new CheckField(t("Compare"), t("Show a second prompt beside this one, and how they differ"), (checked) => {
      choose({ right: checked && this.#choices !== undefined ? this.#choices.left : null });
    });
    this.#tools = new CheckField(t("Tools"), t("Give the template the conversation's tools"), (tools) => choose({ tools }));
    this.#generation = new CheckField(t("Generation prompt"), "add_generation_prompt", (generationPrompt) => choose({ generationPrompt }));
    this.#thinking = new SelectField(t("Thinking"), (value) => choose({ thinking: value as Thinking }));
    this.#edited = new TextField(t("Conversation as JSON"), 10, (edited) => choose({ edited, conversation: "edited" }));
    this.#variables = new TextField(t("Template variables as JSON"), 2, (variables) => choose({ variables }));
    const editor = element("div", { class: "editor" }, this.#edited.element, this.#variables.element);
    this.#more = element("details", { class: "more" }, element("summary", { title: t("Edit the conversation and the template's variables") }, t("Edit input")), editor);
    on(this.#more, "toggle", () => {
      if (this.#view !== undefined) this.show(this.#view);
    });
    this.element = element(
      "header",
      { class: "choices" },
      element("div", { class: "row" }, this.#conversation.element, this.#variant.element, this.#left.element, this.#right.element),
      element("div", { class: "row" }, this.#thinking.element, this.#generation.element, this.#tools.element, this.#compare.element, this.#more),
    );
  }

  show(view: PromptView): void {
    const { choices, conversations, variants, templates, models, toolsAvailable, generationPrompt, invalid } = view;
    this.#view = view;
    this.#choices = choices;
    this.#conversation.show(conversations, choices.conversation);
    this.#variant.hidden = variants.length < 2;
    this.#variant.show(variants.map((label, index) => ({ value: String(index), label: label === "" ? String(index + 1) : label, description: "" })), String(choices.variant));
    this.#left.show(choices.left, templates, models);
    this.#right.show(choices.right, templates, models);
    this.#compare.show(choices.right !== null);
    this.#tools.element.hidden = !toolsAvailable;
    this.#tools.show(choices.tools);
    this.#generation.show(generationPrompt);
    this.#thinking.show(THINKING(), choices.thinking);
    this.#edited.show(choices.edited, invalid.edited);
    this.#variables.show(choices.variables, invalid.variables);
    // Someone who chose to edit the conversation wants to see it; what is wrong must be seen in any case.
    if (invalid.edited !== null || invalid.variables !== null) this.#more.open = true;
  }
}

/** What one side is made with. */
class SideFields {
  readonly element: HTMLElement;
  readonly #template: SelectField;
  readonly #model: SelectField;
  readonly #engine: SelectField;
  #choices: SideChoices | undefined;

  constructor(side: Side, template: string, model: string, onPick: ChoicesBarOptions["onPick"], onChoose: (choices: SideChoices) => void) {
    const choose = (change: Partial<SideChoices>): void => {
      if (this.#choices !== undefined) onChoose({ ...this.#choices, ...change });
    };
    this.#template = new SelectField(template, (value) => (value === PICK ? onPick("template", side) : choose({ template: value === OWN_TEMPLATE ? null : value })));
    this.#model = new SelectField(model, (value) => (value === PICK ? onPick("model", side) : choose({ model: value })));
    this.#engine = new SelectField(t("Engine"), (value) => choose({ engine: value as SideChoices["engine"] }));
    this.element = element("div", { class: "side-fields" }, this.#template.element, this.#model.element, ...(side === "right" ? [this.#engine.element] : []));
  }

  show(choices: SideChoices | null, templates: readonly Choice[], models: readonly Choice[]): void {
    this.#choices = choices ?? undefined;
    this.element.hidden = choices === null;
    if (choices === null) return;
    this.#template.show([...templates, { value: PICK, label: t("Choose a file…"), description: "" }], choices.template ?? OWN_TEMPLATE);
    this.#model.show([...models, { value: PICK, label: t("Choose a folder…"), description: "" }], choices.model);
    this.#engine.show(ENGINES(), choices.engine);
  }
}

function THINKING(): readonly Choice[] {
  return [
    { value: "default", label: t("Default"), description: "" },
    { value: "on", label: t("On"), description: "enable_thinking = true" },
    { value: "off", label: t("Off"), description: "enable_thinking = false" },
  ];
}

function ENGINES(): readonly Choice[] {
  return [
    { value: "jinja2", label: t("As in Python"), description: t("Jinja2, as transformers renders templates") },
    { value: "transformers.js", label: "transformers.js", description: "@huggingface/jinja" },
  ];
}
