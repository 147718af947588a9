import * as vscode from "vscode";
import { setHubToken } from "./threadEnvironment";

/** Where VS Code keeps the hub's access token: settings can be read by anybody who is shown them. */
const KEY = "tunesmith.hubToken";

/** The hub's access token, as the user gave it to VS Code; without it HF_TOKEN and the token of `hf auth login` count. */
export class HubToken implements vscode.Disposable {
  readonly #secrets: vscode.SecretStorage;
  readonly #subscription: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when another token counts: threads that run already have the environment of before. */
  readonly onDidChange = this.#changed.event;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
    this.#subscription = secrets.onDidChange(({ key }) => {
      if (key === KEY) void this.read();
    });
    void this.read();
  }

  async read(): Promise<string | undefined> {
    const token = await this.#secrets.get(KEY);
    this.#use(token);
    return token;
  }

  /** Keeps a token; an empty one removes what is kept. */
  async keep(token: string): Promise<void> {
    this.#use(token === "" ? undefined : token);
    await (token === "" ? this.#secrets.delete(KEY) : this.#secrets.store(KEY, token));
  }

  #use(token: string | undefined): void {
    if (setHubToken(token)) this.#changed.fire();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
