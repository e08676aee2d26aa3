import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { findProgram } from "../../src/oci/find-program.ts";
import type { RealServer } from "./real-server.ts";

/** The unmodified gcloud, with a configuration folder of its own and the variables that `homerun env` prints. */
export interface Gcloud extends AsyncDisposable {
  /** Runs a command; rejects with its whole output when it fails. */
  run(...args: string[]): Promise<{ stdout: string; stderr: string }>;
  /** Runs a command that has to fail, and resolves with what it prints on standard error. */
  fail(...args: string[]): Promise<string>;
  /** Runs any program with the same variables; resolves with its standard output. */
  exec(program: string, ...args: string[]): Promise<string>;
  readonly env: NodeJS.ProcessEnv;
  /** A folder that goes with it. */
  readonly folder: string;
}

/** Whether gcloud is on the PATH. */
export function gcloudIsHere(): boolean {
  return findProgram("gcloud") !== undefined;
}

/** Prepares gcloud for a server: through the proxy, or with endpoint overrides; `changes` go over those variables. */
export async function openGcloud(
  server: RealServer,
  { flags = [], changes = {} }: { flags?: readonly string[]; changes?: Readonly<Record<string, string>> } = {},
): Promise<Gcloud> {
  const folder = await mkdtemp(join(tmpdir(), "homerun-gcloud-"));
  const exports = await server.homerun("env", ...flags);
  const variables = [...exports.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name!, value!] as const);
  const env = {
    ...process.env,
    ...Object.fromEntries(variables),
    CLOUDSDK_CONFIG: join(folder, "config"),
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    ...changes,
  };
  const exec = (program: string, args: readonly string[]) => runProgram(program, args, env);
  return {
    folder,
    env,
    async run(...args) {
      const { code, stdout, stderr } = await exec("gcloud", args);
      if (code !== 0) throw new Error(`gcloud ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
      return { stdout, stderr };
    },
    async fail(...args) {
      const { code, stdout, stderr } = await exec("gcloud", args);
      if (code === 0) throw new Error(`gcloud ${args.join(" ")} did not fail:\n${stdout}\n${stderr}`);
      return stderr;
    },
    async exec(program, ...args) {
      const { code, stdout, stderr } = await exec(program, args);
      if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
      return stdout;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ code: Number(error?.code ?? 0), stdout: plain(stdout), stderr: plain(stderr) });
    });
  });
}

/** gcloud sets some words in bold, also where its output is no terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text);
}
