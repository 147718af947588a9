/** The page's translations, which the host has put into its body. */
const translations = JSON.parse(document.body.dataset["translations"] ?? "{}") as Readonly<Record<string, unknown>>;

/** A text in the user's language, with its arguments for `{0}`, `{1}` and so on; the English one where there is no other. */
export function t(text: string, ...args: readonly (string | number)[]): string {
  const found = translations[text];
  const format = typeof found === "string" ? found : text;
  return format.replaceAll(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}

/** A number as the user's language writes it. */
export function formatNumber(value: number): string {
  return NUMBERS.format(value);
}

const NUMBERS = new Intl.NumberFormat(document.documentElement.lang);
