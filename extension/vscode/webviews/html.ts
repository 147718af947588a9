/** What a webview's page is made of. Addresses are those that the webview can load. */
export interface PageParts {
  /** The page's title, which screen readers tell. */
  readonly title: string;
  /** The language of its texts, as BCP 47 has it. */
  readonly language: string;
  readonly script: string;
  readonly styles: readonly string[];
  /** Where styles and fonts may come from, as `webview.cspSource` says. */
  readonly source: string;
  /** Unguessable, and another one for every page. */
  readonly nonce: string;
  /** Translations of the page's texts, by the English text. */
  readonly translations: Readonly<Record<string, unknown>>;
}

/**
 * The HTML of a webview. Nothing is loaded but our own script, styles and fonts; the page can neither fetch, nor be framed
 * elsewhere, nor send forms.
 */
export function pageHtml({ title, language, script, styles, source, nonce, translations }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    // Style sheets of the element library draw with them; they come from nowhere.
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const links = styles.map((style) => `<link rel="stylesheet" href="${escaped(style)}">`);
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
${links.join("\n")}
</head>
<body data-translations="${escaped(JSON.stringify(translations))}">
<main id="app"></main>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
