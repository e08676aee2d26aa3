import { readFileSync } from "node:fs";
import { parse } from "smol-toml";

export type Table = Readonly<Record<string, unknown>>;

/** Reads a TOML file; an absent file is undefined, a malformed one throws with its path. */
export function readToml(path: string): Table | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path}: ${reason}`, { cause });
  }
}

/** The tables in an array of tables; anything else is an empty list. */
export function tables(value: unknown): Table[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

/** A table, or an empty one in place of anything else. */
export function table(value: unknown): Table {
  return isTable(value) ? value : {};
}

/** The texts in a list; a single text is a list of one. */
export function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A text, or undefined in place of anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
