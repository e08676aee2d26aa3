import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stringify } from "smol-toml";
import { type BuildContext, createBuildContext, createDetectContext, type DetectContext } from "./context.ts";
import { BuildpackError } from "./error.ts";
import { DIVIDER } from "./exec.ts";
import { readTable } from "./toml.ts";

/** What a buildpack does. Detection resolves with whether it takes part and why. */
export interface BuildpackFunctions {
  readonly detect: (context: DetectContext) => Detected | Promise<Detected>;
  readonly build: (context: BuildContext) => void | Promise<void>;
}

export interface Detected {
  readonly pass: boolean;
  readonly reason: string;
  readonly plan?: Plan;
}

/** Names of dependencies that a buildpack provides to others and requires of them (buildpack.md, "Build Plan"). */
export interface Plan {
  readonly provides?: readonly string[];
  readonly requires?: readonly string[];
}

export interface Invocation {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly write: (output: string | Uint8Array) => void;
}

/** Runs a phase by the Buildpack API and resolves with the exit status: 0 passed, 100 opted out, 1 failed. */
export type Program = (phase: "detect" | "build", invocation: Invocation) => Promise<number>;

const OPTED_OUT = 100;

/** Says that the buildpack takes part; with a plan, if the other buildpacks' plans fit. */
export function optIn(reason: string, plan?: Plan): Detected {
  return { pass: true, reason: `Opting in: ${reason}`, ...(plan && { plan }) };
}

/** Says that the buildpack has nothing to do here. */
export function optOut(reason: string): Detected {
  return { pass: false, reason: `Opting out: ${reason}` };
}

/** Makes a program of a buildpack's functions. */
export function buildpackProgram(functions: BuildpackFunctions): Program {
  return (phase, invocation) => (phase === "detect" ? detect(functions, invocation) : build(functions, invocation));
}

/** Runs a program as bin/detect or bin/build, by the name of the file that was started. */
export async function runAsExecutable(program: Program): Promise<void> {
  const phase = basename(process.argv[1] ?? "") === "detect" ? "detect" : "build";
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  process.exitCode = await program(phase, {
    env,
    cwd: process.cwd(),
    write: (output) => void process.stderr.write(output),
  });
}

async function detect({ detect }: BuildpackFunctions, { env, cwd, write }: Invocation): Promise<number> {
  try {
    const { pass, reason, plan } = await detect(createDetectContext({ appDir: cwd, env: { ...env }, write }));
    write(`${reason}\n`);
    if (pass && plan) writePlan(env["CNB_BUILD_PLAN_PATH"], plan);
    return pass ? 0 : OPTED_OUT;
  } catch (error) {
    write(`${describe(asBuildpackError(error))}\n`);
    return 1;
  }
}

function writePlan(path: string | undefined, { provides = [], requires = [] }: Plan): void {
  if (path === undefined) return;
  const named = (names: readonly string[]): { name: string }[] => names.map((name) => ({ name }));
  writeFileSync(path, stringify({ provides: named(provides), requires: named(requires) }));
}

async function build({ build }: BuildpackFunctions, { env, cwd, write }: Invocation): Promise<number> {
  const buildpackDir = env["CNB_BUILDPACK_DIR"] ?? "";
  const layersDir = env["CNB_LAYERS_DIR"] ?? "";
  const { id, version, name } = readTable(join(buildpackDir, "buildpack.toml"))["buildpack"] as Record<string, string>;
  const about = { buildpackId: id ?? "", buildpackVersion: version ?? "" };
  write(`=== ${name} (${id}@${version}) ===\n`);
  const { context, written } = createBuildContext({
    appDir: cwd,
    env: { ...env },
    layersDir,
    buildpackDir,
    ...about,
    write,
  });
  try {
    await build(context);
  } catch (error) {
    const failure = asBuildpackError(error);
    saveError(env["BUILDER_OUTPUT"], about, failure);
    write(`${DIVIDER}\nfailed to build: ${describe(failure)}\n`);
    return 1;
  }
  const { launch, store } = written();
  writeFileSync(join(layersDir, "launch.toml"), stringify(launch));
  writeFileSync(join(layersDir, "store.toml"), stringify({ metadata: store }));
  return 0;
}

function describe({ id, message }: BuildpackError): string {
  return `(error ID: ${id}):\n${message}`;
}

function asBuildpackError(error: unknown): BuildpackError {
  if (error instanceof BuildpackError) return error;
  return new BuildpackError(error instanceof Error ? (error.stack ?? error.message) : String(error), "INTERNAL");
}

/** Leaves the error for the platform. Google: buildpacks, pkg/builderoutput. */
function saveError(
  folder: string | undefined,
  about: { readonly buildpackId: string; readonly buildpackVersion: string },
  { status, id, message }: BuildpackError,
): void {
  if (!folder) return;
  const error = { ...about, errorType: status, canonicalCode: status, errorId: id, errorMessage: message };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "output"), JSON.stringify({ error }));
}
