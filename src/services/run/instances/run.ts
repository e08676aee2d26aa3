import { clone, create } from "@bufbuild/protobuf";
import { Condition_Severity, Condition_State } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import { ContainerStatusSchema } from "../../../gen/google/cloud/run/v2/container_status_pb.js";
import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { checkSecrets } from "../secrets/check-secrets.ts";
import { type ConditionChange, type Failure, SUCCEEDED } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { resolveImage } from "../revisions/pin-images.ts";
import { elapsed } from "../revisions/revision-outcome.ts";
import { startFailure } from "../revisions/start-failure.ts";
import { noteCompletion } from "./completion.ts";
import { parseInstanceName } from "./names.ts";
import { instanceSpecOf, routeOf } from "./spec.ts";
import type { InstanceRecord } from "./store.ts";

/** What became of what was asked of an instance. */
export type Settlement = { readonly change: ConditionChange } | { readonly failure: Failure };

/** Checks secrets, finds the images when it is created, starts the instance and lets requests in. */
export async function runInstance(
  context: RunContext,
  record: InstanceRecord,
  signal: AbortSignal,
): Promise<Settlement> {
  const startMs = context.clock.nowMs();
  const { containers, volumes, serviceAccount, name } = record.instance;
  const { project } = parseInstanceName(name);
  const refused = await checkSecrets(context, { project, containers, volumes, serviceAccount }, signal);
  if (refused) return halted(context, name, refused);
  const pinned = await pinImages(context, record, signal);
  if ("failure" in pinned) return halted(context, name, pinned.failure);
  const failure = await start(context, pinned.instance, signal);
  if (failure) return halted(context, name, failure);
  // Google's words.
  const message = `Started instance in ${elapsed(startMs, context.clock.nowMs())}.`;
  return { change: { ...SUCCEEDED, message } };
}

/** Stops the instance: no more requests, SIGTERM at once, and SIGKILL after the grace time. */
export async function stopInstance(
  { serving, placements }: RunContext,
  { instance }: InstanceRecord,
  signal: AbortSignal,
): Promise<Settlement> {
  serving.removeRoute(instance.name);
  await placements.remove(instance.name);
  signal.throwIfAborted();
  return { change: STOPPED };
}

const STOPPED: ConditionChange = {
  state: Condition_State.CONDITION_FAILED,
  severity: Condition_Severity.INFO,
  message: "Instance stopped.",
};

/** Tells the serving floor of an instance that runs, or is to run; `serves` lets requests in. */
export function declareInstance(context: RunContext, instance: Instance, serves: boolean): void {
  const { name, uid } = instance;
  const spec = instanceSpecOf(instance, () => {
    // At once, so that no other one takes its place.
    context.placements.declare(name, { ...spec, minInstances: 0, maxInstances: 0 });
    noteCompletion(context, name, uid);
  });
  context.placements.declare(name, spec);
  const route = serves ? routeOf(instance) : undefined;
  if (route) context.serving.setRoute(route);
}

async function start(context: RunContext, instance: Instance, signal: AbortSignal): Promise<Failure | undefined> {
  declareInstance(context, instance, false);
  const outcome = await context.serving.awaitReady(instance.name, signal);
  signal.throwIfAborted();
  const { containers, logUri } = instance;
  if (!outcome.ready) return startFailure(create(RevisionSchema, { containers, logUri }), outcome);
  declareInstance(context, instance, true);
  return undefined;
}

/** What did not start is not tried again by itself. */
function halted({ serving, placements }: RunContext, name: string, failure: Failure): Settlement {
  serving.removeRoute(name);
  placements.keepOnly(name, new Set());
  return { failure };
}

type Pinned = { readonly instance: Instance } | { readonly failure: Failure };

/** Notes the digests that the images' tags have, for good. Google: container_status.proto, image_digest. */
async function pinImages(context: RunContext, record: InstanceRecord, signal: AbortSignal): Promise<Pinned> {
  if (record.instance.containerStatuses.length > 0) return { instance: record.instance };
  const instance = clone(InstanceSchema, record.instance);
  for (const { name, image } of instance.containers) {
    const resolved = await resolveImage(context, image, signal);
    if ("failure" in resolved) return resolved;
    instance.containerStatuses.push(create(ContainerStatusSchema, { name, imageDigest: resolved.image }));
  }
  await context.store.transact(async (transaction) => {
    const stored = await context.instances.get(instance.name, transaction);
    if (stored?.instance.generation !== instance.generation) return;
    const pinned = clone(InstanceSchema, stored.instance);
    pinned.containerStatuses = instance.containerStatuses;
    await context.instances.update(transaction, { ...stored, instance: pinned });
  });
  return { instance };
}
