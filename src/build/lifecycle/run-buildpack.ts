import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Buildpack } from "./buildpack.ts";
import { applyChanges, type Environment, parseEnvFiles, readEnvFolder, withPlatformEnv } from "./environment.ts";
import type { Settings } from "./settings.ts";

/** What a module named in buildpack.toml exports as `run`: the same contract as bin/detect and bin/build. */
export type BuildpackModule = (phase: "detect" | "build", invocation: Invocation) => Promise<number>;

export interface Invocation {
  /** Positional arguments, which buildpacks had in place of variables before Buildpack API 0.8. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  /** Receives what the buildpack writes, in pieces of any size. */
  readonly write: (output: string | Uint8Array) => void;
}

/** The environment a buildpack sees: what earlier ones left, the user's variables over it, the operator's over both. */
export function buildpackEnv(settings: Settings, buildpack: Buildpack, env: Environment): Environment {
  const userEnv = buildpack.clearEnv ? {} : readEnvFolder(join(settings.platformDir, "env"));
  const operatorEnv = parseEnvFiles(readEnvFolder(join(settings.buildConfigDir, "env")), "default");
  return {
    ...applyChanges(withPlatformEnv(env, userEnv), operatorEnv),
    CNB_BUILDPACK_DIR: buildpack.root,
    CNB_PLATFORM_DIR: settings.platformDir,
    CNB_EXEC_ENV: settings.execEnv,
  };
}

/**
 * Runs a phase of a buildpack and resolves with its exit status. A buildpack that names a module runs in this process,
 * which saves the start of an interpreter; all others run as processes.
 */
export async function runBuildpack(
  buildpack: Buildpack,
  phase: "detect" | "build",
  invocation: Invocation,
): Promise<number> {
  if (buildpack.module === undefined) return runExecutable(join(buildpack.root, "bin", phase), invocation);
  const url = pathToFileURL(join(buildpack.root, buildpack.module)).href;
  const { run } = (await import(url)) as { run: BuildpackModule };
  return run(phase, invocation);
}

function runExecutable(path: string, { args, env, cwd, write }: Invocation): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const child = spawn(path, args, { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", write);
  child.stderr.on("data", write);
  child.on("error", (error) => {
    write(`${error.message}\n`);
    resolve(127);
  });
  child.on("close", (code) => resolve(code ?? 128));
  return promise;
}
