/**
 * What is to be found in a model's rows, once more and straight from the descriptions: Unsloth's `fix_untrained_tokens`, and
 * Magikarp's indicators with the threshold at the 2nd percentile. Written for being read, without a thought for speed, and
 * sharing nothing with the product.
 */
export interface PlainModel {
  readonly columns: number;
  /** Row after row. */
  readonly input: Float32Array;
  /** The very same where the matrices are tied. */
  readonly output: Float32Array;
  /** The element types, which `<= 1e-16` is compared in. */
  readonly inputDtype: string;
  readonly outputDtype: string;
  /** By id. */
  readonly tokens: readonly (string | undefined)[];
  /** The ids of bos, eos, unk, sep, pad, cls and mask, as far as there are any. */
  readonly special: readonly number[];
  /** Of a tied model, the rows that no text reaches. */
  readonly reference: readonly number[];
}

export interface PlainVerdicts {
  readonly zeroInput: readonly number[];
  readonly zeroOutput: readonly number[];
  readonly unsloth: readonly number[];
  readonly exempt: readonly number[];
  readonly nonFinite: readonly number[];
  readonly noToken: readonly number[];
  readonly noRow: readonly number[];
  readonly indicator: "l2" | "cosine";
  readonly values: readonly number[];
  readonly threshold: number;
  /** The lowest first. */
  readonly suspects: readonly number[];
}

/** 1e-16 in the type that torch converts it to. */
function epsOf(dtype: string): number {
  if (dtype === "BF16") return 1.0018028073766061e-16;
  if (dtype === "F16") return 0;
  return dtype === "F64" ? 1e-16 : Math.fround(1e-16);
}

function amax(row: readonly number[]): number {
  let max = -Infinity;
  for (const value of row) {
    if (Number.isNaN(value)) return Number.NaN;
    if (value > max) max = value;
  }
  return max;
}

const norm = (row: readonly number[]): number => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));

/** The bytes of a row that numpy rounded to three decimals, as text. */
function roundedBytes(row: readonly number[]): string {
  return row
    .map((value) => {
      const scaled = Math.fround(value * 1000);
      let whole = Math.round(Math.abs(scaled));
      if (Math.abs(scaled) % 1 === 0.5) whole = Math.floor(Math.abs(scaled)) % 2 === 0 ? Math.floor(Math.abs(scaled)) : Math.ceil(Math.abs(scaled));
      const rounded = Math.fround(whole / 1000);
      const negative = scaled < 0 || Object.is(scaled, -0);
      return Number.isNaN(scaled) ? "nan" : `${negative ? "-" : "+"}${rounded}`;
    })
    .join(" ");
}

export function plainVerdicts(model: PlainModel): PlainVerdicts {
  const { columns, tokens, special, reference } = model;
  const rowsOf = (values: Float32Array): number[][] => Array.from({ length: values.length / columns }, (_, row) => Array.from(values.subarray(row * columns, (row + 1) * columns)));
  const input = rowsOf(model.input);
  const tied = model.output === model.input;
  const output = tied ? input : rowsOf(model.output);
  const idsWhere = (count: number, test: (id: number) => boolean): number[] => Array.from({ length: count }, (_, id) => id).filter(test);

  // Unsloth's steps 3 to 7.
  const shared = Math.min(input.length, output.length);
  const zeroInput = idsWhere(input.length, (id) => amax(input[id]!) <= epsOf(model.inputDtype));
  const zeroOutput = idsWhere(output.length, (id) => amax(output[id]!) <= epsOf(model.outputDtype));
  const first = zeroInput.filter((id) => id < shared);
  const keys = new Map(first.map((id) => [id, roundedBytes(output[id]!)]));
  const isRepeated = (id: number): boolean => first.filter((other) => keys.get(other) === keys.get(id)).length >= 2;
  const both = first.filter((id) => tied || zeroOutput.includes(id) || isRepeated(id));

  // Magikarp's indicator and candidates; every token of these models is one that text can become.
  const mean = Array.from({ length: columns }, (_, column) => {
    const finite = reference.filter((id) => output[id]!.every(Number.isFinite));
    return finite.reduce((sum, id) => sum + output[id]![column]!, 0) / Math.max(1, finite.length);
  });
  const norms = output.map(norm).filter(Number.isFinite).sort((a, b) => a - b);
  const hasDirection = tied && reference.length > 0 && norm(mean) * norms[norms.length >> 1]! >= 1e-6;
  const dot = (row: readonly number[]): number => row.reduce((sum, value, column) => sum + value * mean[column]!, 0);
  const values = hasDirection ? output.map((row) => 1 - dot(row) / Math.max(norm(mean) * norm(row), 1e-6)) : input.map(norm);
  const used = idsWhere(Math.min(values.length, tokens.length), (id) => tokens[id] !== undefined && Number.isFinite(values[id]));
  const ordinary = used.filter((id) => !special.includes(id)).map((id) => values[id]!).sort((a, b) => a - b);
  const place = (ordinary.length - 1) * 0.02;
  const [below, above] = [ordinary[Math.floor(place)]!, ordinary[Math.ceil(place)]!];
  const threshold = below + (above - below) * (place - Math.floor(place));
  return {
    zeroInput,
    zeroOutput,
    unsloth: both.filter((id) => !special.includes(id)),
    exempt: both.filter((id) => special.includes(id)),
    nonFinite: idsWhere(Math.max(input.length, output.length), (id) => [...(input[id] ?? []), ...(output[id] ?? [])].some((value) => !Number.isFinite(value))),
    noToken: idsWhere(input.length, (id) => tokens[id] === undefined),
    noRow: idsWhere(tokens.length, (id) => tokens[id] !== undefined && id >= shared),
    indicator: hasDirection ? "cosine" : "l2",
    values,
    threshold,
    suspects: used.filter((id) => values[id]! <= threshold).sort((a, b) => values[a]! - values[b]! || a - b),
  };
}
