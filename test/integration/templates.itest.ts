import * as assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import * as vscode from "vscode";
import { until } from "../support/wait";
import { diagnosticsOf, reset, seen, show, writeFile } from "./workspace";

let templates = 0;

/** Writes a template under a name of its own, and opens it. `$0` is taken out; its place is returned. */
async function open(text: string, name = `data/template-${++templates}.jinja`): Promise<{ readonly document: vscode.TextDocument; readonly position: vscode.Position }> {
  const offset = text.indexOf("$0");
  const uri = writeFile(name, text.replace("$0", ""));
  const document = await show(uri);
  return { document, position: document.positionAt(Math.max(0, offset)) };
}

/** A template that only hints have something to say about. */
const SOUND = "{%- for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

describe("a template's language", () => {
  afterEach(reset);

  it("is ours where no other extension gives one", async () => {
    for (const name of ["data/chat_template.jinja", "data/adopted.jinja", "data/adopted.j2", "data/adopted.jinja2"]) {
      const { document } = await open(SOUND, name);
      await until(`the language of ${name}`, () => Promise.resolve(vscode.window.activeTextEditor?.document.languageId), (id) => id === "jinja-chat-template");
      assert.equal(document.uri.path, vscode.window.activeTextEditor?.document.uri.path);
    }
  });

  it("stays what a user makes it", async () => {
    const { document } = await open(SOUND, "data/chosen.jinja");
    await until("our language", () => Promise.resolve(vscode.window.activeTextEditor?.document.languageId), (id) => id === "jinja-chat-template");
    await vscode.languages.setTextDocumentLanguage(document, "plaintext");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(vscode.window.activeTextEditor?.document.languageId, "plaintext");
  });
});

describe("a chat template's layout", () => {
  afterEach(reset);

  it("is made by the formatter, with the editor's own indentation", async () => {
    const { document } = await open("{%for m in messages%}\n{%-if m.role%}\n{{-m.content}}\n{%endif%}\n{%endfor%}", "data/chat_template.jinja");
    const edits = await until(
      "the formatter",
      async () => await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>("vscode.executeFormatDocumentProvider", document.uri, { insertSpaces: true, tabSize: 2 }),
      (found) => (found?.length ?? 0) > 0,
    );
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, edits ?? []);
    await vscode.workspace.applyEdit(edit);
    assert.equal(document.getText(), "{% for m in messages %}\n  {%- if m.role %}\n    {{- m.content }}\n  {% endif %}\n{% endfor %}");
  });
});

describe("a chat template's findings", () => {
  afterEach(reset);

  it("stand where they are, and go when they are mended", async () => {
    const { document } = await open(`{{ messages }}\n{{ a b }}\n{% if x is blah %}{% endif %}`);
    const found = await diagnosticsOf(document.uri, (all) => all.length >= 2);
    assert.deepEqual([...found].sort(), ["template/syntax 2:6-2:7 Error", "template/unknown-test 3:12-3:16 Error"]);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, 3, 0), SOUND);
    await vscode.workspace.applyEdit(edit);
    await diagnosticsOf(document.uri, (all) => all.every((each) => !each.endsWith("Error")));
  });

  it("have the severities of the settings, and codes that lead to the rules", async () => {
    const { document } = await open(SOUND.replace("message.content", "message.content | trimm"));
    await diagnosticsOf(document.uri, (all) => all.some((each) => /^template\/unknown-filter .* Error$/.test(each)));
    const code = vscode.languages.getDiagnostics(document.uri).find(({ code: each }) => typeof each === "object" && each.value === "template/unknown-filter")?.code;
    assert.match(typeof code === "object" ? code.target.toString(true) : "", /rules\.md#L\d+$/);
    await vscode.workspace.getConfiguration("tunesmith").update("rules", { "template/unknown-filter": "info" }, vscode.ConfigurationTarget.Workspace);
    await diagnosticsOf(document.uri, (all) => all.some((each) => /^template\/unknown-filter .* Information$/.test(each)));
  });

  it("are none in templates that are for something else", async () => {
    const { document } = await open("<h1>{{ title | nofilter }}</h1>{% trans %}", "data/page.html.j2");
    const other = await open(SOUND.replace("message.content", "message.content | nofilter"));
    await diagnosticsOf(other.document.uri, (all) => all.length > 0);
    assert.deepEqual(seen(document.uri), []);
  });

  it("show the two prompts that a probe's finding rests on", async () => {
    const { document } = await open(SOUND.replace("'<|assistant|>'", "'<|model|>'"));
    await diagnosticsOf(document.uri, (all) => all.some((each) => each.startsWith("template/generation-prefix")));
    const place = vscode.languages.getDiagnostics(document.uri).find(({ code }) => typeof code === "object" && code.value === "template/generation-prefix")!.range;
    assert.equal(document.getText(place), "<|model|>");
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", document.uri, place);
    const action = actions.find(({ title }) => title === "Compare the two prompts");
    assert.ok(action?.command !== undefined, actions.map(({ title }) => title).join(", "));
    await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments as unknown[]));
    const input = await until("the diff", () => Promise.resolve(vscode.window.tabGroups.activeTabGroup.activeTab?.input), (found) => found instanceof vscode.TabInputTextDiff);
    const { original, modified } = input as vscode.TabInputTextDiff;
    const [before, after] = await Promise.all([original, modified].map(async (uri) => (await vscode.workspace.openTextDocument(uri)).getText()));
    assert.match(before ?? "", /<\|assistant\|>/);
    assert.match(after ?? "", /<\|model\|>/);
  });

  it("are reported for templates that run away, and the editor goes on", async () => {
    const { document } = await open(`{% for a in range(99999) %}{% for b in range(99999) %}{{ messages }}{% endfor %}{% endfor %}`);
    await diagnosticsOf(document.uri, (all) => all.some((each) => each.startsWith("template/too-slow")));
  });
});

