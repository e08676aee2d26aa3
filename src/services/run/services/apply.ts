import { beingDeleted, resourceExists } from "../resource-errors.ts";
import { create } from "@bufbuild/protobuf";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RunContext } from "../context.ts";
import { revisionExists, serviceNotFound } from "./errors.ts";
import { lastSegment, revisionNameOf } from "../names.ts";
import { needsRevision } from "./needs-revision.ts";
import { pruneRevisions } from "../revisions/prune-revisions.ts";
import { startOperation } from "./operations.ts";
import { CONFIGURATION_GENERATION, newRevision, revisionIdOf } from "../revisions/revision.ts";
import { type Author, changedService, deletedService, newService, setLatestCreated, withDefaults } from "./service.ts";
import type { HiddenMetadata, ServiceRecord } from "../store.ts";
import { assertSupportedFields } from "../validate/supported-fields.ts";
import { serviceViolations } from "../validate/service.ts";
import { serviceView } from "./view.ts";
import { type FieldNaming, violationError } from "../validate/violations.ts";

/** Label by which v1 tells the service of a revision. */
const SERVICE_UID = "serving.knative.dev/serviceUid";

/** What a client wants a service to be: v2 fields, and what v1 adds to them. */
export interface Wish {
  readonly service: Service;
  readonly metadata: HiddenMetadata;
  readonly template: HiddenMetadata;
}

/** A change under way, as the API methods answer it. */
export interface Applied {
  readonly record: ServiceRecord;
  readonly operation: Operation;
}

/** Fills in defaults and rejects a wish that is not valid; `naming` says how the surface names fields. */
export function validWish(wish: Wish, naming: FieldNaming): Wish {
  assertSupportedFields(ServiceSchema, wish.service, "service");
  const service = withDefaults(wish.service);
  const violations = serviceViolations(service);
  if (violations.length > 0) throw violationError(violations, naming);
  return { ...wish, service };
}

/** The record that creating a service would write first; nothing is stored. */
export function plannedRecord(context: RunContext, wish: Wish, email: string): ServiceRecord {
  const service = newService(wish.service, context.ids.uuid(), { email, nowMs: context.clock.nowMs() });
  return recordOf(wish, service, "", 1);
}

/** Writes a new service, its first revision, the operation and the wake-up in one transaction. */
export async function createService(context: RunContext, wish: Wish, email: string): Promise<Applied> {
  const { ids, clock, rows, store } = context;
  const [uid, operationId, revisionUid] = [ids.uuid(), ids.uuid(), ids.uuid()];
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const service = newService(wish.service, uid, author);
    await assertNameFree(context, transaction, service.name);
    await addRevision(context, transaction, service, wish.template, revisionUid);
    const record = await rows.insertService(transaction, recordOf(wish, service, operationId, 1));
    return started(context, transaction, record);
  });
}

/** Services and instances share their names, and with them their hosts. Google: Cloud Run docs, create instances. */
async function assertNameFree({ rows, instances }: RunContext, transaction: StoreTransaction, name: string) {
  const instance = name.replace("/services/", "/instances/");
  const isTaken = (await rows.getService(name, transaction)) ?? (await instances.get(instance, transaction));
  if (isTaken) throw resourceExists(name);
}

/**
 * Writes a changed service, its new revision if the template changed, the operation and the wake-up in one
 * transaction. `wishOf` makes the valid wish from the stored service, and rejects what must not be changed.
 */
export async function updateService(
  context: RunContext,
  name: string,
  wishOf: (current: ServiceRecord) => Wish,
  email: string,
): Promise<Applied> {
  const { ids, clock, rows, store } = context;
  const [operationId, revisionUid] = [ids.uuid(), ids.uuid()];
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await changeableService(context, transaction, name);
    const wish = wishOf(current);
    const service = changedService(current.service, wish.service, author);
    const latest = await rows.getRevision(current.service.latestCreatedRevision, transaction);
    const before = { service: current.service, hidden: current.hidden.template };
    if (needsRevision(before, { service, hidden: wish.template }, latest)) {
      await addRevision(context, transaction, service, wish.template, revisionUid);
    }
    const record = await rows.updateService(transaction, recordOf(wish, service, operationId, current.version));
    return started(context, transaction, record);
  });
}

/** Marks a service as on its way out, with operation and wake-up; `check` rejects when it must not be deleted. */
export async function deleteService(
  context: RunContext,
  name: string,
  check: (current: ServiceRecord) => void,
  email: string,
): Promise<Applied> {
  const { ids, clock, rows, store } = context;
  const operationId = ids.uuid();
  const author: Author = { email, nowMs: clock.nowMs() };
  return store.transact(async (transaction) => {
    const current = await changeableService(context, transaction, name);
    check(current);
    const hidden = { ...current.hidden, operationId };
    const service = deletedService(current.service, author);
    const record = await rows.updateService(transaction, { service, hidden, version: current.version });
    return started(context, transaction, record);
  });
}

async function changeableService({ rows }: RunContext, transaction: StoreTransaction, name: string) {
  const current = await rows.getService(name, transaction);
  if (!current) throw serviceNotFound(name);
  if (current.service.deleteTime) throw beingDeleted(name);
  return current;
}

async function started(context: RunContext, transaction: StoreTransaction, record: ServiceRecord): Promise<Applied> {
  const { name } = record.service;
  const operation = await startOperation(context, transaction, record.hidden.operationId, serviceView(record));
  await context.wakeups.wake(transaction, "run.service", name);
  transaction.afterCommit(() => context.attempts.supersede(name));
  return { record, operation };
}

async function addRevision(
  { rows, clock }: RunContext,
  transaction: StoreTransaction,
  service: Service,
  hidden: HiddenMetadata,
  uid: string,
): Promise<void> {
  const id = revisionIdOf(service);
  const revision = newRevision(service, id, uid, clock.nowMs());
  if (await rows.getRevision(revisionNameOf(service.name, id), transaction)) throw revisionExists(id);
  const labels = {
    ...hidden.labels,
    [CONFIGURATION_GENERATION]: String(service.generation),
    [SERVICE_UID]: service.uid,
  };
  await rows.insertRevision(transaction, { revision, hidden: { ...hidden, labels }, version: 1 });
  setLatestCreated(service, lastSegment(revision.name));
  await pruneRevisions(rows, transaction, service);
}

function recordOf(wish: Wish, service: Service, operationId: string, version: number): ServiceRecord {
  const hidden = { operationId, metadata: wish.metadata, template: wish.template };
  return { service: create(ServiceSchema, service), hidden, version };
}
