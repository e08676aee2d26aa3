import type { SandboxExit } from "../sandbox.ts";
import type { RevisionSpec } from "../serving.ts";
import type { ProbeSpec, WorkloadSpec } from "../workload.ts";
import { shortName } from "./container-spec.ts";
import { isDefaultProbe } from "./startup-probe.ts";

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

/** Google: Cloud Run's varlog/system entry when the startup probe has passed. */
export function probePassedMessage(spec: RevisionSpec, attempts: number): string {
  const times = `${attempts} attempt${attempts === 1 ? "" : "s"}`;
  const probe = startupProbeOf(spec);
  return `${probeName(probe)} succeeded after ${times} for container "${containerName(spec)}" on port ${probe.port}${probePath(probe)}.`;
}

/** Google: Cloud Run's varlog/system entry when the startup probe has failed. */
export function probeFailedMessage(spec: RevisionSpec, attempts: number, exited: boolean): string {
  const times = `${attempts} time${attempts === 1 ? "" : "s"}`;
  const probe = startupProbeOf(spec);
  const status = exited ? "CANCELLED" : "DEADLINE_EXCEEDED";
  return (
    `${probeName(probe)} failed ${times} consecutively for container "${containerName(spec)}" on port ` +
    `${probe.port}${probePath(probe)}. The instance was not started.\n` +
    `Connection failed with status ${status}.`
  );
}

/** Google: Cloud Run's varlog/system entry when the container has ended by itself. */
export function exitMessage(spec: WorkloadSpec, exit: SandboxExit): string {
  if (exit.outOfMemory) return outOfMemoryMessage(spec);
  if (exit.signal === null) return `Container called exit(${exit.exitCode ?? 0}).`;
  return `Uncaught signal: ${SIGNAL_NUMBERS[exit.signal] ?? exit.signal}, pid=1`;
}

/**
 * Google: the log entry of an instance over its memory limit. What was used is given as the limit, because the kernel
 * grants no more than that.
 */
export function outOfMemoryMessage(spec: WorkloadSpec): string {
  const limit = Math.floor(spec.containers[0].limits.memoryBytes / MIB);
  const page = isFunction(spec)
    ? "https://cloud.google.com/functions/docs/configuring/memory"
    : "https://cloud.google.com/run/docs/configuring/memory-limits";
  return `Memory limit of ${limit} MiB exceeded with ${limit} MiB used. Consider increasing the memory limit, see ${page}`;
}

/** The startup probe of the container that serves requests, which always has one. */
function startupProbeOf({ name, containers }: RevisionSpec): ProbeSpec {
  const { startupProbe } = containers[0];
  if (startupProbe === undefined) throw new Error(`${name} has no startup probe`);
  return startupProbe;
}

/** Containers of functions are called "worker", those of services by the service's name. */
function containerName(spec: RevisionSpec): string {
  return isFunction(spec) ? "worker" : `${shortName(spec.service)}-1`;
}

function isFunction(spec: WorkloadSpec): boolean {
  return spec.logLabels["goog-managed-by"] === "cloudfunctions";
}

function probeName(probe: ProbeSpec): string {
  return `${isDefaultProbe(probe) ? "Default " : ""}STARTUP ${probe.kind === "grpc" ? "GRPC" : probe.kind.toUpperCase()} probe`;
}

function probePath(probe: ProbeSpec): string {
  return probe.kind === "http" ? ` path "${probe.path}"` : "";
}
