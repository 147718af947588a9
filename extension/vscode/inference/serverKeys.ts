import type * as vscode from "vscode";

/** The keys of OpenAI-compatible servers, in VS Code's secret storage. Each belongs to one origin, so that another address never gets to see it. */
export class ServerKeys {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  async read(url: string): Promise<string | undefined> {
    return URL.canParse(url) ? await this.#secrets.get(nameFor(url)) : undefined;
  }

  /** Keeps a key; an empty one removes what is kept. */
  async keep(url: string, key: string): Promise<void> {
    await (key === "" ? this.#secrets.delete(nameFor(url)) : this.#secrets.store(nameFor(url), key));
  }
}

function nameFor(url: string): string {
  return `tunesmith.serverKey ${new URL(url).origin}`;
}
