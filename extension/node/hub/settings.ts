import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { CancelSignal } from "../../base/cancellation";
import { codeOf, TunesmithError } from "../../base/errors";
import type { RetryPolicy } from "./retry";

/** How far a transfer is. */
export interface HubProgress {
  /** The file's name in the repository. */
  readonly file: string;
  readonly doneBytes: number;
  /** Undefined for a file that is read in pieces: nobody knows yet how many. */
  readonly totalBytes: number | undefined;
}

/** How the hub is asked. What is left out comes from the environment, as huggingface_hub takes it. */
export interface HubOptions {
  /** A branch, tag or commit, where the id names none; `main` by default. */
  readonly revision?: string | undefined;
  /** An access token; never written anywhere, and sent to the endpoint's own origin only. */
  readonly token?: string | undefined;
  /** The hub's address. */
  readonly endpoint?: string | undefined;
  /** The folder of downloaded repositories, shared with every program that uses the hub's cache. */
  readonly cacheDir?: string | undefined;
  /** The folder for what programs derive from repositories; ranges of weight files are kept there. */
  readonly assetsDir?: string | undefined;
  /** Ask nothing over the network. */
  readonly offline?: boolean | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly progress?: ((progress: HubProgress) => void) | undefined;
  /** Sends requests in place of Node's own `fetch`: behind a proxy, say. */
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly environment?: Environment | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The options with the environment's part filled in. */
export interface HubSettings {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly cacheDir: string;
  readonly assetsDir: string;
  readonly token: string | undefined;
  readonly offline: boolean;
  /** Whether the cache may hold symbolic links. */
  readonly symlinks: boolean;
  /** Whether those who read our errors sit in the editor, which asks for a token itself. */
  readonly inEditor: boolean;
}

/** Set for threads of the editor. */
export const EDITOR_VARIABLE = "TUNESMITH_EDITOR";

const DEFAULT_ENDPOINT = "https://huggingface.co";

/**
 * Where the hub is, where its cache is, and who asks. The variables and their order are those of huggingface_hub
 * (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables).
 * @throws TunesmithError `hub-bad-settings` when the endpoint or the token cannot be used.
 */
export async function hubSettings(options: HubOptions = {}, home: string = homedir()): Promise<HubSettings> {
  const environment = options.environment ?? process.env;
  const variable = variablesOf(environment);
  const path = (text: string): string => expandPath(text, environment, home);
  const hfHome = homeOf(environment, home);
  const assetsDir = options.assetsDir ?? variable("HF_ASSETS_CACHE") ?? variable("HUGGINGFACE_ASSETS_CACHE") ?? join(hfHome, "assets");
  return {
    endpoint: checkEndpoint(options.endpoint ?? variable("HF_ENDPOINT") ?? DEFAULT_ENDPOINT),
    cacheDir: options.cacheDir === undefined ? hubCacheDir(environment, home) : path(options.cacheDir),
    assetsDir: path(assetsDir),
    token: checkToken(cleanToken(options.token) ?? (await storedToken(variable, path(variable("HF_TOKEN_PATH") ?? join(hfHome, "token"))))),
    offline: options.offline ?? isTrue(variable("HF_HUB_OFFLINE") ?? variable("TRANSFORMERS_OFFLINE")),
    symlinks: !isTrue(variable("HF_HUB_DISABLE_SYMLINKS")),
    inEditor: isTrue(variable(EDITOR_VARIABLE)),
  };
}

/** Where the Hugging Face libraries keep their downloads. */
export function hubCacheDir(environment: Environment = process.env, home: string = homedir()): string {
  const variable = variablesOf(environment);
  return expandPath(variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE") ?? join(homeOf(environment, home), "hub"), environment, home);
}

function homeOf(environment: Environment, home: string): string {
  const variable = variablesOf(environment);
  return expandPath(variable("HF_HOME") ?? join(variable("XDG_CACHE_HOME") ?? join(home, ".cache"), "huggingface"), environment, home);
}

/** An empty variable counts as one that is not set. */
function variablesOf(environment: Environment): (name: string) => string | undefined {
  return (name) => (environment[name] === "" ? undefined : environment[name]);
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(value?.toUpperCase() ?? "");
}

function expandPath(path: string, environment: Environment, home: string): string {
  const expanded = path.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => environment[braced ?? bare ?? ""] ?? whole);
  return resolve(expanded.replace(/^~(?=$|[/\\])/, () => home));
}

async function storedToken(variable: (name: string) => string | undefined, tokenPath: string): Promise<string | undefined> {
  if (isTrue(variable("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return undefined;
  const named = cleanToken(variable("HF_TOKEN")) ?? cleanToken(variable("HUGGING_FACE_HUB_TOKEN"));
  if (named !== undefined) return named;
  try {
    return cleanToken(await readFile(tokenPath, "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw new TunesmithError("hub-bad-settings", `The access token at ${tokenPath} cannot be read. Check the file's permissions, or set HF_TOKEN.`, { cause: error });
  }
}

function cleanToken(token: string | undefined): string | undefined {
  const clean = token?.replaceAll(/[\r\n]/g, "").trim();
  return clean === "" ? undefined : clean;
}

/** `fetch` quotes a header that it refuses in its error, so a broken token must not get that far. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new TunesmithError("hub-bad-settings", "The access token has characters that no token has. Copy it again from the hub's settings page.");
}

function checkEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TunesmithError("hub-bad-settings", "The hub's address (HF_ENDPOINT) must be a plain http or https address, such as https://huggingface.co.");
  }
  return text.replace(/\/+$/, "");
}
