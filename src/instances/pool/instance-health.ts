import type { Clock } from "../../platform/clock.ts";
import type { ContainerGroup } from "../containers/container-group.ts";
import type { InstanceOutput } from "../logs/instance-output.ts";
import {
  livenessFailedMessage,
  probePassedMessage,
  type ProbeSubject,
  readinessFailedMessage,
} from "../logs/probe-messages.ts";
import { type PeriodicProbe, probePeriodically } from "../probes/periodic-probe.ts";
import type { ContainerSpec, ProbeSpec, WorkloadSpec } from "../workload.ts";

export interface HealthDeps {
  readonly clock: Clock;
  readonly spec: WorkloadSpec;
  readonly group: ContainerGroup;
  readonly output: InstanceOutput;
  /** Runs each attempt with CPU for the instance. Google: CPU is always allocated while probes run. */
  readonly around: PeriodicProbe["around"];
  /** Called when a liveness probe has failed. */
  readonly onDead: () => void;
  /** Called when a readiness probe has failed, or all that had failed pass again. */
  readonly onReadiness: (passing: boolean) => void;
}

/**
 * Runs the liveness and readiness probes of all containers until the signal aborts.
 * Google: Cloud Run, "Configure container health checks".
 */
export function watchHealth(deps: HealthDeps, signal: AbortSignal): void {
  const failing = new Set<ContainerSpec>();
  for (const { container } of deps.group.containers) {
    const { livenessProbe, readinessProbe } = container;
    if (livenessProbe !== undefined) watchLiveness(deps, container, livenessProbe, signal);
    if (readinessProbe !== undefined) watchReadiness(deps, container, readinessProbe, failing, signal);
  }
}

function watchLiveness(deps: HealthDeps, container: ContainerSpec, probe: ProbeSpec, signal: AbortSignal): void {
  const { output, onDead } = deps;
  const subject: ProbeSubject = { spec: deps.spec, container, type: "LIVENESS", probe };
  run(deps, probe, signal, {
    onPassed: (attempts) => output.system("INFO", probePassedMessage(subject, attempts), container),
    onFailed(attempts, why) {
      output.system("ERROR", livenessFailedMessage(subject, attempts, why), container);
      onDead();
    },
  });
}

function watchReadiness(
  deps: HealthDeps,
  container: ContainerSpec,
  probe: ProbeSpec,
  failing: Set<ContainerSpec>,
  signal: AbortSignal,
): void {
  const { output, onReadiness } = deps;
  const subject: ProbeSubject = { spec: deps.spec, container, type: "READINESS", probe };
  run(deps, probe, signal, {
    onPassed(attempts) {
      output.system("INFO", probePassedMessage(subject, attempts), container);
      if (failing.delete(container) && failing.size === 0) onReadiness(true);
    },
    onFailed(attempts, why) {
      output.system("WARNING", readinessFailedMessage(subject, attempts, why), container);
      failing.add(container);
      onReadiness(false);
    },
  });
}

function run(
  { clock, group, around }: HealthDeps,
  probe: ProbeSpec,
  signal: AbortSignal,
  news: Pick<PeriodicProbe, "onFailed" | "onPassed">,
): void {
  void probePeriodically({ clock, address: group.address, probe, around, ...news }, signal);
}
