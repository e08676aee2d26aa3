import {
  type Build,
  BuildOptions_MachineType as MachineType,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { type ApiError, invalidArgument } from "../../../wire/errors.ts";
import type { BuildName } from "../build-name.ts";
import type { Deps } from "../deps.ts";
import { invalidBuild } from "../errors.ts";
import { DEFAULT_DISK_GB } from "../limits.ts";
import { type Machine, machineOf } from "../machine.ts";
import { machineNamed } from "./machine-type.ts";
import { poolOf } from "./pool.ts";

const POOL = /^projects\/([^/]+)\/locations\/([^/]+)\/workerPools\/([^/]+)$/;

/** The key of the pool that a build with its substitutions done names; undefined for the default pool. */
export function poolNameOf({ options }: Build, { project }: Pick<BuildName, "project">): string | undefined {
  const name = options?.pool?.name || options?.workerPool || "";
  if (name === "") return undefined;
  const [, owner, location, id] = POOL.exec(name) ?? [];
  if (owner === undefined) throw invalidBuild("options.pool.name", `invalid worker pool name "${name}"`);
  return `projects/${owner === "-" ? project : owner}/locations/${location}/workerPools/${id}`;
}

/**
 * Rejects with INVALID_ARGUMENT a build whose pool does not exist, lies elsewhere, or is given a machine of its own.
 * Google: cloud.google.com/build/docs/private-pools/run-builds-in-private-pool.
 */
export async function checkPool(
  deps: Pick<Deps, "workerPools" | "projects">,
  build: Build,
  name: BuildName,
): Promise<void> {
  const pool = poolNameOf(build, name);
  if (pool === undefined) return;
  const key = canonical(pool, deps);
  if (key.split("/")[3] !== name.location)
    throw invalidBuild("options.pool.name", `the worker pool is in another region than the build (${name.location})`);
  const { machineType = 0, diskSizeGb = 0n } = build.options ?? {};
  if (machineType !== MachineType.UNSPECIFIED || diskSizeGb !== 0n)
    throw invalidBuild("options.machine_type", "machine type and disk size of a build in a worker pool are the pool's");
  if (!(await deps.workerPools.get(key))) throw poolMissing(pool);
}

/** What a build runs on. */
export interface Worker {
  readonly machine: Machine;
  readonly diskGb: number;
}

/** Machine and disk of a build: those of its pool, or else those of its options, but no more CPUs and memory than the host has. */
export async function workerOfBuild(
  deps: Pick<Deps, "workerPools" | "projects" | "host">,
  build: Build,
  name: BuildName,
): Promise<Worker> {
  const pool = poolNameOf(build, name);
  const row = pool === undefined ? undefined : await deps.workerPools.get(canonical(pool, deps));
  const config = row && poolOf(row).config.value?.workerConfig;
  if (config) return { machine: machineNamed(config.machineType, deps.host), diskGb: Number(config.diskSizeGb) };
  const { machineType = MachineType.UNSPECIFIED, diskSizeGb = 0n } = build.options ?? {};
  return { machine: machineOf(machineType, deps.host), diskGb: Number(diskSizeGb) || DEFAULT_DISK_GB };
}

function canonical(pool: string, { projects }: Pick<Deps, "projects">): string {
  const [, project = "", ...rest] = pool.split("/");
  return ["projects", projects.idOf(project), ...rest].join("/");
}

/** In Cloud Build's words. */
function poolMissing(pool: string): ApiError {
  const description = `worker pool "${pool}" does not exist or the caller has no permission to use it`;
  return invalidArgument(`invalid build: ${description}`, [{ field: "build.options.pool.name", description }]);
}
