import type { Clock } from "../../platform/clock.ts";
import type { InstanceOutput } from "../logs/instance-output.ts";
import type { WorkloadSpec } from "../workload.ts";
import { type ContainerGroup, containerGroup, type RunningContainer } from "./container-group.ts";
import { type ContainerContext, startContainer } from "./start-container.ts";
import { type PreparedInstance, StartError } from "./start-instance.ts";
import { startOrder } from "./start-order.ts";

export interface StartContainers {
  readonly clock: Clock;
  readonly spec: WorkloadSpec;
  readonly prepared: PreparedInstance;
  readonly output: InstanceOutput;
  /**
   * Whose end is the instance's. "any": a container that ends while others start is a failure. "main": others may end once
   * they have started; the main one's end stops the start, with those that run by then.
   */
  readonly endsWith: "any" | "main";
  readonly signal: AbortSignal;
}

/**
 * Starts the containers of an instance, each as soon as those it depends on have started, which means that their startup
 * probe has passed, or that their process runs if they have none. Resolves when all have started. Rejects with
 * StartError when one does not, or the signal aborts; every container has ended then.
 * Google: Cloud Run, "Configure containers for services", container start order.
 */
export async function startContainers(request: StartContainers): Promise<ContainerGroup> {
  const { spec, prepared, signal } = request;
  const running: RunningContainer[] = [];
  const early = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let starting = true;
  // The first failure is the one that counts; the others are consequences.
  const abandon = (cause: unknown) => {
    if (!starting) return;
    failed.reject(cause);
    early.abort(cause);
  };
  const fail: ContainerContext["fail"] = (cause) => {
    if (starting) abandon(cause());
  };
  const finish = () => {
    if (!starting) return;
    starting = false;
    early.abort(new Error("The main container has ended."));
  };
  const starts = new Map<string, Promise<void>>();
  const context = { ...request, running, fail, finish, signal: AbortSignal.any([signal, early.signal]) };
  try {
    for (const container of startOrder(spec.containers)) {
      const before = container.dependsOn.flatMap((name) => starts.get(name) ?? []);
      const start = Promise.all(before).then(() => startContainer(context, container));
      start.catch(abandon);
      starts.set(container.name, start);
    }
    await Promise.race([Promise.all(starts.values()), failed.promise]).catch((cause: unknown) => {
      if (starting) throw cause;
    });
    starting = false;
    await Promise.allSettled(starts.values());
  } catch (cause) {
    early.abort(cause);
    await Promise.allSettled(starts.values());
    throw await afterwards(running, cause);
  }
  const { containers } = spec;
  const inOrder = running.toSorted((a, b) => containers.indexOf(a.container) - containers.indexOf(b.container));
  return containerGroup(prepared, inOrder);
}

/** Ends what was started, and gives the failure the last lines of the container that failed. */
async function afterwards(running: readonly RunningContainer[], cause: unknown): Promise<StartError> {
  // Killed first, so that nothing they wrote is missing.
  await Promise.all(running.map(({ sandbox }) => sandbox.kill("SIGKILL").catch(() => undefined)));
  await Promise.all(running.map(({ sandbox }) => sandbox.exited));
  for (const { output } of running) output.flush();
  if (!(cause instanceof StartError)) return new StartError("RUNTIME", cause);
  const failed = running.find(({ container }) => container.name === cause.details.container);
  return new StartError(cause.reason, cause, { ...cause.details, logTail: failed?.output.tail() ?? [] });
}
