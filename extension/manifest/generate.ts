import { type RuleMeta, ruleAnchor } from "../core/rules/rule";
import { COLORS, type ColorSpec } from "./colors";
import { COMMANDS, COMMAND_CATEGORY, type CommandSpec } from "./commands";
import { ACTIVATION_EVENTS, GRAMMARS, LANGUAGES } from "./languages";
import { PANELS, PANELS_BESIDE } from "./panels";
import { RULE_LEVELS, SETTINGS, SETTINGS_SECTION, type SettingSpec } from "./settings";
import { WALKTHROUGH } from "./walkthrough";

/** What is generated: fields of package.json, the texts of package.nls.json, and the page that rule codes link to. */
export interface Generated {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly rulesPage: string;
}

/** Where the page of the rules is in the package. */
export const RULES_PAGE = "extension/assets/rules.md";

const LEVEL_TEXTS = {
  off: "Not reported.",
  hint: "Shown as a hint.",
  info: "Shown as information.",
  warning: "Shown as a warning.",
  error: "Shown as an error.",
} as const satisfies Readonly<Record<(typeof RULE_LEVELS)[number], string>>;

/** Collects the texts of the manifest; a text that was put in is the only way to a key. */
class Texts {
  readonly all: Record<string, string> = {};

  /** The reference to `text` under `key`. */
  put(key: string, text: string): string {
    this.all[key] = text;
    return `%${key}%`;
  }
}

/** Makes the manifest from the tables of this folder and the metadata of the rules. */
export function generateManifest(rules: readonly RuleMeta[]): Generated {
  const texts = new Texts();
  const manifest = {
    categories: ["Linters", "Machine Learning", "Data Science"],
    keywords: ["fine-tuning", "dataset", "jsonl", "chat template", "tokenizer", "llm", "sft", "dpo", "sharegpt", "alpaca"],
    extensionKind: ["workspace"],
    // VS Code derives the activation by commands and by the contributed language.
    activationEvents: [...ACTIVATION_EVENTS, ...Object.values(PANELS).map((type) => `onWebviewPanel:${type}`)],
    capabilities: capabilities(texts),
    contributes: {
      languageModelChatProviders: [{ vendor: COMMAND_CATEGORY.toLowerCase(), displayName: COMMAND_CATEGORY }],
      languages: LANGUAGES,
      grammars: GRAMMARS,
      jsonValidation: [{ fileMatch: "*.chat.json", url: "./extension/assets/template-cases.schema.json" }],
      commands: commands(texts),
      menus: menus(),
      configuration: configuration(texts, rules),
      configurationDefaults: { "workbench.editor.autoLockGroups": Object.fromEntries(PANELS_BESIDE.map((type) => [`mainThreadWebview-${type}`, true])) },
      colors: colors(texts),
      walkthroughs: [walkthrough(texts)],
    },
  };
  return { manifest, texts: texts.all, rulesPage: rulesPage(rules) };
}

function capabilities(texts: Texts): object {
  return {
    untrustedWorkspaces: {
      supported: "limited",
      description: texts.put(
        "capabilities.untrustedWorkspaces",
        "Datasets are checked. Models that the workspace's settings name are not loaded until the workspace is trusted.",
      ),
      restrictedConfigurations: settings()
        .filter(([, spec]) => spec.restricted === true)
        .map(([name]) => `${SETTINGS_SECTION}.${name}`),
    },
    virtualWorkspaces: {
      supported: "limited",
      description: texts.put(
        "capabilities.virtualWorkspaces",
        "Open datasets are checked. Checking files that are not open, and models, need files on disk.",
      ),
    },
  };
}

function commands(texts: Texts): object[] {
  return entries<CommandSpec>(COMMANDS).map(([command, { title, editorTitle }]) => ({
    command,
    title: texts.put(`command.${withoutSection(command)}`, title),
    category: COMMAND_CATEGORY,
    ...(editorTitle === undefined ? {} : { icon: editorTitle.icon }),
  }));
}

