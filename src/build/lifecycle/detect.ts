import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Candidate,
  elementKey,
  type GroupElement,
  type PlanOption,
  type ResolvedPlan,
  resolvePlan,
} from "./build-plan.ts";
import { type Buildpack, escapeId, type Target } from "./buildpack.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import type { OrderElement } from "./order.ts";
import { buildpackEnv, runBuildpack } from "./run-buildpack.ts";
import type { Settings } from "./settings.ts";
import { type Fields, fieldsOf, readToml } from "./toml.ts";

/** A buildpack that takes part in the build. */
export interface SelectedBuildpack extends GroupElement {
  readonly buildpack: Buildpack;
}

export type Detection = ResolvedPlan<SelectedBuildpack>;

interface DetectRun {
  /** Exit status; -1 for a buildpack that could not be run or wrote no proper plan. */
  readonly status: number;
  readonly output: string;
  readonly options: readonly PlanOption[];
}

/** Exit status with which bin/detect says that it does not want to take part. */
const FAILED = 100;
/** How much of what one detection writes is kept, characters. */
const MAX_OUTPUT = 256 * 1024;
/** How many lines say why groups did not pass: alternatives multiply. */
const MAX_NOTES = 1000;

/** Finds the first group that passes detection; throws a LifecycleError when there is none. */
export async function detect(
  settings: Settings,
  groups: Iterable<readonly OrderElement[]>,
  baseEnv: Environment,
  log: (line: string) => void,
): Promise<Detection> {
  const runs = new Map<Buildpack, Promise<DetectRun>>();
  const runOnce = (buildpack: Buildpack): Promise<DetectRun> => {
    const run = runs.get(buildpack) ?? runDetect(buildpack, settings, baseEnv);
    runs.set(buildpack, run);
    return run;
  };
  const unfit = new Set<Buildpack>();
  const notes: string[] = [];
  const note = (line: string): void => void (notes.length < MAX_NOTES && notes.push(line));
  for (const group of groups) {
    const fitting = group.filter(({ buildpack }) => fitsTarget(buildpack.targets, baseEnv));
    const missing = group.find((element) => !element.optional && !fitting.includes(element));
    if (missing) unfit.add(missing.buildpack);
    const detection = missing ? undefined : await tryGroup(fitting, runOnce, note);
    if (detection) {
      await logErrors(runs, log);
      return detection;
    }
  }
  for (const { id, version } of unfit) log(`${id}@${version} does not support ${describeTarget(baseEnv)}`);
  return failed(await Promise.all(runs.values()), [...runs.keys()], notes, log);
}

async function tryGroup(
  group: readonly OrderElement[],
  run: (buildpack: Buildpack) => Promise<DetectRun>,
  note: (line: string) => void,
): Promise<Detection | undefined> {
  // Modules share this thread; those behind one that fails the group need not even be read.
  for (const { buildpack, optional } of group.filter((element) => element.buildpack.module !== undefined)) {
    if ((await run(buildpack)).status !== 0 && !optional) return undefined;
  }
  const runs = await Promise.all(group.map(({ buildpack }) => run(buildpack)));
  note("======== Results ========");
  group.forEach((element, index) => note(describeResult(element, runs[index]!.status)));
  if (group.some(({ optional }, index) => !optional && runs[index]!.status !== 0)) return undefined;
  const candidates = group.flatMap(({ buildpack, optional }, index): Candidate<SelectedBuildpack>[] => {
    if (runs[index]!.status !== 0) return [];
    const element = { id: buildpack.id, version: buildpack.version, optional, buildpack };
    return [{ element, options: runs[index]!.options }];
  });
  return resolvePlan(candidates, note);
}

/** A buildpack's part in its group, as the lifecycle of Cloud Native Buildpacks words it. */
function describeResult({ buildpack, optional }: OrderElement, status: number): string {
  const key = elementKey(buildpack);
  if (status === 0) return `pass: ${key}`;
  if (status === FAILED) return `${optional ? "skip" : "fail"}: ${key}`;
  return `err:  ${key}${status < 0 ? "" : ` (${status})`}`;
}

