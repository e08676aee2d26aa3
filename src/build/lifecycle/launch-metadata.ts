import { join } from "node:path";
import type { Require } from "./build-plan.ts";
import { isAtLeast } from "./buildpack.ts";
import type { ProcessRecord } from "./exchange.ts";
import { type Fields, readToml } from "./toml.ts";

/** A process as a buildpack defined it. */
export interface LaunchProcess extends ProcessRecord {
  /** Whether arguments given to the container take the place of `args`, as they do since Buildpack API 0.9. */
  readonly replacesArgs: boolean;
}

/** What launch.toml of one buildpack says (buildpack.md, "launch.toml"). */
export interface LaunchMetadata {
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly processes: readonly (LaunchProcess & { readonly default: boolean })[];
  readonly slices: readonly (readonly string[])[];
}

export interface LaunchPlan {
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly processes: readonly LaunchProcess[];
  readonly defaultProcess: string | undefined;
  /** Globs of each slice, in the order in which slices take files from the application. */
  readonly slices: readonly (readonly string[])[];
}

const PROCESS_TYPE = /^[A-Za-z0-9._-]+$/;

/** Reads launch.toml in a buildpack's layers folder; an absent one is empty, a faulty one throws a LifecycleError. */
export function readLaunchMetadata(folder: string, buildpackID: string, api: string): LaunchMetadata {
  const toml = readToml(join(folder, "launch.toml"));
  if (!toml) return { labels: [], processes: [], slices: [] };
  const labels = toml.tables("labels").map((label) => ({
    key: label.text("key") || label.fail("key is missing"),
    value: label.text("value") ?? "",
  }));
  const processes = toml.tables("processes").map((process) => readProcess(process, buildpackID, api));
  if (processes.filter((process) => process.default).length > 1)
    toml.fail("multiple default process types aren't allowed");
  return { labels, processes, slices: toml.tables("slices").map((slice) => slice.texts("paths")) };
}

function readProcess(process: Fields, buildpackID: string, api: string): LaunchMetadata["processes"][number] {
  const replacesArgs = isAtLeast(api, 9);
  if (replacesArgs && process.has("direct")) process.fail("direct is not supported on this buildpack version");
  const type = process.text("type") ?? "";
  if (!PROCESS_TYPE.test(type) || /^\.{1,2}$/.test(type)) process.fail(`'${type}' is not a process type`);
  const command = replacesArgs ? process.texts("command") : [process.text("command") ?? ""];
  if (!command[0]) process.fail(`process type '${type}' has no command`);
  const workingDir = process.text("working-dir");
  const execEnvs = process.texts("exec-env");
  return {
    type,
    command,
    args: process.texts("args"),
    direct: replacesArgs || process.flag("direct"),
    ...(workingDir ? { "working-dir": workingDir } : {}),
    buildpackID,
    "exec-env": execEnvs.length > 0 ? execEnvs : ["*"],
    replacesArgs,
    default: process.flag("default"),
  };
}

/** Joins what the buildpacks of a group said, in their order: of labels and processes, the last of a name counts. */
export function joinLaunchMetadata(all: readonly LaunchMetadata[]): LaunchPlan {
  const labels = new Map(all.flatMap(({ labels }) => labels.map(({ key, value }) => [key, value] as const)));
  const processes = new Map<string, LaunchProcess>();
  let defaultProcess: string | undefined;
  for (const { default: isDefault, ...process } of all.flatMap(({ processes }) => processes)) {
    if (isDefault) defaultProcess = process.type;
    // One that is not the default takes the place of the default: then there is none.
    else if (defaultProcess === process.type) defaultProcess = undefined;
    processes.set(process.type, process);
  }
  return {
    labels: [...labels].map(([key, value]) => ({ key, value })),
    processes: [...processes.values()].sort((a, b) => (a.type < b.type ? -1 : 1)),
    defaultProcess,
    slices: all.flatMap(({ slices }) => slices),
  };
}

/** A process as labels and metadata.toml have it. */
export function processRecord(process: LaunchProcess): ProcessRecord {
  const { replacesArgs: _, ...record } = process;
  return record;
}

/** Names of the plan entries that build.toml says are left for later buildpacks; each must be one of `requires`. */
export function readUnmet(folder: string, requires: readonly Require[]): string[] {
  const unmet = readToml(join(folder, "build.toml"))?.tables("unmet") ?? [];
  return unmet.map((entry) => {
    const name = entry.text("name") || entry.fail("name is missing");
    if (!requires.some((require) => require.name === name)) entry.fail(`'${name}' is not a requested dependency`);
    return name;
  });
}

/** The [metadata] of store.toml, if the buildpack keeps one. */
export function readStore(folder: string): Readonly<Record<string, unknown>> | undefined {
  return readToml(join(folder, "store.toml"))?.table("metadata").raw;
}