function menus(): object {
  const all = entries<CommandSpec>(COMMANDS);
  const fileMenu = all.flatMap(([command, { fileMenu: when }]) => (when === undefined ? [] : [{ command, when, group: "7_modification@90" }]));
  const testMenu = all.flatMap(([command, { testMenu: when }]) => (when === undefined ? [] : [{ command, when }]));
  return {
    commandPalette: all.flatMap(([command, { palette: when }]) => (when === undefined ? [] : [{ command, when }])),
    "editor/title": all.flatMap(([command, { editorTitle }]) =>
      editorTitle === undefined ? [] : [{ command, when: editorTitle.when, group: "navigation" }],
    ),
    "terminal/context": all.flatMap(([command, { terminalMenu }]) => (terminalMenu === true ? [{ command, group: "9_tunesmith" }] : [])),
    "testing/item/context": testMenu,
    "testing/message/context": testMenu,
    "explorer/context": fileMenu,
    "editor/title/context": fileMenu,
    "editor/context": all.flatMap(([command, { editorMenu: when }]) => (when === undefined ? [] : [{ command, when, group: "1_modification@90" }])),
  };
}

function walkthrough(texts: Texts): object {
  const { id, title, description, steps } = WALKTHROUGH;
  return {
    id,
    title: texts.put("walkthrough.title", title),
    description: texts.put("walkthrough.description", description),
    steps: steps.map((step) => ({
      id: step.id,
      title: texts.put(`walkthrough.${step.id}.title`, step.title),
      description: texts.put(`walkthrough.${step.id}.description`, step.description),
      media: { image: pictures(step.picture), altText: texts.put(`walkthrough.${step.id}.altText`, step.altText) },
      completionEvents: [`onCommand:${step.completedBy}`],
    })),
  };
}

function pictures(name: string): object {
  const [dark, light] = ["dark", "light"].map((theme) => `extension/assets/screenshot-${name}-${theme}.png`);
  return { dark, light, hc: dark, hcLight: light };
}

function colors(texts: Texts): object[] {
  return entries<ColorSpec>(COLORS).map(([id, { description, ...defaults }]) => ({
    id,
    description: texts.put(`color.${withoutSection(id)}`, description),
    defaults,
  }));
}

function configuration(texts: Texts, rules: readonly RuleMeta[]): object {
  const properties = settings().map(([name, spec], index) => {
    const description = texts.put(`setting.${name}`, spec.markdownDescription);
    const schema = name === "rules" ? { ...spec.schema, properties: ruleSettings(texts, rules) } : spec.schema;
    return [
      `${SETTINGS_SECTION}.${name}`,
      { order: index, scope: spec.scope, markdownDescription: description, default: spec.default, ...schema },
    ] as const;
  });
  return { title: COMMAND_CATEGORY, properties: Object.fromEntries(properties) };
}

function ruleSettings(texts: Texts, rules: readonly RuleMeta[]): object {
  const levels = RULE_LEVELS.map((level) => texts.put(`level.${level}`, LEVEL_TEXTS[level]));
  return Object.fromEntries(
    rules.map(({ id, severity, description }) => [
      id,
      { type: "string", enum: RULE_LEVELS, enumDescriptions: levels, default: severity, description: texts.put(`rule.${id}`, description) },
    ]),
  );
}

/** One heading a rule, in the order of the registry. */
function rulesPage(rules: readonly RuleMeta[]): string {
  const sections = rules.map(
    ({ id, severity, description }) => `## <a id="${ruleAnchor(id)}"></a>${id}\n\n${description}\n\nReported as: ${severity}.\n`,
  );
  const head =
    "# Rules\n\nWhat Tunesmith looks for in datasets and chat templates. The setting `tunesmith.rules` changes how severe a rule's findings are, " +
    "or silences it with `off`; on the command line, `--severity RULE=LEVEL` does.\n";
  return [head, ...sections].join("\n");
}

function settings(): [string, SettingSpec<unknown>][] {
  return entries<SettingSpec<unknown>>(SETTINGS);
}

function entries<Value>(table: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(table);
}

function withoutSection(id: string): string {
  return id.slice(SETTINGS_SECTION.length + 1);
}
