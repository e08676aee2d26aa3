/** What a stem's script tells when the framework is loaded (scripts/). */
export interface Report {
  /** The framework's main file without links. */
  readonly main: string;
  /** Files that were loaded, in order. */
  readonly loaded: readonly string[];
  /** What else has to be the same in every process that loads them. */
  readonly state: readonly string[];
  /** More files that were read meanwhile, without links. */
  readonly files: readonly string[];
  /** Files that the runtime ran before the main file. */
  readonly startFiles: readonly string[];
  /** Links on the way to them, with what they say. */
  readonly links: readonly (readonly [path: string, target: string])[];
  /** Names of variables that were looked at meanwhile; "*" for all. */
  readonly readNames: readonly string[];
  /** Of the process as it was started; empty where the stem's owner started it. */
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly execArgv: readonly string[];
  readonly execPath: string;
  readonly cwd: string;
}

/** Finds the report among lines of output; undefined when there is none. What comes from a sandbox is checked. */
export function parseReport(output: string): Report | undefined {
  for (const line of output.split("\n").toReversed()) {
    const report = parseLine(line);
    if (report !== undefined) return report;
  }
  return undefined;
}

function parseLine(line: string): Report | undefined {
  if (!line.startsWith('{"stem":')) return undefined;
  try {
    const { stem } = JSON.parse(line) as { stem: Record<string, unknown> };
    const { main, env = {}, execPath = "", cwd = "" } = stem;
    if (typeof main !== "string" || typeof execPath !== "string" || typeof cwd !== "string") return undefined;
    return {
      main,
      loaded: texts(stem["loaded"]),
      state: texts(stem["state"]),
      files: texts(stem["files"]),
      startFiles: texts(stem["startFiles"]),
      links: lists(stem["links"]).map(([path = "", target = ""]) => [path, target]),
      readNames: texts(stem["readNames"]),
      env: Object.fromEntries(Object.entries(env as object).map(([name, value]) => [name, String(value)])),
      args: texts(stem["args"]),
      execArgv: texts(stem["execArgv"]),
      execPath,
      cwd,
    };
  } catch {
    return undefined;
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function lists(value: unknown): readonly (readonly string[])[] {
  return Array.isArray(value) ? value.map(texts) : [];
}
