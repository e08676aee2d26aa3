/**
 * The smallest name above every name that begins with `prefix`, in the order of their UTF-8 bytes; undefined when
 * nothing is above them all.
 */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const next = last.codePointAt(0)! + 1;
    // Surrogates are no characters of their own: the order of bytes goes from U+D7FF straight to U+E000.
    if (next <= 0x10ffff) return points.join("") + String.fromCodePoint(next === 0xd800 ? 0xe000 : next);
  }
  return undefined;
}

/** Compares as UTF-8 bytes do, which UTF-16 order does not for characters beyond U+FFFF. */
export function compareNames(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
