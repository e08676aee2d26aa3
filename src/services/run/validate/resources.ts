import type { Container } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { ExecutionEnvironment } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { mainContainerOf } from "../templates/main-container.ts";
import { formatMemory, parseCpu, parseMemory } from "../templates/quantities.ts";
import type { Violation } from "./violations.ts";

const MI = 2 ** 20;
const GI = 2 ** 30;
/** A little below 128Mi, since functions ask for "128M". */
const LEAST_MEMORY = 128e6;
const LEAST_CPU = 0.08;
const MOST_CPU = 8;
const WHOLE_CPUS = [1, 2, 4, 6, 8];

/** What the bounds of CPU and memory depend on. */
export interface ResourceContext {
  /** v2 path of the template. */
  readonly at: string;
  readonly containers: readonly Container[];
  readonly executionEnvironment: ExecutionEnvironment;
  /** Requests an instance gets at the same time; absent where there are none. */
  readonly concurrency?: number;
  /** False: CPU is always allocated. */
  readonly cpuIdle: boolean;
}

/**
 * Faults of CPU and memory: of each container, and of the sum, which is what an instance has. Google: Cloud Run docs,
 * CPU limits and memory limits.
 */
export function resourceViolations(context: ResourceContext): Violation[] {
  const found = context.containers.flatMap((container, index) => [
    ...containerViolations(container, `${context.at}.containers[${index}].resources.limits`),
  ]);
  return found.length > 0 ? found : [...sumViolations(context)];
}

function* containerViolations({ resources }: Container, at: string): Iterable<Violation> {
  const { limits = {} } = resources ?? {};
  for (const key of Object.keys(limits)) {
    if (key === "cpu" || key === "memory") continue;
    yield { field: `${at}.${key}`, description: `The resource ${key} is not supported by homerun.` };
  }
  const cpus = parseCpu(limits["cpu"] ?? "");
  if (cpus === undefined || !isCpuCount(cpus)) {
    const description = `Invalid value specified for cpu. The value must be between ${LEAST_CPU} and 1, or one of 2, 4, 6 and 8.`;
    yield { field: `${at}.cpu`, description };
  }
  if (parseMemory(limits["memory"] ?? "") === undefined) {
    yield { field: `${at}.memory`, description: "Invalid value specified for memory." };
  }
}

function isCpuCount(cpus: number): boolean {
  return WHOLE_CPUS.includes(cpus) || (cpus >= LEAST_CPU && cpus < 1);
}

function* sumViolations(context: ResourceContext): Iterable<Violation> {
  const { at, containers } = context;
  const isAlone = containers.length === 1;
  const field = isAlone ? `${at}.containers[0].resources.limits` : `${at}.containers`;
  const limits = containers.map(({ resources }) => resources!.limits);
  const cpus = limits.reduce((sum, { cpu }) => sum + parseCpu(cpu!)!, 0);
  const bytes = limits.reduce((sum, { memory }) => sum + parseMemory(memory!)!, 0);
  if (cpus > MOST_CPU) yield { field, description: `Total cpu must be at most ${MOST_CPU}.` };
  else yield* memoryViolations(context, cpus, bytes, isAlone ? `${field}.memory` : field);
  yield* fractionViolations(context, cpus, isAlone ? `${field}.cpu` : field);
}

function* memoryViolations(context: ResourceContext, cpus: number, bytes: number, field: string): Iterable<Violation> {
  const [least, most] = memoryBounds(context, cpus);
  if (bytes >= least && bytes <= most) return;
  const inGen2 = context.executionEnvironment === ExecutionEnvironment.GEN2;
  const environment = inGen2 ? " with gen2 execution environment" : "";
  const always = context.cpuIdle ? "" : " with CPU always allocated";
  const cpuText = Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus);
  const description = `Invalid value specified for memory${environment || always}. For ${cpuText} CPU, memory must be between ${formatMemory(Math.max(least, 128 * MI))} and ${formatMemory(most)} inclusive.`;
  yield { field, description };
}

function memoryBounds(context: ResourceContext, cpus: number): [least: number, most: number] {
  const { executionEnvironment, cpuIdle, concurrency } = context;
  // Instances that are billed as a whole have 512 MiB at least; tasks of jobs are not told apart by billing.
  const isLarge = executionEnvironment === ExecutionEnvironment.GEN2 || (!cpuIdle && concurrency !== undefined);
  const floor = isLarge ? 512 * MI : LEAST_MEMORY;
  if (cpus < 0.5) return [floor, 512 * MI];
  if (cpus < 1) return [floor, GI];
  return [Math.max(floor, cpus >= 6 ? 4 * GI : cpus >= 4 ? 2 * GI : floor), cpus * 4 * GI];
}

function* fractionViolations(context: ResourceContext, cpus: number, field: string): Iterable<Violation> {
  if (cpus >= 1) return;
  if ((context.concurrency ?? 1) > 1) {
    const description = "Total cpu < 1 is not supported with concurrency > 1.";
    yield { field: `${context.at}.max_instance_request_concurrency`, description };
  }
  if (!context.cpuIdle) yield { field, description: "Total cpu < 1 is not supported with CPU always allocated." };
  if (context.executionEnvironment === ExecutionEnvironment.GEN2) {
    const description = "Total cpu < 1 is not supported with gen2 execution environment.";
    yield { field: `${context.at}.execution_environment`, description };
  }
}

/** Whether an instance has CPU only while it serves requests: what its main container says. */
export function isCpuIdle(containers: readonly Container[]): boolean {
  return mainContainerOf(containers)?.resources?.cpuIdle ?? true;
}
