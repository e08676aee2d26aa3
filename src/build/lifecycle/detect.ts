import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Candidate, type GroupElement, type PlanOption, type ResolvedPlan, resolvePlan } from "./build-plan.ts";
import { type Buildpack, createBuildpackIndex, escapeId, readOrder, type Target } from "./buildpack.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, LifecycleError } from "./errors.ts";
import { type OrderElement, resolveOrder } from "./order.ts";
import { buildpackEnv, runBuildpack } from "./run-buildpack.ts";
import type { Settings } from "./settings.ts";
import { readToml, table, type Table, tables, text } from "./toml.ts";

/** A buildpack that takes part in the build. */
export interface SelectedBuildpack extends GroupElement {
  readonly buildpack: Buildpack;
}

export type Detection = ResolvedPlan<SelectedBuildpack>;

interface DetectRun {
  readonly status: number;
  readonly output: string;
  readonly options: readonly PlanOption[];
}

/** Exit status with which bin/detect says that it does not want to take part. */
const FAILED = 100;

/** Finds the first group of the order that passes detection; throws a LifecycleError when there is none. */
export async function detect(
  settings: Settings,
  baseEnv: Environment,
  log: (line: string) => void,
): Promise<Detection> {
  const order = readToml(settings.orderPath);
  if (!order) throw new LifecycleError(`${settings.orderPath} is missing`, exitCodes.generic);
  const groups = resolveOrder(readOrder(order), createBuildpackIndex(settings.buildpacksDir), settings.execEnv);
  const runs = new Map<Buildpack, Promise<DetectRun>>();
  const runOnce = (buildpack: Buildpack): Promise<DetectRun> => {
    const run = runs.get(buildpack) ?? runDetect(buildpack, settings, baseEnv);
    runs.set(buildpack, run);
    return run;
  };
  for (const group of groups) {
    const detection = await tryGroup(group, runOnce, baseEnv);
    if (detection) return detection;
  }
  return failed(await Promise.all(runs.values()), [...runs.keys()], log);
}

async function tryGroup(
  group: readonly OrderElement[],
  run: (buildpack: Buildpack) => Promise<DetectRun>,
  env: Environment,
): Promise<Detection | undefined> {
  const fitting = group.map(({ buildpack }) => fitsTarget(buildpack.targets, env));
  if (group.some(({ optional }, index) => !optional && !fitting[index])) return undefined;
  const runs = await Promise.all(group.map(({ buildpack }) => run(buildpack)));
  if (group.some(({ optional }, index) => !optional && runs[index]!.status !== 0)) return undefined;
  const candidates = group.flatMap(({ buildpack, optional }, index): Candidate<SelectedBuildpack>[] => {
    if (runs[index]!.status !== 0 || !fitting[index]) return [];
    const element = { id: buildpack.id, version: buildpack.version, optional, buildpack };
    return [{ element, options: runs[index]!.options }];
  });
  return resolvePlan(candidates);
}

async function runDetect(buildpack: Buildpack, settings: Settings, baseEnv: Environment): Promise<DetectRun> {
  const folder = join(settings.outputDir, "plans");
  mkdirSync(folder, { recursive: true });
  const planPath = join(folder, `${escapeId(buildpack.id)}@${buildpack.version}.toml`);
  const env = { ...buildpackEnv(settings, buildpack, baseEnv), CNB_BUILD_PLAN_PATH: planPath };
  const output: string[] = [];
  const write = (piece: string | Uint8Array): void => void output.push(piece.toString());
  const status = await runBuildpack(buildpack, "detect", { env, cwd: settings.appDir, write });
  return { status, output: output.join(""), options: status === 0 ? readPlan(planPath) : [] };
}

function readPlan(path: string): PlanOption[] {
  const toml = readToml(path) ?? {};
  return [toml, ...tables(toml["or"])].map(readOption);
}

function readOption(toml: Table): PlanOption {
  const provides = tables(toml["provides"]).flatMap(({ name }) => (text(name) ? [{ name: text(name)! }] : []));
  const requires = tables(toml["requires"]).flatMap((require) => {
    const name = text(require["name"]);
    return name ? [{ name, metadata: table(require["metadata"]) }] : [];
  });
  return { provides, requires };
}

function fitsTarget(targets: readonly Target[], env: Environment): boolean {
  const same = (wanted: string | undefined, actual: string | undefined): boolean =>
    wanted === undefined || actual === undefined || wanted === actual;
  if (targets.length === 0) return true;
  return targets.some(
    ({ os, arch, distros }) =>
      same(os, env["CNB_TARGET_OS"]) &&
      same(arch, env["CNB_TARGET_ARCH"]) &&
      (distros.length === 0 ||
        distros.some(
          ({ name, version }) =>
            same(name, env["CNB_TARGET_DISTRO_NAME"]) && same(version, env["CNB_TARGET_DISTRO_VERSION"]),
        )),
  );
}

function failed(runs: readonly DetectRun[], buildpacks: readonly Buildpack[], log: (line: string) => void): never {
  const errored = runs.some(({ status }) => status !== 0 && status !== FAILED);
  runs.forEach(({ status, output }, index) => {
    const { id, version } = buildpacks[index]!;
    log(`======== Output: ${id}@${version} ========`);
    for (const line of output.trimEnd().split("\n")) log(line);
    if (status !== 0 && status !== FAILED) log(`err:  ${id}@${version} (${status})`);
  });
  const message =
    "No buildpack groups passed detection.\nERROR: Please check that you are running against the correct path.";
  throw new LifecycleError(message, errored ? exitCodes.detectErrored : exitCodes.detectNoGroup);
}
