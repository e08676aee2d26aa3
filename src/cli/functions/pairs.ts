import { CliError } from "../cli-error.ts";

/** Reads KEY=VALUE,...; CliError for what has not this form. */
export function parsePairs(list: string): Record<string, string> {
  const pairs = list === "" ? [] : list.split(",");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (key === undefined) throw new CliError(`"${pair}" is not of the form KEY=VALUE`);
      return [key, value!];
    }),
  );
}
