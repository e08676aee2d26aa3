import type { Clock } from "../../platform/clock.ts";
import type { ContainerGroup } from "../containers/container-group.ts";
import { startContainers } from "../containers/start-containers.ts";
import { startFailureOf, type StartInstance } from "../containers/start-instance.ts";
import type { InstanceOutput } from "../logs/instance-output.ts";
import type { RevisionSpec, StartOutcome } from "../serving.ts";
import type { Upstream } from "./upstream.ts";

export interface LaunchDeps {
  readonly clock: Clock;
  readonly start: StartInstance;
}

export interface Launch {
  readonly outcome: StartOutcome;
  /** Present when the outcome is ready; without upstream for instances that get no requests. */
  readonly started?: { readonly group: ContainerGroup; readonly upstream: Upstream | undefined };
}

/** Starts an instance and waits until it is ready. Leaves nothing running unless the outcome is ready; never rejects. */
export async function launch(
  deps: LaunchDeps,
  spec: RevisionSpec,
  id: string,
  output: InstanceOutput,
  signal: AbortSignal,
): Promise<Launch> {
  try {
    signal.throwIfAborted();
    await using undo = new AsyncDisposableStack();
    const prepared = undo.use(await deps.start({ spec, port: spec.port?.number, id, signal }));
    const { clock } = deps;
    // Loaded while the first container comes up, which takes longer: a start of the server does not wait for it.
    const [group, { createUpstream }] = await Promise.all([
      startContainers({ clock, spec, prepared, output, endsWith: "any", signal }),
      import("./upstream.ts"),
    ]);
    undo.move();
    const upstream = spec.port && createUpstream(group.address, spec.port);
    return { outcome: { ready: true }, started: { group, upstream } };
  } catch (cause) {
    return { outcome: startFailureOf(cause, spec) };
  }
}
