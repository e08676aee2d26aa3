import type { SandboxExit } from "../sandbox.ts";
import type { ContainerSpec, WorkloadSpec } from "../workload.ts";

/** Why an instance is started; Cloud Run's own words. */
export type StartReason = "AUTOSCALING" | "DEPLOYMENT_ROLLOUT" | "MANUAL_OR_CUSTOMER_MIN_INSTANCE";

const REASONS: Readonly<Record<StartReason, string>> = {
  AUTOSCALING:
    "Instance started due to configured scaling factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for current traffic.",
  DEPLOYMENT_ROLLOUT:
    "Instance started due to traffic shifting between revisions due to deployment, traffic split adjustment, or deployment health check.",
  MANUAL_OR_CUSTOMER_MIN_INSTANCE: "Instance started because of customer-configured min-instances or manual scaling.",
};

const MIB = 1024 * 1024;

/** Numbers of the signals that end processes, as Linux on x86-64 and arm64 has them. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** Google: Cloud Run's varlog/system entry at the start of an instance. */
export function startingMessage(reason: StartReason): string {
  return `Starting new instance. Reason: ${reason} - ${REASONS[reason]}`;
}

/** Google: Cloud Run's varlog/system entry when a container has ended by itself. */
export function exitMessage(spec: WorkloadSpec, container: ContainerSpec, exit: SandboxExit): string {
  if (exit.outOfMemory) return outOfMemoryMessage(spec, container);
  if (exit.notLoaded !== undefined) return notStartedMessage(exit.notLoaded);
  const subject = spec.containers.length === 1 ? "Container" : `Container "${container.name}"`;
  if (exit.signal === null) return `${subject} called exit(${exit.exitCode ?? 0}).`;
  const whose = spec.containers.length === 1 ? "" : ` in container "${container.name}"`;
  return `Uncaught signal: ${SIGNAL_NUMBERS[exit.signal] ?? exit.signal}, pid=1${whose}`;
}

/** Google: the entry for a program that cannot be run; EXEC_FAILED follows it. */
export function notStartedMessage(why: string): string {
  return `terminated: Application failed to start: ${why}`;
}

/** Google: the entry after the one that says why a program cannot be run. */
export const EXEC_FAILED = "Application exec likely failed";

/**
 * Google: the log entry of an instance over its memory limit. What was used is given as the limit, because the kernel
 * grants no more than that.
 */
export function outOfMemoryMessage(spec: WorkloadSpec, container: ContainerSpec): string {
  const limit = Math.floor(container.limits.memoryBytes / MIB);
  const whose = spec.containers.length === 1 ? "" : ` by container "${container.name}"`;
  const page = isFunction(spec)
    ? "https://cloud.google.com/functions/docs/configuring/memory"
    : "https://cloud.google.com/run/docs/configuring/memory-limits";
  return `Memory limit of ${limit} MiB exceeded with ${limit} MiB used${whose}. Consider increasing the memory limit, see ${page}`;
}

/** Whether the workload belongs to a function; Google words some messages differently then. */
export function isFunction(spec: WorkloadSpec): boolean {
  return spec.logLabels["goog-managed-by"] === "cloudfunctions";
}
