import * as vscode from "vscode";
import { codeOf, messageOf } from "../../base/errors";
import { parseHubId } from "../../node/hub/hubId";
import { type WeightsChannel, withWeightsThread } from "../../node/weights/weightsThread";
import type { VerdictsProgress } from "../../core/weights/workerMethods";
import type { Log } from "../log";
import type { HubToken } from "./hubToken";
import { threadEnvironment } from "./threadEnvironment";

/** What a token may help against; the hub says of private models that they are not there. */
const NEEDS_TOKEN: ReadonlySet<string | undefined> = new Set(["hub-gated", "hub-no-such-repository", "hub-unauthorized", "hub-forbidden", "hub-rate-limited"]);

/** Downloads what says how a model of the hub reads text. Its weights stay there: of them, rows are read when they are needed. */
export class HubDownload {
  readonly #workerPath: string;
  readonly #token: HubToken;
  readonly #log: Log;

  constructor(workerPath: string, token: HubToken, log: Log) {
    this.#workerPath = workerPath;
    this.#token = token;
    this.#log = log;
  }

  /** Asks for a model and downloads it. Returns `hf://owner/name`; undefined when the user gave up. */
  async choose(): Promise<string | undefined> {
    const typed = await askHubId(vscode.l10n.t("Its tokenizer is downloaded into the Hugging Face cache. Of its weights, only rows of embeddings are read, when they are needed."));
    const id = parseHubId(typed ?? "");
    if (id === undefined) return undefined;
    const revision = id.revision === undefined ? "" : `@${id.revision}`;
    // A GGUF file has its tokenizer itself, which is read when the model is used.
    if (id.file === undefined && !(await this.#download(`${id.repository}${revision}`))) return undefined;
    return `hf://${id.repository}${id.file === undefined ? "" : `/${id.file}`}${revision}`;
  }

  /** Whether all came. With another token as often as the user gives one. */
  async #download(name: string): Promise<boolean> {
    for (;;) {
      try {
        return await withProgress(this.#workerPath, name, await this.#token.read());
      } catch (error) {
        this.#log.output.warn(messageOf(error));
        const enter = vscode.l10n.t("Enter Access Token…");
        const retry = vscode.l10n.t("Try Again");
        const options = NEEDS_TOKEN.has(codeOf(error)) ? [enter, retry] : [retry];
        const chosen = await vscode.window.showErrorMessage(messageOf(error), ...options);
        if (chosen === undefined || (chosen === enter && !(await this.#askToken()))) return false;
      }
    }
  }

  async #askToken(): Promise<boolean> {
    const token = await vscode.window.showInputBox({
      title: vscode.l10n.t("Access token of the Hugging Face hub"),
      prompt: vscode.l10n.t("Kept in VS Code's secret storage, and sent to the hub only. An empty text removes it; then HF_TOKEN and the token of 'hf auth login' count."),
      password: true,
      ignoreFocusOut: true,
    });
    if (token === undefined) return false;
    await this.#token.keep(token.trim());
    return true;
  }
}

/** Asks for `owner/name`; undefined when the user gave up. @param prompt what happens with it */
export async function askHubId(prompt: string): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Model of the Hugging Face hub"),
    prompt,
    placeHolder: "Qwen/Qwen3-0.6B",
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" || parseHubId(text.trim()) !== undefined ? undefined : vscode.l10n.t("Write owner/name, owner/name@revision or owner/name/file.gguf.")),
  });
  return typed?.trim() === "" ? undefined : typed?.trim();
}

/** False when the user cancelled. @throws TunesmithError of the hub. */
async function withProgress(workerPath: string, name: string, token: string | undefined): Promise<boolean> {
  const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Downloading the tokenizer of {0}", name), cancellable: true };
  return await vscode.window.withProgress(options, async (progress, cancellation) => {
    const controller = new AbortController();
    cancellation.onCancellationRequested(() => controller.abort());
    const told = ({ file, doneBytes, totalBytes }: VerdictsProgress): void => {
      const share = totalBytes === undefined || totalBytes === 0 ? "" : ` ${Math.floor((doneBytes / totalBytes) * 100)} %`;
      progress.report({ message: `${file}${share}` });
    };
    try {
      const download = (channel: WeightsChannel): Promise<null> => channel.request("downloadModel", { id: name, hub: { token } }, { signal: controller.signal, onProgress: told });
      await withWeightsThread(workerPath, "tunesmith download", download, { env: threadEnvironment() });
      return true;
    } catch (error) {
      if (controller.signal.aborted) return false;
      throw error;
    }
  });
}