describe("in a chat template", () => {
  afterEach(reset);

  it("a hover shows the value, the documentation and the prompt", async () => {
    const { document, position } = await open(SOUND.replace("message.role", "message.ro$0le"));
    const text = await hoverText(document, position);
    assert.match(text, /Who speaks/);
    assert.match(text, /'user'/);
    assert.match(text, /<strong><span[^>]*><span[^>]*>user</);
    assert.match(text, /Multi turn/);
  });

  it("a hover explains filters and tags", async () => {
    const filter = await open(SOUND.replace("message.content", "message.content | tr$0im"));
    assert.match(await hoverText(filter.document, filter.position), /white space at both ends/);
    const tag = await open(SOUND.replace("{%- for", "{%- f$0or"));
    assert.match(await hoverText(tag.document, tag.position), /Renders its body for each item/);
  });

  it("completion knows filters, fields and names", async () => {
    for (const [text, label] of [["{{ messages | toj$0 }}", "tojson"], ["{% for m in messages %}{{ m.$0 }}{% endfor %}", "tool_calls"], ["{% set total = messages %}{{ $0 }}", "total"], ["{{ messages }}{% $0", "generation"], ["{{ messages }}<$0", "<s>"]] as const) {
      const { document, position } = await open(text);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, position);
      const labels = list.items.map((item) => (typeof item.label === "string" ? item.label : item.label.label));
      assert.ok(labels.includes(label), `${label} in ${labels.slice(0, 40).join(" ")}`);
    }
  });

  it("outline and folding show its blocks", async () => {
    const { document } = await open("{% macro turn(m) %}\n{{ m }}\n{% endmacro %}\n{% for m in messages %}\n{% if m %}\n{{ turn(m) }}\n{% endif %}\n{% endfor %}");
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", document.uri);
    assert.deepEqual(symbols.map(({ name, children }) => [name, children.map((child) => child.name)]), [["turn(m)", []], ["for m in messages", ["if m"]]]);
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", document.uri);
    assert.deepEqual(folds.map(({ start, end }) => [start, end]), [[0, 1], [3, 6], [4, 5]]);
  });

  it("definitions, references and rename follow scopes", async () => {
    const { document, position } = await open("{% macro turn(m) %}{{ m }}{% endmacro %}{% for m in messages %}{{ turn(m$0) }}{% endfor %}");
    const [definition] = await vscode.commands.executeCommand<vscode.LocationLink[]>("vscode.executeDefinitionProvider", document.uri, position);
    assert.equal(document.offsetAt(definition!.targetSelectionRange!.start), document.getText().indexOf("m in messages"));
    const references = await vscode.commands.executeCommand<vscode.Location[]>("vscode.executeReferenceProvider", document.uri, position);
    assert.equal(references.length, 2);
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", document.uri, position, "message");
    await vscode.workspace.applyEdit(edit);
    assert.equal(document.getText(), "{% macro turn(m) %}{{ m }}{% endmacro %}{% for message in messages %}{{ turn(message) }}{% endfor %}");
    await vscode.commands.executeCommand("undo");
    assert.match(document.getText(), /for m in messages/);
    await assert.rejects(async () => {
      await vscode.commands.executeCommand("vscode.executeDocumentRenameProvider", document.uri, document.positionAt(document.getText().indexOf("messages")), "rows");
    });
  });
});

async function hoverText(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, position);
  return hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : ""))).join("\n");
}
