import { type Stats, readFileSync, statSync } from "node:fs";
import { parse } from "smol-toml";
import { exitCodes, LifecycleError } from "./errors.ts";

export type Table = Readonly<Record<string, unknown>>;

/**
 * The fields of a TOML table by the types they must have. A field that is absent is undefined, false or empty; one of
 * another type throws a LifecycleError that names file and field.
 */
export interface Fields {
  text(key: string): string | undefined;
  texts(key: string): readonly string[];
  flag(key: string): boolean;
  table(key: string): Fields;
  tables(key: string): readonly Fields[];
  has(key: string): boolean;
  /** The table as it was parsed. */
  readonly raw: Table;
  /** Throws a LifecycleError that names the file. */
  fail(problem: string): never;
}

/** What any file for the lifecycle stays under by far, bytes. */
const MAX_TOML_BYTES = 4 * 1024 * 1024;

/** Reads a TOML file; an absent one is undefined, one that cannot be read or parsed throws a LifecycleError. */
export function readToml(path: string): Fields | undefined {
  const content = readTextFile(path, MAX_TOML_BYTES);
  return content === undefined ? undefined : fieldsOf(parseToml(content, path), path);
}

/** Parses TOML text; `where` names it in errors. */
export function parseToml(content: string, where: string): Table {
  try {
    return parse(content);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LifecycleError(`${where}: ${reason.trimEnd()}`, exitCodes.generic, { cause });
  }
}

/** The text of a regular file; undefined when there is nothing, a LifecycleError for anything else or more than `maxBytes`. */
export function readTextFile(path: string, maxBytes: number): string | undefined {
  const stats = statIfThere(path);
  if (!stats) return undefined;
  if (!stats.isFile()) throw new LifecycleError(`${path} is not a file`, exitCodes.generic);
  if (stats.size > maxBytes) throw new LifecycleError(`${path} is larger than ${maxBytes} bytes`, exitCodes.generic);
  return readFileSync(path, "utf8");
}

/** The fields of a parsed table; `where` names it in errors. */
export function fieldsOf(raw: Table, where: string): Fields {
  const fail = (problem: string): never => {
    throw new LifecycleError(`${where}: ${problem}`, exitCodes.generic);
  };
  const field = <Value>(key: string, what: string, is: (value: unknown) => value is Value): Value | undefined => {
    const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
    return value === undefined || is(value) ? value : fail(`${key} must be ${what}`);
  };
  return {
    raw,
    fail,
    has: (key) => Object.hasOwn(raw, key),
    text: (key) => field(key, "a string", isText),
    texts: (key) => field(key, "an array of strings", isListOf(isText)) ?? [],
    flag: (key) => field(key, "a boolean", (value) => typeof value === "boolean") ?? false,
    table: (key) => fieldsOf(field(key, "a table", isTable) ?? {}, `${where}: ${key}`),
    tables: (key) =>
      (field(key, "an array of tables", isListOf(isTable)) ?? []).map((item, index) =>
        fieldsOf(item, `${where}: ${key}[${index}]`),
      ),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isListOf<Item>(is: (value: unknown) => value is Item) {
  return (value: unknown): value is readonly Item[] => Array.isArray(value) && value.every((item) => is(item));
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    const reason = (error as Error).message;
    throw new LifecycleError(`${path}: ${reason}`, exitCodes.generic, { cause: error });
  }
}
