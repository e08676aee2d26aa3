import { clone } from "@bufbuild/protobuf";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { ApiError } from "../../../wire/errors.ts";
import { updateRevisionStates } from "../revisions/revision-states.ts";
import type { BroughtUp } from "../revisions/bring-up-revision.ts";
import { type ConditionChange, conditionOf, type Failure, failed, SUCCEEDED } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { moveTraffic, type WarmUp } from "./move-traffic.ts";
import { finishOperations } from "./operations.ts";
import { failureOfChange, missingFailure, revisionsOf } from "../revisions/owned-revisions.ts";
import { isReady } from "../revisions/revision.ts";
import { revisionNotReady } from "../revisions/start-failure.ts";
import type { ServiceRecord } from "../store.ts";
import { heldTraffic, isLatest, planTraffic, reachableRevisions, type TrafficPlan } from "./traffic.ts";
import { serviceView } from "./view.ts";

/**
 * Moves traffic and writes the outcome, given what stands in the way of the latest created revision. A service that
 * fails goes on serving what it served. Resolves with false when a newer intent came in between: nothing was written.
 */
export async function settleService(
  context: RunContext,
  record: ServiceRecord,
  latest: BroughtUp,
  signal: AbortSignal,
): Promise<boolean> {
  const { service } = record;
  const { failure } = latest;
  const latestReady = failure ? service.latestReadyRevision : service.latestCreatedRevision;
  const latestReadyId = latestReady === "" ? undefined : lastSegment(latestReady);
  const revisions = await reachedOf(context, service, latestReadyId);
  const wanted = planTraffic(service, latestReadyId, (id) => revisions.has(id) && isReady(revisions.get(id)!));
  const routeFailure = missingFailure(revisions, wanted.missing[0]);
  const plan = routeFailure ? heldTraffic(service, latestIdOf(service), latestReadyId) : wanted;

  const warm = await moveTraffic(context, service, plan, revisions, signal);
  const outcome: Settlement = { latestReady, plan, latest, routeFailure, warm };
  const written = await context.store.transact((transaction) => writeOutcome(context, transaction, record, outcome));
  if (written) {
    const reachable = [...reachableRevisions(plan)].map((id) => revisionNameOf(service.name, id));
    context.deployments.keepOnly(service.name, new Set(reachable));
  }
  return written;
}

interface Settlement {
  readonly latestReady: string;
  readonly plan: TrafficPlan;
  /** Whether the latest created revision is ready, and why not. */
  readonly latest: BroughtUp;
  readonly warm: WarmUp;
  /** Why traffic cannot go where it is to go. */
  readonly routeFailure: Failure | undefined;
}

/** Revisions that traffic goes to, or is to go to. */
function reachedOf(context: RunContext, service: Service, latestReadyId: string | undefined) {
  const named = [...service.traffic, ...service.trafficStatuses].map(({ revision }) => revision);
  return revisionsOf(context, service.name, [...named, latestReadyId ?? "", latestIdOf(service) ?? ""]);
}

function latestIdOf({ latestReadyRevision }: Service): string | undefined {
  return latestReadyRevision === "" ? undefined : lastSegment(latestReadyRevision);
}

async function writeOutcome(
  context: RunContext,
  transaction: StoreTransaction,
  record: ServiceRecord,
  settlement: Settlement,
): Promise<boolean> {
  const stored = await context.rows.getService(record.service.name, transaction);
  if (stored?.service.generation !== record.service.generation) return false;
  const service = settledService(stored.service, settlement, context.clock.nowMs());
  const written = await context.rows.updateService(transaction, { ...stored, service });
  await updateRevisionStates(context, transaction, stored.service, service, settlement);
  const problem = serviceFailure(service, settlement);
  const error = problem && new ApiError(problem.code, problem.message);
  await finishOperations(context, transaction, serviceView(written), error);
  return true;
}

/** Google: service.proto, Service.reconciling tells what a service shows after success and after failure. */
function settledService(stored: Service, settlement: Settlement, nowMs: number): Service {
  const service = clone(ServiceSchema, stored);
  const { plan, latestReady, latest, routeFailure } = settlement;
  const { failure } = latest;
  const problem = serviceFailure(service, settlement);
  const configurations = failure && revisionNotReady(service.latestCreatedRevision, failure);
  const routes = routeFailure ?? (service.traffic.some(isLatest) ? configurations : undefined);
  const change = (cause: Failure | undefined): ConditionChange => (cause ? failed(cause) : SUCCEEDED);
  const before = service.terminalCondition ? [service.terminalCondition] : [];
  service.terminalCondition = conditionOf("Ready", before, change(problem), nowMs);
  service.conditions = [
    conditionOf("RoutesReady", service.conditions, change(routes), nowMs),
    conditionOf("ConfigurationsReady", service.conditions, change(configurations), nowMs),
  ];
  service.latestReadyRevision = latestReady;
  service.trafficStatuses = [...plan.statuses];
  if (!problem) service.observedGeneration = service.generation;
  service.reconciling = false;
  return service;
}

function serviceFailure(service: Service, { latest, routeFailure }: Settlement): Failure | undefined {
  return failureOfChange(service.latestCreatedRevision, latest, service.traffic.some(isLatest), routeFailure);
}
