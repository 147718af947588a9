import { builtinModules } from "node:module";
import * as path from "node:path";
import eslint from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const root = import.meta.dirname;

/**
 * The dependency rule: what each layer may import. `layers` are folders of extension/, `types` those from which only types
 * may come; `packages` lists the npm packages, and is left out where any will do.
 */
const layers = {
  base: { layers: [], packages: [] },
  protocol: { layers: ["base"], packages: [] },
  core: { layers: ["base"], types: ["protocol"], packages: ["@huggingface/jinja", "@huggingface/tokenizers", "diff", "yaml"] },
  manifest: { layers: ["core", "base"], packages: [] },
  node: { layers: ["core", "protocol", "base"], node: true },
  worker: { layers: ["node", "core", "protocol", "base"], node: true },
  sidecar: { layers: ["node", "core", "protocol", "base"], node: true },
  cli: { layers: ["node", "core", "protocol", "base"], node: true },
  vscode: { layers: ["node", "manifest", "core", "protocol", "base"], node: true, packages: ["vscode"] },
  webview: { layers: ["core", "protocol", "base"] },
};

function layerOf(file) {
  const [top, folder] = path.relative(root, file).split(path.sep);
  return top === "webview" ? top : top === "extension" ? folder : undefined;
}

/** Says why a file of `layer` must not import `source`, or nothing. */
function importProblem(layer, file, source, typeOnly) {
  const rule = layers[layer];
  if (source.startsWith(".")) {
    const target = layerOf(path.resolve(path.dirname(file), source));
    if (target === undefined) return `leaves the layers: ${layer} must not import it.`;
    if (target === layer || rule.layers.includes(target)) return undefined;
    if (rule.types?.includes(target)) return typeOnly ? undefined : `${layer} may import only types from ${target}.`;
    return `${layer} must not import from ${target}.`;
  }
  if (source.startsWith("node:")) return rule.node ? undefined : `${layer} runs where Node's modules do not exist.`;
  if (builtinModules.includes(source)) return `write it as 'node:${source}'.`;
  if (source === "vscode" && layer !== "vscode") return "only extension/vscode may import vscode.";
  const listed = rule.packages?.some((name) => source === name || source.startsWith(`${name}/`)) ?? true;
  return listed ? undefined : `${layer} must not import this package.`;
}

const layerRule = {
  meta: { type: "problem", schema: [], messages: { forbidden: "'{{source}}': {{problem}} See the table in eslint.config.mjs." } },
  create(context) {
    const layer = layerOf(context.filename);
    if (layers[layer] === undefined) return {};
    const check = (node) => {
      if (node.source?.type !== "Literal") return;
      const source = node.source.value;
      const typeOnly = node.importKind === "type" || node.exportKind === "type";
      const problem = importProblem(layer, context.filename, source, typeOnly);
      if (problem !== undefined) context.report({ node: node.source, messageId: "forbidden", data: { source, problem } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};

const forbiddenSyntax = [
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
  { selector: "ExportAllDeclaration", message: "No barrels: import from the file that has it." },
  { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
  {
    selector: ":matches(PropertyDefinition, MethodDefinition[kind!='constructor'])[accessibility='private']",
    message: "Use #private members.",
  },
  { selector: "TSParameterProperty", message: "Declare the field and assign it." },
];

export default defineConfig(
  globalIgnores(["dist/", "out/", "**/node_modules/", "test/fixtures/"]),
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { tunesmith: { rules: { layers: layerRule } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      "tunesmith/layers": "error",
      "no-restricted-syntax": ["error", ...forbiddenSyntax],
      eqeqeq: "error",
      // JSON's own grammar speaks of control characters.
      "no-control-regex": "off",
      // Ports and handler tables are objects of plain functions, written as methods and often taken apart.
      "@typescript-eslint/unbound-method": "off",
      // An index signature has a name for what the keys are.
      "@typescript-eslint/consistent-indexed-object-style": "off",
      // A contract without methods or events is an empty table.
      "@typescript-eslint/no-generated-empty-object-type": "off",
      // `data["row"]` says that the key is data and not a member that the type promises.
      "@typescript-eslint/dot-notation": "off",
      // It asks for `!`, which the strict set forbids.
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      // Numbers read the same in a message whether or not they went through String().
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      // `while (true)` is how a scanner says that it leaves in the middle.
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // node:test waits for these itself.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] }] },
      ],
      // A test says what it expects to be there; where it is not, the test fails as it should.
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: {
      globals: {
        AbortController: "readonly",
        Buffer: "readonly",
        clearTimeout: "readonly",
        console: "readonly",
        performance: "readonly",
        process: "readonly",
        setTimeout: "readonly",
        URL: "readonly",
      },
    },
  },
);
