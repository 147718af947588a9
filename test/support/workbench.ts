import { mkdirSync } from "node:fs";
import * as path from "node:path";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { launchBrowser } from "./browser";
import { output, root, stagedExtension } from "./paths";
import { type Settings, WorkbenchServer } from "./server";
import { until } from "./wait";

/** A cold first start of workbench and extension host. */
const openTimeoutMs = 120_000;
const actionTimeoutMs = 60_000;
/** From a key to the menu that it opens. */
const menuTimeoutMs = 5_000;

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

/** Where something is on the screen, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** An element that the editor draws below or above text. */
export interface Mark extends Box {
  /** The sides that have a line, and its style: "left solid". */
  readonly border: string;
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
        await page.locator(themes[theme].loaded).waitFor({ timeout: openTimeoutMs });
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
      const entries = this.page.locator(".hover-language-status");
      await entries.first().waitFor();
      return (await entries.allInnerTexts()).join("\n");
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
      const box = await this.boxOf(text);
      await this.page.mouse.move((box.left + box.right) / 2, (box.top + box.bottom) / 2, { steps: 3 });
      const hover = this.page.locator(".editor-instance .monaco-hover:not(.hidden) .hover-row, .monaco-editor-hover:not(.hidden) .hover-row");
      await hover.first().waitFor();
      // VS Code says that it is loading while a provider takes its time.
      return await until("the hover's text", async () => (await hover.allInnerTexts()).join("\n"), (said) => said !== "" && !said.split("\n").includes("Loading..."));
    });
  }

  /** Puts the cursor before `text`, waits for the light bulb, and opens its menu: the entries. */
  async quickFixes(text: string): Promise<Locator> {
    return await this.#step(`looking for quick fixes of '${text}'`, async () => {
      const { left, top, bottom } = await this.boxOf(text);
      const click = (x: number): Promise<void> => this.page.mouse.click(x, (top + bottom) / 2);
      // The light bulb comes when the cursor moves, so it must not be there already.
      await click(left + 30);
      await click(left + 1);
      // Asked for before, the menu would tell what was there then.
      await this.page.locator(".editor-instance [class*='gutter-lightbulb'], .editor-instance .lightBulbWidget").first().waitFor();
      const entries = this.page.locator(".action-widget .monaco-list-row");
      // What is still being drawn may close the menu again.
      const open = async (): Promise<boolean> => {
        await this.page.keyboard.press("Control+.");
        return await entries.first().waitFor({ timeout: menuTimeoutMs }).then(() => true, () => false);
      };
      await until("the menu", open, (isOpen) => isOpen);
      return entries;
    });
  }

  /** Waits until `text` stands in the active editor and nothing covers it, and returns where. */
  async boxOf(text: string): Promise<Box> {
    const found = await this.#step(`looking for '${text}'`, () => until(`'${text}' in view`, () => this.look(text, ""), ({ boxes }) => boxes.length > 0));
    return found.boxes[0] as Box;
  }

  /**
   * What can be seen in the active editor, all at one moment: inlay hints that come and go move the text. `boxes` are the
   * places of `text`, each within a line; `marks` are the elements that `selector` names, on those lines.
   */
  async look(text: string, selector: string): Promise<{ readonly boxes: readonly Box[]; readonly marks: readonly Mark[] }> {
    return await this.page.evaluate(
      ({ wanted, selector: marked }) => {
        // While a webview has the focus, the editors beside it are looked at.
        const editor = document.querySelector(".editor-group-container.active .editor-instance .monaco-editor") ?? document;
        const boxes: Box[] = [];
        for (const line of editor.querySelectorAll(".view-line")) {
          // The text of a line is in as many pieces as it has colours.
          const pieces: Text[] = [];
          const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) pieces.push(node as Text);
          // The editor shows spaces as no-break spaces.
          const whole = pieces.map(({ data }) => data).join("").replaceAll("\u00a0", " ");
          for (let at = whole.indexOf(wanted); at !== -1; at = whole.indexOf(wanted, at + 1)) {
            const range = document.createRange();
            let passed = 0;
            for (const piece of pieces) {
              if (at >= passed && at < passed + piece.length) range.setStart(piece, at - passed);
              const end = at + wanted.length - passed;
              if (end > 0 && end <= piece.length) range.setEnd(piece, end);
              passed += piece.length;
            }
            const { left, right, top, bottom } = range.getBoundingClientRect();
            const inView = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)?.closest(".view-line") === line;
            if (inView) boxes.push({ left, right, top, bottom });
          }
        }
        const onLines = ({ top, bottom }: Box): boolean => boxes.some((box) => top < box.bottom && bottom > box.top);
        const marks = (marked === "" ? [] : [...editor.querySelectorAll(marked)]).map((mark): Mark => {
          const { left, right, top, bottom } = mark.getBoundingClientRect();
          const style = getComputedStyle(mark);
          const lines = ["left", "right", "top", "bottom"].filter((side) => style.getPropertyValue(`border-${side}-width`) !== "0px");
          return { left, right, top, bottom, border: lines.map((side) => `${side} ${style.getPropertyValue(`border-${side}-style`)}`).join(", ") };
        });
        return { boxes, marks: marks.filter(onLines) };
      },
      { wanted: text, selector },
    );
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

  /** Writes what is on the screen to `out/screenshots/<name>.png`, and returns it. */
  async screenshot(name: string): Promise<Buffer> {
    const file = path.join(output, "screenshots", `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    return await this.page.screenshot({ path: file });
  }

  /**
   * Takes a screenshot that the README shows in the light and the dark theme. Those in the tree are only replaced on request,
   * with `UPDATE_SCREENSHOTS=1`, so that a test run leaves it as it was.
   */
  async picture(name: string, theme: Theme): Promise<void> {
    const picture = await this.screenshot(`${name}-${theme}`);
    if (process.env.UPDATE_SCREENSHOTS !== "1" || theme.startsWith("high")) return;
    const { default: sharp } = await import("sharp");
    // 256 colours are enough for an editor, and take a third of the space.
    await sharp(picture).png({ palette: true, effort: 10 }).toFile(path.join(root, "extension", "assets", `screenshot-${name}-${theme}.png`));
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
      .split(", next: ")
      .filter((text) => text !== "");
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
