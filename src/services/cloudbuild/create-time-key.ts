/** Where a list that is ordered by time of creation goes on. */
export interface CreateTimeKey {
  readonly createTimeMs: number;
  readonly name: string;
}

/** The text of a key, for page tokens. */
export function formatCreateTimeKey({ createTimeMs, name }: CreateTimeKey): string {
  return `${createTimeMs}/${name}`;
}

/** Reads what formatCreateTimeKey wrote. */
export function parseCreateTimeKey(text: string): CreateTimeKey {
  const slash = text.indexOf("/");
  return { createTimeMs: Number(text.slice(0, slash)), name: text.slice(slash + 1) };
}
