import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type EnvChange, layerPathChanges, parseEnvFiles, readEnvFolder } from "./environment.ts";

/** What a launch layer does to the processes that start with it. */
export interface LaunchEnvironment {
  readonly paths: readonly EnvChange[];
  readonly changes: readonly EnvChange[];
  /** Changes for one process type only, by type. */
  readonly byProcess: Readonly<Record<string, readonly EnvChange[]>>;
  /** Executables that print further variables (buildpack.md, "Exec.d"); absolute paths. */
  readonly execD: readonly string[];
  readonly execDByProcess: Readonly<Record<string, readonly string[]>>;
  /** Scripts that a shell sources before it starts a process; absolute paths. */
  readonly profileD?: readonly string[];
  readonly profileDByProcess?: Readonly<Record<string, readonly string[]>>;
}

/** Reads what a launch layer says about the environment: bin, lib, env, env.launch, exec.d and profile.d. */
export function readLaunchEnvironment(folder: string): LaunchEnvironment {
  const forLaunch = join(folder, "env.launch");
  const [execD, profileD] = [join(folder, "exec.d"), join(folder, "profile.d")];
  const hasProfiles = existsSync(profileD);
  return {
    paths: layerPathChanges(folder, "launch", (name) => existsSync(join(folder, name))),
    changes: [...parseEnvFiles(readEnvFolder(join(folder, "env"))), ...parseEnvFiles(readEnvFolder(forLaunch))],
    byProcess: byFolder(forLaunch, (path) => parseEnvFiles(readEnvFolder(path))),
    execD: filesIn(execD),
    execDByProcess: byFolder(execD, filesIn),
    ...(hasProfiles ? { profileD: filesIn(profileD), profileDByProcess: byFolder(profileD, filesIn) } : {}),
  };
}

function byFolder<Value>(folder: string, read: (path: string) => Value): Record<string, Value> {
  const names = namesIn(folder).filter((name) => statSync(join(folder, name)).isDirectory());
  return Object.fromEntries(names.map((name) => [name, read(join(folder, name))]));
}

function filesIn(folder: string): string[] {
  const paths = namesIn(folder).map((name) => join(folder, name));
  return paths.filter((path) => statSync(path).isFile());
}

/** Names in order, without links that lead nowhere. */
function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return names.filter((name) => existsSync(join(folder, name)));
}
