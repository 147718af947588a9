const integer = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `1204` as `1,204`. */
export function count(value: number): string {
  return integer.format(value);
}

/** `1 row`, `1,204 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** A number of bytes in decimal units, as file managers show it: `1.2 MB`. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = 0;
  // 999.5 would be rounded to 1000.
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 || scaled >= 99.5 ? scaled.toFixed(0) : scaled.toFixed(1)} ${units[unit] ?? ""}`;
}

/** A duration: `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
