import type { Container } from "../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { RevisionTemplate } from "../../gen/google/cloud/run/v2/revision_template_pb.js";
import { ExecutionEnvironment } from "../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { formatMemory, parseCpu, parseMemory } from "./quantities.ts";
import type { Violation } from "./violations.ts";

const AT = "template.containers[0].resources.limits";
const MI = 2 ** 20;
const GI = 2 ** 30;
/** A little below 128Mi, since functions ask for "128M". */
const LEAST_MEMORY = 128e6;
const LEAST_CPU = 0.08;
const WHOLE_CPUS = [1, 2, 4, 6, 8];

/** Faults of CPU, memory and concurrency together. Google: Cloud Run docs, CPU limits and memory limits. */
export function resourceViolations(template: RevisionTemplate, container: Container): Violation[] {
  const { limits = {}, cpuIdle = true } = container.resources ?? {};
  const cpus = parseCpu(limits["cpu"] ?? "");
  const memoryBytes = parseMemory(limits["memory"] ?? "");
  const found: Violation[] = Object.keys(limits)
    .filter((key) => key !== "cpu" && key !== "memory")
    .map((key) => ({ field: `${AT}.${key}`, description: `The resource ${key} is not supported by homerun.` }));
  if (cpus === undefined || !isCpuCount(cpus)) {
    const description = `Invalid value specified for cpu. The value must be between ${LEAST_CPU} and 1, or one of 2, 4, 6 and 8.`;
    return [...found, { field: `${AT}.cpu`, description }];
  }
  if (memoryBytes === undefined) {
    return [...found, { field: `${AT}.memory`, description: "Invalid value specified for memory." }];
  }
  return [...found, ...memoryViolations(template, cpus, memoryBytes), ...fractionViolations(template, cpus, cpuIdle)];
}

function isCpuCount(cpus: number): boolean {
  return WHOLE_CPUS.includes(cpus) || (cpus >= LEAST_CPU && cpus < 1);
}

function* memoryViolations(template: RevisionTemplate, cpus: number, bytes: number): Iterable<Violation> {
  const [least, most] = memoryBounds(cpus, template.executionEnvironment);
  if (bytes >= least && bytes <= most) return;
  const environment =
    template.executionEnvironment === ExecutionEnvironment.GEN2 ? " with gen2 execution environment" : "";
  const cpuText = Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus);
  const description = `Invalid value specified for memory${environment}. For ${cpuText} CPU, memory must be between ${formatMemory(Math.max(least, 128 * MI))} and ${formatMemory(most)} inclusive.`;
  yield { field: `${AT}.memory`, description };
}

function memoryBounds(cpus: number, environment: ExecutionEnvironment): [least: number, most: number] {
  const floor = environment === ExecutionEnvironment.GEN2 ? 512 * MI : LEAST_MEMORY;
  if (cpus < 0.5) return [floor, 512 * MI];
  if (cpus < 1) return [floor, GI];
  return [Math.max(floor, cpus >= 6 ? 4 * GI : cpus >= 4 ? 2 * GI : floor), cpus * 4 * GI];
}

function* fractionViolations(template: RevisionTemplate, cpus: number, cpuIdle: boolean): Iterable<Violation> {
  if (cpus >= 1) return;
  if (template.maxInstanceRequestConcurrency > 1) {
    const description = "Total cpu < 1 is not supported with concurrency > 1.";
    yield { field: "template.max_instance_request_concurrency", description };
  }
  if (!cpuIdle) {
    yield { field: `${AT}.cpu`, description: "Total cpu < 1 is not supported with CPU always allocated." };
  }
}
