import * as vscode from "vscode";

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
    this.#know(await this.#secrets.get(KEY));
    return known;
  }

  /** Keeps a token; an empty one removes what is kept. */
  async keep(token: string): Promise<void> {
    this.#know(token === "" ? undefined : token);
    await (token === "" ? this.#secrets.delete(KEY) : this.#secrets.store(KEY, token));
  }

  #know(token: string | undefined): void {
    if (token === known) return;
    known = token;
    this.#changed.fire();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

let known: string | undefined;

/** The environment of a thread that may ask the hub: that of this process, with the token. No other process gets to see it. */
export function threadEnvironment(): NodeJS.ProcessEnv {
  return known === undefined ? process.env : { ...process.env, HF_TOKEN: known };
}