async function runDetect(buildpack: Buildpack, settings: Settings, baseEnv: Environment): Promise<DetectRun> {
  const folder = join(settings.outputDir, "plans");
  mkdirSync(folder, { recursive: true });
  const planPath = join(folder, `${escapeId(buildpack.id)}@${buildpack.version}.toml`);
  writeFileSync(planPath, "");
  const env = { ...buildpackEnv(settings, buildpack, baseEnv), CNB_BUILD_PLAN_PATH: planPath };
  let output = "";
  const write = (piece: string | Uint8Array): void => {
    output = (output + (typeof piece === "string" ? piece : Buffer.from(piece).toString())).slice(-MAX_OUTPUT);
  };
  const args = [settings.platformDir, planPath];
  const status = await runBuildpack(buildpack, "detect", { args, env, cwd: settings.appDir, write });
  try {
    return { status, output, options: status === 0 ? readPlan(planPath) : [] };
  } catch (error) {
    if (!(error instanceof LifecycleError)) throw error;
    return { status: -1, output: `${output}${error.message}\n`, options: [] };
  }
}

function readPlan(path: string): PlanOption[] {
  const toml = readToml(path) ?? fieldsOf({}, path);
  return [toml, ...toml.tables("or")].map(readOption);
}

function readOption(toml: Fields): PlanOption {
  const nameOf = (entry: Fields): string => entry.text("name") || entry.fail("name is missing");
  const requires = toml.tables("requires").map((require) => {
    // Platform API 0.3 had it beside the name.
    if (require.has("version")) require.fail("version is not supported; metadata.version should be used instead");
    return { name: nameOf(require), metadata: require.table("metadata").raw };
  });
  return { provides: toml.tables("provides").map((entry) => ({ name: nameOf(entry) })), requires };
}

function fitsTarget(targets: readonly Target[], env: Environment): boolean {
  const same = (wanted: string | undefined, variable: string): boolean =>
    !wanted || wanted === "*" || !env[variable] || wanted === env[variable];
  return targets.some(
    ({ os, arch, variant, distros }) =>
      same(os, "CNB_TARGET_OS") &&
      same(arch, "CNB_TARGET_ARCH") &&
      same(variant, "CNB_TARGET_ARCH_VARIANT") &&
      (distros.length === 0 ||
        distros.some(
          ({ name, version }) => same(name, "CNB_TARGET_DISTRO_NAME") && same(version, "CNB_TARGET_DISTRO_VERSION"),
        )),
  );
}

function describeTarget(env: Environment): string {
  const parts = ["OS", "ARCH", "DISTRO_NAME", "DISTRO_VERSION"].flatMap((key) => env[`CNB_TARGET_${key}`] ?? []);
  return parts.join("/");
}

/** A detection that ends in an error is shown even where the group passes without its buildpack. */
async function logErrors(runs: ReadonlyMap<Buildpack, Promise<DetectRun>>, log: (line: string) => void): Promise<void> {
  for (const [buildpack, started] of runs) {
    const run = await started;
    if (run.status === 0 || run.status === FAILED) continue;
    logOutput(buildpack, run, log);
    log(describeResult({ buildpack, optional: true }, run.status));
  }
}

function logOutput(buildpack: Buildpack, { output }: DetectRun, log: (line: string) => void): void {
  if (output.trim() === "") return;
  log(`======== Output: ${elementKey(buildpack)} ========`);
  for (const line of output.trimEnd().split("\n")) log(line);
}

function failed(
  runs: readonly DetectRun[],
  buildpacks: readonly Buildpack[],
  notes: readonly string[],
  log: (line: string) => void,
): never {
  runs.forEach((run, index) => logOutput(buildpacks[index]!, run, log));
  for (const line of notes) log(line);
  const errored = runs.some(({ status }) => status !== 0 && status !== FAILED);
  const message =
    "No buildpack groups passed detection.\nERROR: Please check that you are running against the correct path.";
  throw new LifecycleError(message, errored ? exitCodes.detectErrored : exitCodes.detectNoGroup);
}
