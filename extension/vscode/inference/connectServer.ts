import * as vscode from "vscode";
import { hasCode } from "../../base/errors";
import { modelNameOf } from "../../core/model/modelName";
import { OpenAiServer } from "../../node/inference/openai/server";
import { readSetting, writeSetting } from "../configuration";
import { browseModel } from "../models/browse";
import { embeddedFolder, settingsPathOf } from "../models/models";
import type { ServerKeys } from "./serverKeys";

const EXAMPLE = "http://localhost:8000/v1";

/** Asks which OpenAI-compatible server to use, and writes it to the user's settings. `bound`: the model of the active dataset. False when the user gave up. */
export async function connectServer(keys: ServerKeys, bound: string | undefined): Promise<boolean> {
  const title = vscode.l10n.t("Connect to Server");
  const url = await askUrl(title);
  if (url === undefined) return false;
  const key = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("Key for {0}, kept in VS Code's secret storage and sent to this address only. Leave it empty where the server needs none.", new URL(url).origin),
    value: (await keys.read(url)) ?? "",
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined) return false;
  await keys.keep(url, key.trim());
  const model = await askModel(title, url, key.trim());
  if (model === undefined) return false;
  const prompts = await askPrompts(title, bound);
  if (prompts === undefined) return false;
  const { Global } = vscode.ConfigurationTarget;
  await writeSetting("server.url", url, Global);
  await writeSetting("server.model", model, Global);
  await writeSetting("server.prompts", prompts, Global);
  return true;
}

async function askUrl(title: string): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("Base URL of an OpenAI-compatible server: vLLM, SGLang, TGI, llama.cpp, Ollama or a hosted one. It usually ends in /v1."),
    placeHolder: EXAMPLE,
    value: readSetting("server.url") || EXAMPLE,
    ignoreFocusOut: true,
    validateInput: (text) => (/^https?:$/.test(URL.canParse(text.trim()) ? new URL(text.trim()).protocol : "") ? undefined : vscode.l10n.t("Write a URL such as {0}.", EXAMPLE)),
  });
  return typed?.trim();
}

/** The server's name of a model; undefined when the user gave up. @throws ServerError where the server cannot be asked, or refuses the key */
async function askModel(title: string, url: string, key: string): Promise<string | undefined> {
  const names = await listModels(url, key);
  if (names === undefined || names.length === 1) return names?.[0];
  if (names.length > 1) return await vscode.window.showQuickPick([...names], { title, placeHolder: vscode.l10n.t("Model of the server"), ignoreFocusOut: true });
  const typed = await vscode.window.showInputBox({ title, prompt: vscode.l10n.t("The server does not list its models. Name the one to use."), value: readSetting("server.model"), ignoreFocusOut: true });
  return typed?.trim() === "" ? undefined : typed?.trim();
}

/** None for a server that answers and does not list; undefined when it was cancelled. */
async function listModels(url: string, key: string): Promise<readonly string[] | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Asking {0} for its models", new URL(url).host), cancellable: true };
  return await vscode.window.withProgress(options, async (_, token) => {
    const abort = new AbortController();
    const cancelling = token.onCancellationRequested(() => abort.abort());
    try {
      return await new OpenAiServer({ baseUrl: url, key }).models(abort.signal);
    } catch (error) {
      if (hasCode(error, "cancelled")) return undefined;
      if (hasCode(error, "server-not-found")) return [];
      throw error;
    } finally {
      cancelling.dispose();
    }
  });
}

/** The setting `server.prompts`; undefined when the user gave up. */
async function askPrompts(title: string, bound: string | undefined): Promise<string | undefined> {
  type Item = vscode.QuickPickItem & { readonly choose: () => Promise<string | undefined> };
  const made = (folder: string): Item => ({
    label: vscode.l10n.t("Tunesmith, with {0}", modelNameOf(folder)),
    detail: vscode.l10n.t("Its chat template and tokenizer make the prompt; the server gets the token ids"),
    choose: () => Promise.resolve(settingsPathOf(folder, undefined)),
  });
  const browse = (what: "folder" | "gguf", label: string): Item => ({ label, choose: () => browseModel(what) });
  const items: Item[] = [
    ...(bound === undefined ? [] : [made(bound)]),
    { label: vscode.l10n.t("The server"), detail: vscode.l10n.t("It gets the messages, and the prompt cannot be shown"), choose: () => Promise.resolve("") },
    ...(bound === embeddedFolder() ? [] : [made(embeddedFolder())]),
    browse("folder", `$(folder-opened) ${vscode.l10n.t("Tunesmith, with a model folder…")}`),
    browse("gguf", `$(file) ${vscode.l10n.t("Tunesmith, with a GGUF file…")}`),
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t("Who makes the prompts?"), matchOnDetail: true, ignoreFocusOut: true });
  return await picked?.choose();
}
