import { resolve } from "node:path";
import type { Finding } from "../../core/analysis/finding";
import type { Severity } from "../../core/rules/rule";
import type { Sink } from "../sink";
import { visible } from "../terminal/display";
import type { FindingStore } from "./findingStore";
import { pathBelow } from "./location";
import type { Reporter } from "./reporter";

const COMMANDS: Readonly<Record<Severity, "error" | "warning" | "notice">> = { error: "error", warning: "warning", info: "notice", hint: "notice" };

/** Where the paths of the annotations start. */
export interface GithubOptions {
  readonly cwd: string;
  readonly root: string;
}

/** Workflow commands, which GitHub Actions shows as annotations in a pull request. */
export class GithubReporter implements Reporter {
  readonly #sink: Sink;
  readonly #store: FindingStore;
  readonly #options: GithubOptions;
  /** The present file: findings come file by file. */
  #file = { path: "", shown: "" };

  constructor(sink: Sink, store: FindingStore, options: GithubOptions) {
    this.#sink = sink;
    this.#store = store;
    this.#options = options;
  }

  model(): void {
    // Annotations are about places only.
  }

  finding(path: string, finding: Finding): void {
    const { cwd, root } = this.#options;
    if (path !== this.#file.path) this.#file = { path, shown: pathBelow(root, cwd, path) ?? resolve(cwd, path) };
    const { start, end } = finding.range;
    const properties = {
      file: this.#file.shown,
      line: start.line,
      endLine: end.line,
      col: start.column,
      endColumn: end.column,
      title: finding.rule,
    };
    const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
    this.#store.append(`::${COMMANDS[finding.severity]} ${list.join(",")}::${escapeData(finding.message)}\n`);
  }

  fileEnd(): void {
    // Annotations carry their file.
  }

  async finish(): Promise<void> {
    await this.#store.copy(0, this.#store.mark(), this.#sink);
  }
}

/** As `escapeData` of the Actions toolkit (`@actions/core`, command.ts); controls besides are made visible. */
function escapeData(text: string): string {
  return text
    .replace(/[^\P{Cc}\r\n\t]/gu, visible)
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A");
}

/** As `escapeProperty` of the Actions toolkit. A semicolon is left: the runner would not turn it back. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
