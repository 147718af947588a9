const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

/** Flags, width, modifier and directive, as glibc reads them. */
const CONVERSION = /%([_\-0^#]*)(\d*)([EO]?)(.)/gsu;

/** The directives that glibc does not take with the modifiers E and O. */
const WITHOUT_MODIFIER = { E: "aAbBdDeFgGhHIjklmMSUVwW", O: "aAcDFxXY" } as const;

/** The widest field. It keeps a format from making a text of any size. */
const MAX_WIDTH = 1024;

/**
 * Formats a local time as `datetime.strftime` of CPython on glibc does in the C locale. A directive that is not known stays
 * as it is written. Offset and zone (`%z`, `%Z`) are empty, because `datetime.now()` has none.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(CONVERSION, (written: string, flags: string, width: string, modifier: string, directive: string) => {
    // Python itself puts in the microseconds, and only for the plain form.
    if (written === "%f") return String(date.getMilliseconds() * 1000).padStart(6, "0");
    const known = modifier === "" || !WITHOUT_MODIFIER[modifier as "E" | "O"].includes(directive);
    const field = known ? fieldOf(date, directive) : undefined;
    return pad(field ?? unknownField(written, directive), flags, Math.min(Number(width), MAX_WIDTH));
  });
}

/** What a directive prints: a number with its own least width, or a text. */
type Field =
  | { readonly value: number; readonly digits: number; readonly fill: "0" | " " }
  | { readonly text: string; readonly sharp?: "upper" | "lower"; readonly fixed?: "case" | "all" };

/** What glibc does not know, it prints as it is written, but as a field. */
function unknownField(written: string, directive: string): Field {
  return "bBh".includes(directive) ? { text: written, sharp: "upper" } : { text: written };
}

function pad(field: Field, flags: string, width: number): string {
  // Of several fills the last one holds, as glibc reads them.
  const fill = /[_\-0](?=[^_\-0]*$)/.exec(flags)?.[0];
  if ("text" in field) {
    if (field.fixed === "all") return field.text;
    const upper = (flags.includes("^") && field.fixed !== "case") || (flags.includes("#") && field.sharp === "upper");
    const lower = flags.includes("#") && field.sharp === "lower";
    const text = lower ? field.text.toLowerCase() : upper ? field.text.toUpperCase() : field.text;
    return text.padStart(width, fill === "0" ? "0" : " ");
  }
  const own = fill === "0" ? "0" : fill === "_" ? " " : field.fill;
  const digits = fill === "-" ? 0 : field.digits;
  const text = String(field.value).padStart(digits, own);
  return text.padStart(width, fill === "-" ? " " : own);
}

function number(value: number, digits: number, fill: "0" | " " = "0"): Field {
  return { value, digits, fill };
}

function fieldOf(date: Date, directive: string): Field | undefined {
  const hour12 = date.getHours() % 12 === 0 ? 12 : date.getHours() % 12;
  const year = date.getFullYear();
  switch (directive) {
    case "a": return { text: (DAYS[date.getDay()] ?? "").slice(0, 3), sharp: "upper" };
    case "A": return { text: DAYS[date.getDay()] ?? "", sharp: "upper" };
    case "b": case "h": return { text: (MONTHS[date.getMonth()] ?? "").slice(0, 3), sharp: "upper" };
    case "B": return { text: MONTHS[date.getMonth()] ?? "", sharp: "upper" };
    case "C": return number(Math.floor(year / 100), 2);
    case "d": return number(date.getDate(), 2);
    case "e": return number(date.getDate(), 2, " ");
    case "g": return number(isoWeek(date).year % 100, 2);
    case "G": return number(isoWeek(date).year, 1);
    case "H": return number(date.getHours(), 2);
    case "I": return number(hour12, 2);
    case "j": return number(dayOfYear(date) + 1, 3);
    case "k": return number(date.getHours(), 2, " ");
    case "l": return number(hour12, 2, " ");
    case "m": return number(date.getMonth() + 1, 2);
    case "M": return number(date.getMinutes(), 2);
    case "n": return { text: "\n" };
    case "p": return { text: date.getHours() < 12 ? "AM" : "PM", sharp: "lower" };
    case "P": return { text: date.getHours() < 12 ? "am" : "pm", fixed: "case" };
    case "s": return number(Math.floor(date.getTime() / 1000), 1, " ");
    case "S": return number(date.getSeconds(), 2);
    case "t": return { text: "\t" };
    case "u": return number(date.getDay() === 0 ? 7 : date.getDay(), 1);
    case "U": return number(Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7), 2);
    case "V": return number(isoWeek(date).week, 2);
    case "w": return number(date.getDay(), 1);
    case "W": return number(Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7), 2);
    case "y": return number(year % 100, 2);
    case "Y": return number(year, 1);
    case "z": return { text: "", fixed: "all" };
    case "Z": return { text: "" };
    case "%": return { text: "%" };
    default: return compositeOf(date, directive);
  }
}

const COMPOSITES: Readonly<Record<string, string>> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  r: "%I:%M:%S %p",
  R: "%H:%M",
  T: "%H:%M:%S",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

function compositeOf(date: Date, directive: string): Field | undefined {
  const format = Object.hasOwn(COMPOSITES, directive) ? COMPOSITES[directive] : undefined;
  return format === undefined ? undefined : { text: strftime(date, format) };
}

/** Days since the first of January. */
function dayOfYear(date: Date): number {
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000;
}

/** ISO 8601: weeks begin on Monday, and the first week of a year is the one with its first Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate() + 4 - (date.getDay() === 0 ? 7 : date.getDay())));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 / 7) + 1 };
}
