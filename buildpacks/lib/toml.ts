import { existsSync, readFileSync } from "node:fs";
import { parse } from "smol-toml";

/** Reads a TOML file; an absent one is an empty table. */
export function readTable(path: string): Readonly<Record<string, unknown>> {
  return existsSync(path) ? parse(readFileSync(path, "utf8")) : {};
}
