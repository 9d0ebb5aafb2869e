/**
 * Which plain words YAML 1.1 takes for numbers (yaml.org/type/int.html and float.html), as PyYAML holds to it: an exponent needs its dot and
 * its sign, `08` is text.
 */
const int = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][\d_]*|0x[\da-fA-F_]+|[1-9][\d_]*(?::[0-5]?\d)+)$/
const float = /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.[\d_]+(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** What PyYAML reads where the parser read this value of YAML 1.1: dates, `y`, `n` and much that looks like a number stay text. */
export const olderValue = (written: string, value: unknown): unknown => {
  if (value instanceof Date) return written
  if (typeof value === 'boolean') return /^[yn]$/i.test(written) ? written : value
  if (typeof value === 'number' || typeof value === 'bigint') return int.test(written) || float.test(written) ? value : written
  return value
}
