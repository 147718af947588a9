import { mkdirSync } from "node:fs";
import * as path from "node:path";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { launchBrowser } from "./browser";
import { output, stagedExtension } from "./paths";
import { type Settings, WorkbenchServer } from "./server";
import { until } from "./wait";

/** A cold first start of workbench and extension host. */
const openTimeoutMs = 120_000;
const actionTimeoutMs = 20_000;

/** What `workbench.colorTheme` takes, what the theme picker shows, and the class that the workbench has while it is on. */
const themes = {
  dark: { name: "Dark Modern", label: "Dark Modern", loaded: ".monaco-workbench.vs-dark[class*='dark_modern']" },
  light: { name: "Light Modern", label: "Light Modern", loaded: ".monaco-workbench.vs[class*='light_modern']" },
  "high-contrast": { name: "Default High Contrast", label: "Dark High Contrast", loaded: ".monaco-workbench.hc-black" },
  "high-contrast-light": {
    name: "Default High Contrast Light",
    label: "Light High Contrast",
    loaded: ".monaco-workbench.hc-light",
  },
} as const;

export type Theme = keyof typeof themes;

/** A row of the Problems panel. Lines and columns are 1-based. */
export interface Problem {
  /** The file's name, without its folder. */
  readonly file: string;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  readonly source: string;
  /** The rule, for what Tunesmith finds; "" without one. */
  readonly code: string;
  readonly line: number;
  readonly column: number;
}

export interface OpenOptions {
  readonly folder: string;
  /** The unpacked extension to load; this repository's, as it is packaged, when left out. */
  readonly extension?: string;
  /** A packed extension that is installed instead. */
  readonly vsix?: string;
  /** User settings besides those that keep the workbench quiet. */
  readonly settings?: Settings;
  /** Of the extension host, besides what it has anyway. */
  readonly env?: Readonly<Record<string, string>>;
  readonly theme?: Theme;
  readonly size?: { readonly width: number; readonly height: number };
}

/**
 * VS Code's real workbench in a real browser, as a person sees it. Every method waits for what it does; when that does not
 * come, the error carries the logs of the server and of the extension host, and a screenshot is left in `out/screenshots`.
 */
export class Workbench {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: WorkbenchServer;

  private constructor(server: WorkbenchServer, browser: Browser, page: Page) {
    this.#server = server;
    this.#browser = browser;
    this.page = page;
    page.setDefaultTimeout(actionTimeoutMs);
  }

