import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../../gen/google/longrunning/operations_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { alreadyExists, notFound } from "../../../wire/errors.ts";
import { checkEtag } from "../../../wire/etag.ts";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { newRow } from "../channels/stored-channel.ts";
import type { Deps } from "../deps.ts";
import { operationUnderWay } from "../errors.ts";
import { checkChannelLocation } from "../locations.ts";
import { checkId, parseLocationName, parseResourceName } from "../names.ts";
import { finishedOperation, newStart, startOperation, unstoredOperation } from "../operations.ts";
import { type ListRequest, orderedPage } from "../ordered-page.ts";
import { checkLabels } from "../triggers/validate-trigger.ts";
import { commonOf, type Kind } from "./kind.ts";
import { fromRow, messageOf, type StoredResource, toRow } from "./stored-resource.ts";

/** Makes a resource; `name` is whole. `resource` may be changed. */
export async function createResource<Schema extends DescMessage>(
  deps: Deps,
  kind: Kind<Schema>,
  name: string,
  resource: MessageShape<Schema>,
  validateOnly: boolean,
): Promise<Operation> {
  const { id, location } = parseResourceName(name, kind.collection);
  checkChannelLocation(location);
  checkId(id, `${kind.field}_id`);
  await validate(deps, kind, resource);
  const start = newStart(deps, name, "create");
  const work = kind.wakeup === undefined ? undefined : start;
  const stored = { row: newRow(name, deps.ids.uuid(), deps.clock.nowMs()), resource: settable(kind, resource), work };
  const table = kind.tableOf(deps);
  if (await table.get(name)) throw alreadyExists(name);
  if (validateOnly) return unstoredOperation(start, kind.schema, messageOf(kind, stored));
  return deps.store.transact(async (transaction) => {
    try {
      await table.insert(transaction, toRow(kind, stored));
    } catch (error) {
      throw error instanceof DuplicateResourceError ? alreadyExists(name) : error;
    }
    return answer(deps, transaction, kind, stored, start);
  });
}

/** Reads a resource; NOT_FOUND when there is none. */
export async function readResource<Schema extends DescMessage>(
  deps: Deps,
  kind: Kind<Schema>,
  name: string,
  transaction?: StoreTransaction,
): Promise<StoredResource<Schema>> {
  parseResourceName(name, kind.collection);
  const row = await kind.tableOf(deps).get(name, transaction);
  if (!row) throw notFound(name);
  return fromRow(kind, row);
}

/** A page of the resources of a location, or of all with "-". */
export async function listResources<Schema extends DescMessage>(deps: Deps, kind: Kind<Schema>, request: ListRequest) {
  parseLocationName(request.parent);
  const rows = await kind.tableOf(deps).list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
  type Named = MessageShape<Schema> & { readonly name: string };
  const all = rows.map((row) => messageOf(kind, fromRow(kind, row)) as Named);
  return orderedPage(kind.schema, all, request);
}

/** What update requests ask for. */
export interface UpdateRequest {
  readonly updateMask?: FieldMask | undefined;
  readonly allowMissing: boolean;
  readonly validateOnly: boolean;
}

/** Changes the fields of the mask, or those that are set. */
export async function updateResource<Schema extends DescMessage>(
  deps: Deps,
  kind: Kind<Schema>,
  given: MessageShape<Schema>,
  { updateMask, allowMissing, validateOnly }: UpdateRequest,
): Promise<Operation> {
  const { name } = commonOf(given);
  parseResourceName(name, kind.collection, `${kind.field}.name`);
  const table = kind.tableOf(deps);
  const found = await table.get(name);
  if (!found && allowMissing) return createResource(deps, kind, name, given, validateOnly);
  if (!found) throw notFound(name);
  const before = fromRow(kind, found);
  const paths = populatedFields(kind.schema, given).filter((path) => path !== "name");
  const mask = updateMask && updateMask.paths.length > 0 ? updateMask : create(FieldMaskSchema, { paths });
  const resource = settable(kind, applyFieldMask(kind.schema, before.resource, given, mask));
  await validate(deps, kind, resource, before.resource);
  const start = newStart(deps, name, "update");
  const work = kind.wakeup === undefined ? undefined : { ...start, previous: before.resource };
  const row = { ...found, generation: found.generation + 1, updateTimeMs: deps.clock.nowMs() };
  if (validateOnly) return unstoredOperation(start, kind.schema, messageOf(kind, { row, resource, work }));
  return deps.store.transact(async (transaction) => {
    const current = await readResource(deps, kind, name, transaction);
    if (current.work) throw operationUnderWay();
    const changed = await table.update(transaction, toRow(kind, { row, resource, work }));
    return answer(deps, transaction, kind, fromRow(kind, changed), start);
  });
}

/** What delete requests ask for. */
export interface DeleteRequest {
  readonly name: string;
  readonly etag: string;
  readonly allowMissing: boolean;
  readonly validateOnly: boolean;
}

/** Removes a resource; `check` may stand against it. */
export function deleteResource<Schema extends DescMessage>(
  deps: Deps,
  kind: Kind<Schema>,
  { name, etag, allowMissing, validateOnly }: DeleteRequest,
  check: (transaction: StoreTransaction) => Promise<void> = async () => {},
): Promise<Operation> {
  parseResourceName(name, kind.collection);
  const start = newStart(deps, name, "delete");
  return deps.store.transact(async (transaction) => {
    const row = await kind.tableOf(deps).get(name, transaction);
    if (!row && allowMissing) return unstoredOperation(start, kind.schema, create(kind.schema));
    if (!row) throw notFound(name);
    const stored = fromRow(kind, row);
    if (stored.work) throw operationUnderWay();
    checkEtag(etag, commonOf(messageOf(kind, stored)).etag);
    await check(transaction);
    if (validateOnly) return unstoredOperation(start, kind.schema, messageOf(kind, stored));
    if (kind.wakeup === undefined) {
      await kind.tableOf(deps).delete(transaction, name);
      await deps.policies.delete(transaction, name);
    } else await kind.tableOf(deps).update(transaction, toRow(kind, { ...stored, work: start }));
    return answer(deps, transaction, kind, stored, start);
  });
}

async function answer<Schema extends DescMessage>(
  deps: Deps,
  transaction: StoreTransaction,
  kind: Kind<Schema>,
  stored: StoredResource<Schema>,
  start: Parameters<typeof startOperation>[2],
): Promise<Operation> {
  if (kind.wakeup === undefined)
    return finishedOperation(deps, transaction, start, kind.schema, messageOf(kind, stored));
  await deps.wakeups.wake(transaction, kind.wakeup, start.target);
  return startOperation(deps, transaction, start);
}

async function validate<Schema extends DescMessage>(
  deps: Deps,
  kind: Kind<Schema>,
  resource: MessageShape<Schema>,
  before?: MessageShape<Schema>,
): Promise<void> {
  await kind.canonicalize?.(deps, resource);
  checkLabels(commonOf(resource).labels, `${kind.field}.labels`);
  await kind.validate(deps, resource, before);
}

/** Without what the server says of a resource. */
function settable<Schema extends DescMessage>({ schema }: Kind<Schema>, resource: MessageShape<Schema>) {
  const { createTime: _, updateTime: __, ...rest } = commonOf(resource);
  return create(schema, { ...rest, name: "", uid: "", etag: "" } as never);
}
