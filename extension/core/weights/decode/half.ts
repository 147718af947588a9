let table: Uint32Array<ArrayBuffer> | undefined;

/** The bits of the 32-bit float for every 16-bit one (IEEE 754 binary16), made on first use: 256 KiB. */
export function halfBits(): Uint32Array<ArrayBuffer> {
  table ??= makeTable();
  return table;
}

/** The values of all 16-bit floats by their bits. */
export function halfValues(): Float32Array {
  return new Float32Array(halfBits().buffer);
}

function makeTable(): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(65536);
  const values = new Float32Array(bits.buffer);
  for (let code = 0; code < 32768; code++) {
    const exponent = code >> 10;
    const mantissa = code & 1023;
    if (exponent === 0) values[code] = mantissa * 2 ** -24;
    else bits[code] = ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
    bits[code + 32768] = (bits[code] as number) | 0x80000000;
  }
  return bits;
}
