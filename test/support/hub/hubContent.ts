import { createHash } from "node:crypto";

/** A file as the hub keeps it: small ones in git, large ones apart. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The SHA-1 of the git object, which for a large file is the pointer's. */
  readonly oid: string;
  /** The SHA-256 of a large file. */
  readonly sha256: string | undefined;
}

export interface Commit {
  readonly sha: string;
  readonly files: ReadonlyMap<string, StoredFile>;
}

/** A model repository with its history. */
export interface HubRepository {
  readonly name: string;
  readonly commits: Map<string, Commit>;
  /** Branches and tags. */
  readonly refs: Map<string, string>;
  gated: boolean;
  private: boolean;
}

/** What the hub's .gitattributes keep out of git. */
const LARGE = /\.(?:safetensors|bin|gguf|model)$|^tokenizer\.json$/;

export function storedFile(path: string, bytes: Uint8Array): StoredFile {
  if (!LARGE.test(path)) return { path, bytes, oid: gitHash(bytes), sha256: undefined };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`);
  return { path, bytes, oid: gitHash(pointer), sha256 };
}

export function gitHash(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** The name of a file's blob in the cache, and its entity tag. */
export function etagOf({ oid, sha256 }: StoredFile): string {
  return sha256 ?? oid;
}

export function commitOf(files: Readonly<Record<string, string | Uint8Array>>, parent: string): Commit {
  const stored = new Map<string, StoredFile>();
  for (const [path, content] of Object.entries(files)) {
    stored.set(path, storedFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content));
  }
  const tree = [...stored.values()].map(({ path, oid }) => `${path} ${oid}`).sort();
  return { sha: createHash("sha1").update([parent, ...tree].join("\n")).digest("hex"), files: stored };
}
