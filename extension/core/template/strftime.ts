const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];

/**
 * Formats a local time as Python's `strftime` does in the C locale, for the directives that chat templates use. A directive
 * that is not known stays as it is written, as glibc has it.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(.)/gs, (written, directive: string) => directiveText(date, directive) ?? written);
}

function directiveText(date: Date, directive: string): string | undefined {
  const two = (value: number): string => String(value).padStart(2, "0");
  const hour12 = date.getHours() % 12 === 0 ? 12 : date.getHours() % 12;
  const day = DAYS[date.getDay()] ?? "";
  const month = MONTHS[date.getMonth()] ?? "";
  switch (directive) {
    case "a": return day.slice(0, 3);
    case "A": return day;
    case "b": case "h": return month.slice(0, 3);
    case "B": return month;
    case "d": return two(date.getDate());
    case "e": return String(date.getDate()).padStart(2, " ");
    case "D": return `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`;
    case "F": return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    case "H": return two(date.getHours());
    case "I": return two(hour12);
    case "j": return String(dayOfYear(date)).padStart(3, "0");
    case "m": return two(date.getMonth() + 1);
    case "M": return two(date.getMinutes());
    case "p": return date.getHours() < 12 ? "AM" : "PM";
    case "S": return two(date.getSeconds());
    case "T": return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    case "w": return String(date.getDay());
    case "y": return two(date.getFullYear() % 100);
    case "Y": return String(date.getFullYear());
    case "%": return "%";
    default: return undefined;
  }
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 1);
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / 86_400_000 + 1;
}