  /** Opens a folder with the development extension and waits for the Explorer to list it. */
  static async open(options: OpenOptions): Promise<Workbench> {
    const theme = options.theme ?? "dark";
    const settings = { "workbench.colorTheme": themes[theme].name, ...options.settings };
    const server = await WorkbenchServer.start({ settings, vsix: options.vsix, ...(options.env === undefined ? {} : { env: options.env }) });
    let browser: Browser | undefined;
    try {
      browser = await launchBrowser();
      const page = await browser.newPage({ viewport: options.size ?? { width: 1280, height: 800 }, locale: "en-US", permissions: ["clipboard-read", "clipboard-write"] });
      server.watch(page);
      const workbench = new Workbench(server, browser, page);
      await workbench.#step("opening the workbench", async () => {
        await page.goto(server.url(options.folder, options.vsix === undefined ? { extension: options.extension ?? stagedExtension } : {}), { timeout: openTimeoutMs });
        await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: openTimeoutMs });
        await page.locator(themes[theme].loaded).waitFor();
      });
      return workbench;
    } catch (error) {
      await browser?.close();
      await server.stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
  }

  /** Opens a file of the workspace by Quick Open. */
  async openFile(name: string): Promise<void> {
    await this.#step(`opening ${name}`, async () => {
      await this.page.keyboard.press("Control+P");
      await this.#pick(name, name);
      await this.page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
    });
  }

  /** Runs a command from the Command Palette by the title that the palette shows, `Category: Title`. */
  async runCommand(title: string): Promise<void> {
    await this.#step(`running '${title}'`, async () => {
      await this.page.keyboard.press("F1");
      await this.#pick(`>${title}`, title);
    });
  }

  /** Chooses an entry of the quick input that an earlier action opened. */
  async pickEntry(label: string): Promise<void> {
    await this.#step(`choosing '${label}'`, () => this.#pick(label, label));
  }

  /** Waits until the active editor underlines something of this severity, and returns the underlines seen. */
  async squiggles(severity: Problem["severity"] = "error"): Promise<Locator> {
    return await this.#step(`waiting for ${severity} squiggles`, async () => {
      const squiggles = this.page.locator(`.editor-instance .squiggly-${severity}`);
      // The first ones come with the first start of the extension.
      await squiggles.first().waitFor({ timeout: openTimeoutMs });
      return squiggles;
    });
  }

  /** Opens the Problems panel and reads all of it once `enough` accepts it: by default, once there is a row. */
  async problems(enough: (problems: readonly Problem[]) => boolean = (all) => all.length > 0): Promise<readonly Problem[]> {
    return await this.#step("reading the Problems panel", async () => {
      await this.#showProblems();
      return await until("problems", () => this.#readProblems(), enough);
    });
  }

  /** The texts of the language status items of the active editor, once `enough` accepts them: by default, once there is one. */
  async languageStatus(enough: (texts: readonly string[]) => boolean = (texts) => texts.length > 0): Promise<readonly string[]> {
    return await this.#step("reading the language status", () => {
      return until("language status", () => this.#readLanguageStatus(), enough);
    });
  }

  /** Opens the card of the language status, as a pointer resting on it does, and returns its text. */
  async showLanguageStatus(): Promise<string> {
    return await this.#step("opening the language status", async () => {
      await this.page.locator("[id='status.languageStatus']").hover();
      const card = this.page.locator(".hover-language-status").first();
      await card.waitFor();
      return await card.innerText();
    });
  }

  /** The texts of the status bar's entries. */
  async statusBar(): Promise<readonly string[]> {
    return await this.page.locator(".statusbar-item").evaluateAll((items) => {
      return items.map((item) => item.getAttribute("aria-label") ?? item.textContent);
    });
  }

  /** Rests the pointer on the first place in the active editor where `text` stands, and returns the hover's text. */
  async hover(text: string): Promise<string> {
    return await this.#step(`hovering '${text}'`, async () => {
      const place = await until(`'${text}' in view`, () => this.#locate(text), (found) => found !== undefined);
      await this.page.mouse.move(place?.x ?? 0, place?.y ?? 0, { steps: 3 });
      const hover = this.page.locator(".editor-instance .monaco-hover:not(.hidden) .hover-row, .monaco-editor-hover:not(.hidden) .hover-row");
      await hover.first().waitFor();
      return (await hover.allInnerTexts()).join("\n");
    });
  }

  /** The document inside the first webview that is ready. */
  webview(): FrameLocator {
    return this.page.locator("iframe.webview.ready").first().contentFrame().frameLocator("iframe#active-frame");
  }

  /** Changes the colour theme by VS Code's own picker, and waits until it is on. */
  async setTheme(theme: Theme): Promise<void> {
    await this.#step(`switching to the ${theme} theme`, async () => {
      const { label, loaded } = themes[theme];
      await this.page.keyboard.press("F1");
      await this.#pick(">Preferences: Color Theme", "Preferences: Color Theme");
      await this.#pick(label, label);
      await this.page.locator(loaded).waitFor();
    });
  }

  /** Writes what is on the screen to `out/screenshots/<name>.png`, or to `file`. */
  async screenshot(name: string, file = path.join(output, "screenshots", `${name}.png`)): Promise<void> {
    mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  async #step<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const name = `failure-${what.replaceAll(/[^\w-]+/g, "-").slice(0, 60)}`;
      await this.screenshot(name).catch(() => undefined);
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Failed ${what}: ${reason}\nScreenshot: out/screenshots/${name}.png\n${this.#server.logTail()}`, { cause: error });
    }
  }

  async #pick(typed: string, label: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input[type=text], .quick-input-widget input.input").first();
    await input.waitFor();
    await input.fill(typed);
    // Entries' accessible names begin with their label; a key binding, a folder or "recently used" may follow.
    await this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first().click();
  }

  async #showProblems(): Promise<void> {
    const panel = this.page.locator(".markers-panel-container");
    if (!(await panel.isVisible())) await this.page.keyboard.press("Control+Shift+M");
    await panel.waitFor();
  }

  /** The list only holds the rows in view, so it is scrolled from top to bottom. */
  async #readProblems(): Promise<readonly Problem[]> {
    const list = this.page.locator(".markers-panel .monaco-list").first();
    if (!(await list.isVisible())) return [];
    const rows = new Map<number, ProblemRow>();
    const collect = async (): Promise<boolean> => {
      const before = rows.size;
      for (const row of await readProblemRows(list)) rows.set(row.index, row);
      return rows.size > before;
    };
    await list.hover();
    await this.page.mouse.wheel(0, -100_000);
    while (await collect()) {
      await this.page.mouse.wheel(0, 100);
      await this.page.waitForTimeout(100);
    }
    await this.page.mouse.wheel(0, -100_000);
    return withFiles([...rows.values()]);
  }

  async #readLanguageStatus(): Promise<readonly string[]> {
    const item = this.page.locator("[id='status.languageStatus']");
    if (!(await item.isVisible())) return [];
    const label = (await item.getAttribute("aria-label")) ?? "";
    return label
      .replace(/^Editor Language Status: /, "")
      .split("\n")
      .filter((text) => text !== "");
  }

  async #locate(text: string): Promise<{ x: number; y: number } | undefined> {
    return await this.page.locator(".editor-instance .view-line").evaluateAll((lines, wanted) => {
      for (const line of lines) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          // The editor shows spaces as no-break spaces.
          const index = (node.textContent ?? "").replaceAll("\u00a0", " ").indexOf(wanted);
          if (index < 0) continue;
          const range = document.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + wanted.length);
          const box = range.getBoundingClientRect();
          const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
          // What is scrolled away or covered cannot be pointed at.
          if (document.elementFromPoint(place.x, place.y)?.closest(".view-line") === line) return place;
        }
      }
      return undefined;
    }, text);
  }
}

