import { UsageError } from "./usage-error.ts";

/** Flags of a command by their long names: whether they take a value, and their one-letter form. */
export type FlagTable = Readonly<Record<string, { readonly kind: "switch" | "value"; readonly short?: string }>>;

/** One flag as it was given: its long name, and its value, "true" or "false" for a switch. */
export interface GivenFlag {
  readonly name: string;
  readonly value: string;
}

/** A command line taken apart. */
export interface GivenFlags {
  readonly flags: readonly GivenFlag[];
  readonly rest: readonly string[];
}

/**
 * Reads flags the way docker does: --name value, --name=value, -n value, -nvalue, switches in a row. With `mixed` they may
 * also follow arguments. Throws a UsageError for one that is not in the table.
 */
export function readFlags(args: readonly string[], table: FlagTable, mixed: boolean): GivenFlags {
  const flags: GivenFlag[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") return { flags, rest: [...rest, ...args.slice(index + 1)] };
    if (!arg.startsWith("-") || arg === "-") {
      if (!mixed) return { flags, rest: args.slice(index) };
      rest.push(arg);
      continue;
    }
    const next = args[index + 1];
    const { given, tookNext } = arg.startsWith("--") ? readLong(arg, next, table) : readShort(arg, next, table);
    flags.push(...given);
    if (tookNext) index++;
  }
  return { flags, rest };
}

interface Read {
  readonly given: readonly GivenFlag[];
  readonly tookNext: boolean;
}

function readLong(arg: string, next: string | undefined, table: FlagTable): Read {
  const [name, inline] = split(arg.slice(2));
  const flag = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!flag) throw new UsageError(`unknown flag: --${name}`);
  if (inline !== undefined) return { given: [{ name, value: inline }], tookNext: false };
  if (flag.kind === "switch") return { given: [{ name, value: "true" }], tookNext: false };
  if (next === undefined) throw new UsageError(`flag needs an argument: --${name}`);
  return { given: [{ name, value: next }], tookNext: true };
}

function readShort(arg: string, next: string | undefined, table: FlagTable): Read {
  const given: GivenFlag[] = [];
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at]!;
    const [name, flag] = Object.entries(table).find(([, { short }]) => short === letter) ?? [];
    if (!name || !flag) throw new UsageError(`unknown shorthand flag: '${letter}' in ${arg}`);
    if (flag.kind === "switch") {
      given.push({ name, value: "true" });
      continue;
    }
    const inline = arg.slice(at + 1).replace(/^=/, "");
    if (inline === "" && next === undefined) throw new UsageError(`flag needs an argument: '${letter}' in ${arg}`);
    return { given: [...given, { name, value: inline || next! }], tookNext: inline === "" };
  }
  return { given, tookNext: false };
}

function split(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
