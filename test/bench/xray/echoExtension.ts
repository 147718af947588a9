import * as vscode from "vscode";

/** The least that an X-ray could do: tells a page of every change, and the page shows that it was told. It is the whole extension. */
export function activate({ subscriptions }: vscode.ExtensionContext): void {
  subscriptions.push(vscode.commands.registerCommand("echo.open", open));
}

function open(): void {
  const panel = vscode.window.createWebviewPanel("echo", "Echo", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { enableScripts: true });
  panel.webview.html = PAGE;
  const changes = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0) void panel.webview.postMessage(document.version);
  });
  panel.onDidDispose(() => void changes.dispose());
}

/** It says what it has drawn as the page of the X-ray does. */
const PAGE = `<!DOCTYPE html>
<html lang="en">
<body>
<main id="app">0</main>
<script>
  const app = document.getElementById("app");
  window.addEventListener("message", ({ data }) => {
    app.textContent = data;
    requestAnimationFrame(() => setTimeout(() => (app.dataset.version = data)));
  });
</script>
</body>
</html>
`;
