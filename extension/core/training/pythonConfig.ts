import type { JsonValue } from "../dataset/conversation";
import { type PythonCall, PythonFile } from "./python/calls";
import type { PythonValue } from "./python/values";
import { type AdapterSettings, adapterTraining, type ModuleList, NO_MODULES, rowsByModule, targetText, type TrainingConfig } from "./trainingConfig";

/** What the calls of `get_peft_model` and `LoraConfig` in a Python file say, in order. The file is not run. */
export function readPythonConfigs(source: string): TrainingConfig[] {
  if (!/get_peft_model|LoraConfig|full_finetuning/.test(source)) return [];
  const file = new PythonFile(source, (name) => WANTED.has(name));
  const loads = file.calls.filter(({ callee }) => callee.endsWith("from_pretrained") && /model/i.test(callee));
  const model = loads.map((call) => modelName(call, file)).find((name) => name !== undefined);
  const configs = file.calls.flatMap((call) => {
    if (isUnslothAdapter(call)) return [adapterConfig("unsloth", call, file, model)];
    return lastPart(call) === "LoraConfig" ? [adapterConfig("peft", call, file, model)] : [];
  });
  if (configs.length > 0) return configs;
  const whole = loads.find(({ named }) => isTrue(named.get("full_finetuning")?.value, file));
  return whole === undefined ? [] : [{ trainer: "unsloth", model, input: { kind: "all" }, output: { kind: "all" }, fixesUntrained: false, span: whole.span }];
}

/** The code of a notebook's cells, without commands of the shell and of IPython; undefined where it is no notebook. */
export function notebookSource(text: string): string | undefined {
  try {
    const { cells } = JSON.parse(text) as { readonly cells?: JsonValue };
    if (!Array.isArray(cells)) return undefined;
    return (cells as readonly { readonly cell_type?: JsonValue; readonly source?: JsonValue }[])
      .filter((cell) => cell.cell_type === "code")
      .map(({ source }) => (Array.isArray(source) ? source.join("") : typeof source === "string" ? source : ""))
      .join("\n")
      .replace(/^[ \t]*[!%].*$/gm, "");
  } catch {
    return undefined;
  }
}

const WANTED: ReadonlySet<string> = new Set(["get_peft_model", "LoraConfig", "from_pretrained"]);

function lastPart({ callee }: PythonCall): string {
  return callee.split(".").at(-1) ?? "";
}

/** `FastLanguageModel.get_peft_model` and its siblings take what PEFT's takes as a `LoraConfig`. */
function isUnslothAdapter(call: PythonCall): boolean {
  return lastPart(call) === "get_peft_model" && (/(?:^|\.)Fast\w*\./.test(call.callee) || call.named.has("target_modules"));
}

function adapterConfig(trainer: "unsloth" | "peft", call: PythonCall, file: PythonFile, model: string | undefined): TrainingConfig {
  const modules = (name: string): ModuleList => modulesOf(call.named.get(name)?.value, file, call.open);
  const saved = modules("modules_to_save");
  const target = modules("target_modules");
  // Unsloth takes the two matrices out of the targets and trains them whole. Source: unsloth, `models/llama.py`.
  const modulesToSave = trainer === "unsloth" ? { names: [...saved.names, ...target.names], open: saved.open || target.open } : saved;
  const rows = rowsOf(call.named.get("trainable_token_indices")?.value, file, call.open);
  const settings: AdapterSettings = { modulesToSave, targetModules: target, rows };
  const decisive = ["modules_to_save", "trainable_token_indices", "target_modules"].map((name) => call.named.get(name)).find((argument) => argument !== undefined);
  return { trainer, model, input: adapterTraining("input", settings), output: adapterTraining("output", settings), fixesUntrained: false, span: decisive?.span ?? call.span };
}

function modulesOf(value: PythonValue | undefined, file: PythonFile, open: boolean): ModuleList {
  if (value === undefined) return { ...NO_MODULES, open };
  const resolved = file.resolve(value);
  if (resolved.kind === "constant") return NO_MODULES;
  if (resolved.kind === "text") return targetText(resolved.value);
  const list = file.listOf(resolved);
  const names = list.items.flatMap((item) => (item.kind === "text" ? [item.value] : []));
  return { names, open: list.open };
}

function rowsOf(value: PythonValue | undefined, file: PythonFile, open: boolean): AdapterSettings["rows"] {
  if (value === undefined) return open ? undefined : {};
  const resolved = file.resolve(value);
  if (resolved.kind === "constant") return {};
  if (resolved.kind === "list") return numbersOf(resolved, file, (ids) => ({ input: ids }));
  if (resolved.kind !== "dict") return undefined;
  const entries = resolved.entries.map(([key, ids]) => [key.kind === "text" ? key.value : "", numbersOf(ids, file, (numbers) => numbers) ?? []] as const);
  return rowsByModule(entries);
}

function numbersOf<T>(value: PythonValue, file: PythonFile, make: (ids: readonly number[]) => T): T | undefined {
  const { items, open } = file.listOf(value);
  return open ? undefined : make(items.flatMap((item) => (item.kind === "number" ? [item.value] : [])));
}

function modelName(call: PythonCall, file: PythonFile): string | undefined {
  const named = call.named.get("model_name") ?? call.named.get("pretrained_model_name_or_path");
  const value = file.resolve(named?.value ?? call.positional[0] ?? { kind: "unknown" });
  return value.kind === "text" ? value.value : undefined;
}

function isTrue(value: PythonValue | undefined, file: PythonFile): boolean {
  const resolved = value === undefined ? undefined : file.resolve(value);
  return resolved?.kind === "constant" && resolved.value === true;
}
