import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { onProcessEnd } from "../support/cleanup";

/** A template with its data, as both engines get it. */
export interface FuzzCase {
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The same data as JSON text, where `1` and `1.0` differ. */
  readonly dataJson: string;
  readonly options: { readonly trim_blocks?: boolean; readonly lstrip_blocks?: boolean; readonly keep_trailing_newline?: boolean };
}

export type ReferenceAnswer =
  | { readonly text: string; readonly generation: readonly (readonly [number, number])[] | null }
  | { readonly error: string; readonly message: string }
  /** The reference would take too long, or make too much. */
  | { readonly skip: string };

/** The frozen clock of both engines. */
export const NOW = "2026-07-26T09:05:03";

const SECONDS = 2;

/** The Python that the environment names, else the first of these that has Jinja2. */
const PYTHONS = process.env["PYTHON"] === undefined ? ["python3", "/usr/bin/python3"] : [process.env["PYTHON"]];

/** Jinja2 on CPython, in a process that is started again when it dies. */
export class Reference {
  #child: ChildProcessWithoutNullStreams | undefined;
  #lines: AsyncIterator<string> | undefined;
  #forget: (() => void) | undefined;
  versions = { jinja2: "", python: "" };

  /** @throws Error when no Python has Jinja2. */
  async start(): Promise<void> {
    for (const python of PYTHONS) if (await this.#start(python)) return;
    throw new Error("No Python with Jinja2 starts. Install Jinja2, or name a Python that has it in PYTHON.");
  }

  async #start(python: string): Promise<boolean> {
    const child = spawn(python, [path.resolve("test/fuzz/reference.py")], { stdio: ["pipe", "pipe", "pipe"] });
    child.stderr.resume();
    child.stdin.on("error", () => undefined);
    child.on("error", () => undefined);
    this.#forget = onProcessEnd(() => child.kill("SIGKILL"));
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const hello = await this.#lines.next();
    if (hello.done === true) {
      this.stop();
      return false;
    }
    this.versions = JSON.parse(hello.value) as Reference["versions"];
    return true;
  }

  async render({ source, dataJson, options }: FuzzCase): Promise<ReferenceAnswer> {
    if (this.#child === undefined) await this.start();
    this.#child?.stdin.write(`{"source":${asciiJson(source)},"data":${asciiJson(dataJson, true)},"options":${JSON.stringify(options)},"now":"${NOW}","seconds":${SECONDS}}\n`);
    const answer = await this.#lines?.next();
    if (answer === undefined || answer.done === true) {
      this.stop();
      return { skip: "the reference ended" };
    }
    return JSON.parse(answer.value) as ReferenceAnswer;
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#forget?.();
    this.#child = undefined;
  }
}

/** JSON in ASCII, so that halves of surrogate pairs arrive as they are. */
function asciiJson(text: string, isJson = false): string {
  const json = isJson ? text : JSON.stringify(text);
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
