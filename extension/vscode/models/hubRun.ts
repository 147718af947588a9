import * as vscode from "vscode";
import type { HubRunnable } from "../../core/inference/modelFiles";
import type { VerdictsProgress } from "../../core/weights/workerMethods";
import { sizeText } from "../../core/weights/openedFile";
import { type WeightsChannel, withWeightsThread } from "../../node/weights/weightsThread";
import { readSetting } from "../configuration";
import type { HubToken } from "./hubToken";
import { threadEnvironment } from "./threadEnvironment";

/** What a thread is asked; told how far it is, it says so. */
type Work<T> = (channel: WeightsChannel, signal: AbortSignal, onProgress: (progress: VerdictsProgress) => void) => Promise<T>;

/** Brings models of the hub onto this machine to run them. */
export class HubRun {
  readonly #workerPath: string;
  readonly #token: HubToken;

  constructor(workerPath: string, token: HubToken) {
    this.#workerPath = workerPath;
    this.#token = token;
  }

  /**
   * Asks which form of a model to run, and whether to download it. What is in the cache is not asked about.
   * @param id `owner/name`, also with a revision or a GGUF file, or the same after `hf://`
   * @returns a folder or a GGUF file; undefined when the user gave up @throws TunesmithError `not-runnable`, errors of the hub
   */
  async choose(id: string): Promise<string | undefined> {
    const hub = { token: await this.#token.read() };
    const setting = readSetting("inference.device");
    // Four bits and whole numbers compute everywhere; a GPU is asked for by name.
    const device = setting === "auto" ? "cpu" : setting;
    const runnables = await this.#withProgress(vscode.l10n.t("Looking at the files of {0}", id), (channel, signal) => channel.request("hubRunnables", { id, hub, device }, { signal }));
    if (runnables === undefined) return undefined;
    const runnable = runnables.length === 1 ? runnables[0] : await pick(id, runnables);
    if (runnable === undefined) return undefined;
    if (runnable.missingBytes > 0 && !(await confirm(id, runnable))) return undefined;
    const local = await this.#withProgress(vscode.l10n.t("Downloading {0}", runnable.name), (channel, signal, onProgress) => channel.request("downloadRunnable", { id, hub, runnable }, { signal, onProgress }));
    return local?.path;
  }

  /** Undefined when the user cancelled. */
  async #withProgress<T>(title: string, work: Work<T>): Promise<T | undefined> {
    return await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, cancellation) => {
      const abort = new AbortController();
      cancellation.onCancellationRequested(() => abort.abort());
      const told = ({ file, doneBytes, totalBytes = 0 }: VerdictsProgress): void => {
        progress.report({ message: totalBytes === 0 ? file : vscode.l10n.t("{0}: {1} of {2}", file, sizeText(doneBytes), sizeText(totalBytes)) });
      };
      try {
        return await withWeightsThread(this.#workerPath, "tunesmith hub", (channel) => work(channel, abort.signal, told), { env: threadEnvironment() });
      } catch (error) {
        if (abort.signal.aborted) return undefined;
        throw error;
      }
    });
  }
}

async function pick(id: string, runnables: readonly HubRunnable[]): Promise<HubRunnable | undefined> {
  const items = runnables.map((runnable, index) => ({
    label: runnable.name,
    description: sizeText(runnable.bytes),
    detail: [index === 0 ? vscode.l10n.t("suits this machine best") : "", runnable.missingBytes === 0 ? vscode.l10n.t("in the cache") : ""].filter((text) => text !== "").join(" · "),
    runnable,
  }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Which file of {0}?", id) }))?.runnable;
}

async function confirm(id: string, { name, missingBytes }: HubRunnable): Promise<boolean> {
  const download = vscode.l10n.t("Download {0}", sizeText(missingBytes));
  const detail = vscode.l10n.t("{0} is downloaded into the Hugging Face cache, which other programs use too. A download that is cancelled goes on the next time.", name);
  return (await vscode.window.showInformationMessage(vscode.l10n.t("Run {0} on this machine?", id), { modal: true, detail }, download)) === download;
}
