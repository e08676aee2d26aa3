import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readTextFile } from "./toml.ts";

export type Environment = Readonly<Record<string, string>>;

/** One change to one variable (buildpack.md, "Environment Variable Modification Rules"). */
export interface EnvChange {
  readonly name: string;
  readonly action: "append" | "default" | "override" | "prepend";
  readonly value: string;
  /** Stands between the value and what is there already. */
  readonly delimiter: string;
}

/** What each folder of a layer adds to which search path (buildpack.md, "Layer Paths"). */
export const layerPaths = {
  build: {
    bin: ["PATH"],
    lib: ["LD_LIBRARY_PATH", "LIBRARY_PATH"],
    include: ["CPATH"],
    pkgconfig: ["PKG_CONFIG_PATH"],
  },
  launch: { bin: ["PATH"], lib: ["LD_LIBRARY_PATH"] },
} as const satisfies Record<string, Readonly<Record<string, readonly string[]>>>;

const PATH_VARIABLES: ReadonlySet<string> = new Set(Object.values(layerPaths.build).flat());
/** Longest value of a variable that a kernel passes on, bytes. */
const MAX_VALUE_BYTES = 128 * 1024;
const ACTIONS: ReadonlySet<string> = new Set(["append", "default", "override", "prepend"]);

/** Turns the files of an env folder into changes, in the order of their names; files with an unknown suffix are ignored. */
export function parseEnvFiles(
  files: Readonly<Record<string, string>>,
  unsuffixed: EnvChange["action"] = "override",
): EnvChange[] {
  return Object.keys(files)
    .sort()
    .flatMap((file): EnvChange[] => {
      const dot = file.indexOf(".");
      const name = dot < 0 ? file : file.slice(0, dot);
      const action = dot < 0 ? unsuffixed : file.slice(dot + 1);
      if (!ACTIONS.has(action)) return [];
      const delimiter = files[`${name}.delim`] ?? "";
      return [{ name, action: action as EnvChange["action"], value: files[file]!, delimiter }];
    });
}

/** The changes that make the folders of a layer part of the search paths. `has` tells which folders the layer has. */
export function layerPathChanges(
  layerDir: string,
  kind: "build" | "launch",
  has: (folder: string) => boolean,
): EnvChange[] {
  return Object.entries<readonly string[]>(layerPaths[kind])
    .filter(([folder]) => has(folder))
    .flatMap(([folder, names]) =>
      names.map((name) => ({ name, action: "prepend" as const, value: join(layerDir, folder), delimiter: ":" })),
    );
}

/** Applies changes in order and returns the new environment. */
export function applyChanges(env: Environment, changes: readonly EnvChange[]): Environment {
  const result: Record<string, string> = { ...env };
  for (const change of changes) result[change.name] = changed(result[change.name] ?? "", change);
  return result;
}

/** Adds the user's variables: search paths in front of what is there, all others in place of it. */
export function withPlatformEnv(env: Environment, platformEnv: Environment): Environment {
  const changes = Object.entries(platformEnv).map(([name, value]): EnvChange => ({
    name,
    value,
    action: PATH_VARIABLES.has(name) ? "prepend" : "override",
    delimiter: ":",
  }));
  return applyChanges(env, changes);
}

/** Reads the regular files of an env folder, by name; a folder that is not there is empty, a huge file a LifecycleError. */
export function readEnvFolder(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) files[name] = readTextFile(path, MAX_VALUE_BYTES) ?? "";
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function changed(current: string, change: EnvChange): string {
  const { action, value, delimiter } = change;
  if (action === "override") return value;
  if (current === "") return value;
  if (action === "default") return current;
  return action === "prepend" ? `${value}${delimiter}${current}` : `${current}${delimiter}${value}`;
}
