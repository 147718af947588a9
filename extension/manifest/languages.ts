/** The id of the language that datasets are in. */
export const DATASET_LANGUAGE = "jsonl";

/** Extensions of the files that are datasets for sure. */
export const DATASET_EXTENSIONS = [".jsonl", ".ndjson"] as const;

/**
 * Contributions to the language that VS Code brings. `configuration` is what makes VS Code activate the extension on the
 * language by itself; the grammar stays VS Code's own.
 */
export const LANGUAGES = [
  {
    id: DATASET_LANGUAGE,
    aliases: ["JSON Lines"],
    extensions: DATASET_EXTENSIONS,
    configuration: "./syntaxes/jsonl-language-configuration.json",
  },
] as const;
