import { isDefaultProbe } from "../probes/startup-probe.ts";
import type { ContainerSpec, ProbeSpec, WorkloadSpec } from "../workload.ts";
import { isFunction } from "./system-messages.ts";

/** A probe of a container; the words of Cloud Run's varlog/system entries. */
export interface ProbeSubject {
  readonly spec: WorkloadSpec;
  readonly container: ContainerSpec;
  readonly type: "STARTUP" | "LIVENESS" | "READINESS";
  readonly probe: ProbeSpec;
}

/** Why the last attempt failed: nobody accepted the connection, no answer came in time, or the answer was a bad one. */
export type ProbeFailure = "REFUSED" | "TIMED_OUT" | "UNHEALTHY";

/** Google: the entry when a probe has passed for the first time, or again. */
export function probePassedMessage(subject: ProbeSubject, attempts: number): string {
  const times = `${attempts} attempt${attempts === 1 ? "" : "s"}`;
  return `${nameOf(subject)} succeeded after ${times} for ${targetOf(subject)}.`;
}

/** Google: the entry when a startup probe has failed; `exited` says that the container ended before it passed. */
export function startupFailedMessage(subject: ProbeSubject, attempts: number, why: ProbeFailure | "EXITED"): string {
  return failedMessage(subject, attempts, "The instance was not started.", why);
}

/** Google: the entry when a liveness probe has failed. */
export function livenessFailedMessage(subject: ProbeSubject, attempts: number, why: ProbeFailure): string {
  return failedMessage(subject, attempts, "The instance has been shut down.", why);
}

/** The entry when a readiness probe has failed, worded like the others. */
export function readinessFailedMessage(subject: ProbeSubject, attempts: number, why: ProbeFailure): string {
  return failedMessage(subject, attempts, "The instance gets no new requests.", why);
}

function failedMessage(subject: ProbeSubject, attempts: number, result: string, why: ProbeFailure | "EXITED"): string {
  const times = `${attempts} time${attempts === 1 ? "" : "s"}`;
  const status = connectionStatus(subject.probe.kind, why);
  const cause = status === undefined ? "" : `\nConnection failed with status ${status}.`;
  return `${nameOf(subject)} failed ${times} consecutively for ${targetOf(subject)}. ${result}${cause}`;
}

/** Google's own words; an answer that was not a good one is no failed connection. */
function connectionStatus(kind: ProbeSpec["kind"], why: ProbeFailure | "EXITED"): string | undefined {
  if (why === "UNHEALTHY") return undefined;
  if (kind === "http" && why !== "TIMED_OUT") return "ERROR_CONNECTION_FAILED";
  return why === "EXITED" ? "CANCELLED" : "DEADLINE_EXCEEDED";
}

function nameOf({ type, probe }: ProbeSubject): string {
  const isDefault = type === "STARTUP" && isDefaultProbe(probe);
  return `${isDefault ? "Default " : ""}${type} ${probe.kind.toUpperCase()} probe`;
}

function targetOf({ spec, container, probe }: ProbeSubject): string {
  const path = probe.kind === "http" ? ` path "${probe.path || "/"}"` : "";
  return `container "${containerName(spec, container)}" on port ${probe.port}${path}`;
}

/** Containers without a name are called "worker" in functions, and SERVICE-1 elsewhere. */
function containerName(spec: WorkloadSpec, container: ContainerSpec): string {
  if (container.name !== "") return container.name;
  return isFunction(spec) ? "worker" : `${ownerOf(spec.name)}-${spec.containers.indexOf(container) + 1}`;
}

/** The service, worker pool or job: the second collection of a resource name after the location. */
function ownerOf(name: string): string {
  return name.split("/")[5] ?? name;
}
