/** The id of the language that datasets are in. */
export const DATASET_LANGUAGE = "jsonl";

/** Extensions of the files that are datasets for sure. */
export const DATASET_EXTENSIONS = [".jsonl", ".ndjson"] as const;

/** The id of our own language for chat templates. */
export const TEMPLATE_LANGUAGE = "jinja-chat-template";

/** Extensions of Jinja templates. They are not claimed: other extensions are for them, and colour them otherwise. */
export const TEMPLATE_EXTENSIONS = [".jinja", ".jinja2", ".j2"] as const;

/** Files that hold chat templates as strings. */
export const CONFIG_FILES = ["tokenizer_config.json", "chat_template.json"] as const;

/** Languages that other extensions give templates. */
const OTHER_TEMPLATE_LANGUAGES = ["jinja", "jinja2", "jinja-html", "jinja-md", "jinja-json", "jinja-xml"] as const;

/**
 * VS Code derives the activation by commands and by contributed languages. Templates have languages of other extensions, or
 * none: those are plain text, which is no reason to start, but a workspace that has some is.
 */
export const ACTIVATION_EVENTS: readonly string[] = [
  ...OTHER_TEMPLATE_LANGUAGES.map((id) => `onLanguage:${id}`),
  ...[...CONFIG_FILES, ...TEMPLATE_EXTENSIONS.map((extension) => `*${extension}`)].map((name) => `workspaceContains:**/${name}`),
  "onFileSystem:tunesmith-template",
];

export const GRAMMARS = [
  { language: TEMPLATE_LANGUAGE, scopeName: "text.jinja.chat-template", path: "./syntaxes/jinja-chat-template.tmLanguage.json" },
] as const;

/**
 * Contributions to the language that VS Code brings. `configuration` is what makes VS Code activate the extension on the
 * language by itself; its grammar stays VS Code's own.
 */
export const LANGUAGES = [
  {
    id: DATASET_LANGUAGE,
    aliases: ["JSON Lines"],
    extensions: DATASET_EXTENSIONS,
    configuration: "./syntaxes/jsonl-language-configuration.json",
  },
  {
    id: TEMPLATE_LANGUAGE,
    aliases: ["Jinja Chat Template"],
    // Only what is a chat template for sure; other templates that nothing else claims are adopted when they are opened.
    filenamePatterns: [...TEMPLATE_EXTENSIONS.map((extension) => `*chat_template*${extension}`), "**/additional_chat_templates/*.jinja"],
    configuration: "./syntaxes/jinja-chat-template-language-configuration.json",
  },
] as const;