/** A row of the list: a file, or a problem of the file above it. */
interface ProblemRow {
  readonly index: number;
  readonly file?: string;
  readonly problem?: Omit<Problem, "file">;
}

function withFiles(rows: readonly ProblemRow[]): readonly Problem[] {
  let file = "";
  return rows
    .toSorted((a, b) => a.index - b.index)
    .flatMap((row) => {
      file = row.file ?? file;
      return row.problem === undefined ? [] : [{ file, ...row.problem }];
    });
}

/** Reads the rows in view. Related places, at level 3, are left out. */
async function readProblemRows(list: Locator): Promise<readonly ProblemRow[]> {
  return await list.locator(".monaco-list-rows > .monaco-list-row:not([aria-level='3'])").evaluateAll((rows) => {
    const text = (row: Element, selector: string): string => row.querySelector(selector)?.textContent.trim() ?? "";
    return rows.map((row) => {
      const index = Number(row.getAttribute("data-index"));
      if (row.getAttribute("aria-level") === "1") return { index, file: text(row, ".label-name") };
      const place = /Ln (\d+), Col (\d+)/.exec(text(row, ".marker-line"));
      const icon = row.querySelector(".marker-icon")?.classList;
      const severity = icon?.contains("error") ? "error" : icon?.contains("warning") ? "warning" : "info";
      const problem = {
        severity,
        message: text(row, ".marker-message"),
        source: text(row, ".marker-source"),
        code: text(row, ".marker-code"),
        line: Number(place?.[1] ?? 0),
        column: Number(place?.[2] ?? 0),
      } as const;
      return { index, problem };
    });
  });
}
