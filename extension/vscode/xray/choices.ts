import * as vscode from "vscode";
import type { JsonObject, JsonValue } from "../../core/dataset/conversation";
import { isObject } from "../../core/dataset/values";
import { modelNameOf } from "../../core/model/modelName";
import type { SampleConversation } from "../../core/template/samples/sample";
import { SAMPLES, sampleById } from "../../core/template/samples/samples";
import { type Choice, OWN_TEMPLATE, type PromptChoices, type SideChoices } from "../../protocol/webview/prompt";
import { nameOfAddress } from "./subjects";

/** What an X-ray shows that nobody has chosen anything for: a sample, with the model in force. */
export function initialChoices(): PromptChoices {
  return {
    dataset: null,
    line: 0,
    variant: 0,
    conversation: SAMPLES[0].id,
    edited: "",
    left: { template: null, model: "bound", engine: "jinja2" },
    right: null,
    tools: true,
    generationPrompt: null,
    thinking: "default",
    variables: "",
  };
}

/** The row of the messages format that a sample is. */
export function sampleText({ messages, tools }: SampleConversation): string {
  return JSON.stringify(tools === undefined ? { messages } : { messages, tools }, undefined, 2);
}

/** The conversation that is to be rendered, with what comes with it. */
export interface ChosenRow {
  readonly text: string;
  readonly addGenerationPrompt: boolean;
  readonly variables: JsonObject;
}

/** @param row the row that the cursor is in, where there is a dataset */
export function chosenRow(choices: PromptChoices, row: string | undefined): ChosenRow {
  if (choices.conversation === "row" && row !== undefined) return { text: row, addGenerationPrompt: choices.generationPrompt ?? false, variables: {} };
  if (choices.conversation === "edited") return { text: choices.edited, addGenerationPrompt: choices.generationPrompt ?? false, variables: {} };
  const sample = sampleById(choices.conversation);
  const documents = sample.documents === undefined ? {} : { documents: sample.documents };
  return {
    text: sampleText(sample),
    addGenerationPrompt: choices.generationPrompt ?? sample.addGenerationPrompt,
    variables: { ...sample.variables, ...documents },
  };
}

/** The template variables that the user chose, or why they cannot be used. */
export function chosenVariables({ thinking, variables }: PromptChoices): { readonly values: JsonObject; readonly problem: string | null } {
  const flags = thinking === "default" ? {} : { enable_thinking: thinking === "on" };
  if (variables.trim() === "") return { values: flags, problem: null };
  try {
    const value = JSON.parse(variables) as JsonValue;
    if (isObject(value)) return { values: { ...flags, ...value }, problem: null };
    return { values: flags, problem: vscode.l10n.t('Write a JSON object, such as {"enable_thinking": false}.') };
  } catch (error) {
    return { values: flags, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Why the conversation that the user wrote cannot be read; null where it can. */
export function problemOf({ conversation, edited }: PromptChoices): string | null {
  if (conversation !== "edited") return null;
  try {
    JSON.parse(edited);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function conversationList({ dataset, line }: PromptChoices): readonly Choice[] {
  const row = dataset === null ? [] : [{ value: "row", label: vscode.l10n.t("Row {0} of {1}", line + 1, nameOfAddress(dataset)), description: vscode.l10n.t("The row that the cursor is in") }];
  const samples = SAMPLES.map(({ id, title, description }) => ({ value: id, label: title, description }));
  return [...row, ...samples, { value: "edited", label: vscode.l10n.t("Edited"), description: vscode.l10n.t("The conversation below") }];
}

export function templateList(addresses: Iterable<string>): readonly Choice[] {
  const own = { value: OWN_TEMPLATE, label: vscode.l10n.t("The model's own"), description: vscode.l10n.t("The chat template that the model has") };
  return [own, ...Array.from(addresses, (address) => ({ value: address, label: nameOfAddress(address), description: vscode.workspace.asRelativePath(vscode.Uri.parse(address)) }))];
}

/** @param bound the folder of the model in force; undefined where the built-in one stands in */
export function modelList(bound: string | undefined, folders: Iterable<string>): readonly Choice[] {
  const builtin = vscode.l10n.t("Built-in example");
  return [
    { value: "bound", label: bound === undefined ? vscode.l10n.t("None selected ({0})", builtin) : modelNameOf(bound), description: vscode.l10n.t("The model in force for the file") },
    ...Array.from(folders, (folder) => ({ value: folder, label: modelNameOf(folder), description: folder })),
    { value: "builtin", label: builtin, description: vscode.l10n.t("A tiny model that comes with Tunesmith") },
    { value: "none", label: vscode.l10n.t("No model"), description: vscode.l10n.t("The text and where it comes from, without tokens") },
  ];
}

/** The choices of a page, with only what it was offered: a page is not trusted to name files. */
export function admitted(choices: PromptChoices, current: PromptChoices, templates: ReadonlySet<string>, folders: ReadonlySet<string>): PromptChoices {
  const side = (wanted: SideChoices, fallback: SideChoices): SideChoices => ({
    ...wanted,
    template: wanted.template === null || templates.has(wanted.template) ? wanted.template : fallback.template,
    model: ["bound", "builtin", "none"].includes(wanted.model) || folders.has(wanted.model) ? wanted.model : fallback.model,
  });
  return {
    ...choices,
    dataset: current.dataset,
    line: current.line,
    left: side(choices.left, current.left),
    right: choices.right === null ? null : side(choices.right, current.right ?? current.left),
  };
}
