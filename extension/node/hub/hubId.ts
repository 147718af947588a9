import { TunesmithError } from "../../base/errors";

/** A model repository of the hub, as people write it. */
export interface HubId {
  /** `owner/name`. */
  readonly repository: string;
  /** A branch, tag or commit. */
  readonly revision: string | undefined;
  /** A GGUF file inside, where the repository holds several models. */
  readonly file: string | undefined;
}

/** An address copied from the browser, or the `hf://` form of huggingface_hub. */
const PREFIX = /^(?:hf:\/\/(?:models\/)?|https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/)/i;
/** One part of a repository's name: what huggingface_hub's validator lets through. */
const NAME = /^(?!.*(?:--|\.\.))\w(?:[\w.-]{0,94}\w)?$/;
/** What git refuses in the name of a branch or tag (git check-ref-format), and what could lead out of a folder. */
const BAD_REVISION = /[\0-\x20\x7f~^:?*[\\]|\.\.|\/\/|^[/.-]|\/\.|[/.]$/;
const MAX_REVISION_LENGTH = 255;

/**
 * Reads `owner/name`, `owner/name@revision`, `owner/name/file.gguf`, and the same after `hf://` or the hub's address.
 * Undefined when the text is nothing of the kind.
 */
export function parseHubId(text: string): HubId | undefined {
  const at = text.indexOf("@");
  const path = (at < 0 ? text : text.slice(0, at)).replace(PREFIX, "").replace(/\/$/, "");
  const [owner = "", name = "", ...rest] = path.split("/");
  if (!NAME.test(owner) || !NAME.test(name) || name.endsWith(".git")) return undefined;
  const repository = `${owner}/${name}`;
  if (at >= 0) {
    const revision = text.slice(at + 1);
    return isRevision(revision) && isFileOrNothing(rest) ? { repository, revision, file: rest.join("/") || undefined } : undefined;
  }
  if (rest[0] === "tree") {
    const revision = rest.slice(1).join("/").replaceAll(/%2f/gi, "/");
    return isRevision(revision) ? { repository, revision, file: undefined } : undefined;
  }
  return isFileOrNothing(rest) ? { repository, revision: undefined, file: rest.join("/") || undefined } : undefined;
}

/** The repository with its revision, as `hubModel` takes it, and the file inside. @throws TunesmithError `hub-bad-id` */
export function hubPlace(text: string): { readonly repository: string; readonly file: string | undefined } {
  const id = parseHubId(text);
  if (id === undefined) throw new TunesmithError("hub-bad-id", `'${text}' is no model of the hub. Write owner/name, or owner/name@revision.`);
  return { repository: id.revision === undefined ? id.repository : `${id.repository}@${id.revision}`, file: id.file };
}

function isFileOrNothing(parts: readonly string[]): boolean {
  return parts.length === 0 || (/\.gguf$/i.test(parts.at(-1) ?? "") && isInside(parts.join("/")));
}

/** Whether this may name a branch, tag or commit. */
export function isRevision(revision: string): boolean {
  return revision !== "" && revision.length <= MAX_REVISION_LENGTH && !BAD_REVISION.test(revision);
}

/** Whether this is a full commit hash, which never comes to mean anything else. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * Whether a file's name in a repository stays inside the folder that it is put into, on every system: repositories are
 * written by strangers, and a name that is harmless here can lead out of the folder on Windows.
 */
export function isInside(file: string): boolean {
  if (file === "" || /[\0-\x1f\\]/.test(file)) return false;
  return file.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/^[a-zA-Z]:/.test(part));
}

/** @throws TunesmithError `cannot-read` when the name leads out of the repository. */
export function requireInside(file: string, repository: string): void {
  if (!isInside(file)) throw new TunesmithError("cannot-read", `${JSON.stringify(file)} is no file inside ${repository}.`);
}

/** The folder of the cache that holds a model repository. */
export function cacheFolderOf(repository: string): string {
  return ["models", ...repository.split("/")].join("--");
}
