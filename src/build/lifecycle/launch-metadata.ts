import { join } from "node:path";
import type { ProcessRecord } from "./exchange.ts";
import { readToml, table, tables, text, texts } from "./toml.ts";

/** What launch.toml of one buildpack says (buildpack.md, "launch.toml"). */
export interface LaunchMetadata {
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly processes: readonly (ProcessRecord & { readonly default: boolean })[];
  readonly slices: readonly (readonly string[])[];
}

export interface LaunchPlan {
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly processes: readonly ProcessRecord[];
  readonly defaultProcess: string | undefined;
  /** Globs of each slice, in the order in which slices take files from the application. */
  readonly slices: readonly (readonly string[])[];
}

/** Reads launch.toml in a buildpack's layers folder; an absent one is empty. */
export function readLaunchMetadata(folder: string, buildpackID: string, api: string, execEnv: string): LaunchMetadata {
  const toml = readToml(join(folder, "launch.toml")) ?? {};
  const labels = tables(toml["labels"]).flatMap(({ key, value }) =>
    text(key) ? [{ key: text(key)!, value: text(value) ?? "" }] : [],
  );
  const processes = tables(toml["processes"])
    .filter((process) => fitsExecEnv(texts(process["exec-env"]), execEnv))
    .map((process) => {
      const workingDir = text(process["working-dir"]);
      return {
        type: text(process["type"]) ?? "",
        command: texts(process["command"]),
        args: texts(process["args"]),
        // Since Buildpack API 0.9 every process is direct.
        direct: hasDirectProcessesOnly(api) || process["direct"] === true,
        ...(workingDir ? { "working-dir": workingDir } : {}),
        buildpackID,
        default: process["default"] === true,
      };
    });
  return { labels, processes, slices: tables(toml["slices"]).map(({ paths }) => texts(paths)) };
}

/** Joins what the buildpacks of a group said, in their order: of labels and processes, the last of a name counts. */
export function joinLaunchMetadata(all: readonly LaunchMetadata[]): LaunchPlan {
  const labels = new Map(all.flatMap(({ labels }) => labels.map(({ key, value }) => [key, value] as const)));
  const processes = new Map<string, LaunchMetadata["processes"][number]>();
  for (const process of all.flatMap(({ processes }) => processes)) {
    // Deleting first makes the last definition the last in order, too.
    processes.delete(process.type);
    processes.set(process.type, process);
  }
  const records = [...processes.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
  return {
    labels: [...labels].map(([key, value]) => ({ key, value })),
    processes: records.map(withoutDefault),
    defaultProcess: [...processes.values()].findLast((record) => record.default)?.type,
    slices: all.flatMap(({ slices }) => slices),
  };
}

/** Names of the plan entries that build.toml says are left for later buildpacks. */
export function readUnmet(folder: string): string[] {
  return tables(table(readToml(join(folder, "build.toml")))["unmet"]).flatMap(({ name }) => text(name) ?? []);
}

/** The [metadata] of store.toml, if the buildpack keeps one. */
export function readStore(folder: string): Readonly<Record<string, unknown>> | undefined {
  const toml = readToml(join(folder, "store.toml"));
  return toml ? table(toml["metadata"]) : undefined;
}

function withoutDefault(process: LaunchMetadata["processes"][number]): ProcessRecord {
  const { default: _, ...record } = process;
  return record;
}

function hasDirectProcessesOnly(api: string): boolean {
  return Number(api.split(".")[1] ?? 0) >= 9;
}

function fitsExecEnv(wanted: readonly string[], execEnv: string): boolean {
  return wanted.length === 0 || wanted.includes(execEnv) || wanted.includes("*");
}
