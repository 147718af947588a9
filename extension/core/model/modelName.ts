/** Names that folders have whatever model is in them. */
const GENERIC = new Set(["models", "model", "checkpoint", "final", "merged", "output", "outputs", "."]);

/** The model that comes with the product. */
const EMBEDDED = /[/\\]extension[/\\]assets[/\\]model[/\\]?$/;
const EMBEDDED_NAME = "Tunesmith Tiny";

/**
 * What people call the model in a folder: the repository's name for a snapshot of the Hugging Face cache
 * (`models--org--name/snapshots/<commit>`), the parent's name where the folder's own says nothing, else the folder's name.
 */
export function modelNameOf(folder: string): string {
  if (EMBEDDED.test(folder)) return EMBEDDED_NAME;
  const snapshot = /models--(?:.+?--)?([^/\\]+)[/\\]snapshots[/\\][^/\\]+[/\\]?$/.exec(folder);
  if (snapshot?.[1] !== undefined) return snapshot[1];
  const names = folder.split(/[/\\]/).filter((name) => name !== "");
  const last = names.at(-1) ?? folder;
  return GENERIC.has(last.toLowerCase()) ? (names.at(-2) ?? last) : last;
}
