import { principalEmail } from "../../../../wire/credentials/principal.ts";
import { invalidArgument } from "../../../../wire/errors.ts";
import { LOCATIONS } from "../../../../wire/locations.ts";
import type { RunContext } from "../../context.ts";
import { versionConflict } from "../../services/errors.ts";
import { formatLocationName } from "../../names.ts";
import {
  createWorkerPool,
  deleteWorkerPool,
  plannedWorkerPool,
  updateWorkerPool,
  validWorkerPoolWish,
  type WorkerPoolWish,
} from "../../worker-pools/apply.ts";
import { workerPoolNotFound } from "../../worker-pools/errors.ts";
import { MAX_WORKER_POOL_NAME } from "../../worker-pools/limits.ts";
import { formatWorkerPoolName } from "../../worker-pools/names.ts";
import { type WorkerPoolRecord, WORKER_POOLS_TABLE, workerPoolOf } from "../../worker-pools/store.ts";
import { isWorkerPoolId } from "../../worker-pools/validate.ts";
import { changedWorkerPool } from "../../worker-pools/worker-pool.ts";
import { checkBody } from "../check-body.ts";
import type { Collection } from "../collection.ts";
import { deletedStatus, deletionOf } from "../delete-options.ts";
import { API_VERSION } from "../jobs/knative.ts";
import { listCollection, shown } from "../lists.ts";
import { locationFor } from "../location-for.ts";
import { isDryRun, jsonBodyOf, projectIdOf, type V1Request } from "../request.ts";
import { resourceVersionOf } from "../resource-version.ts";
import { v1WorkerPoolNaming } from "./naming.ts";
import { WORKER_POOL_SHAPE } from "./shapes.ts";
import { type KnativeWorkerPool, workerPoolToKnative, workerPoolWishFromKnative } from "./worker-pool.ts";

/** Worker pools as lists and watches show them. */
export const WORKER_POOLS: Collection<WorkerPoolRecord> = {
  apiVersion: API_VERSION,
  kind: "WorkerPool",
  plural: "workerpools",
  table: WORKER_POOLS_TABLE,
  parentOf: formatLocationName,
  listing: ({ workerPools }) => workerPools.all,
  itemOf: workerPoolOf,
  toKnative: workerPoolToKnative,
};

/** GET workerpools: a WorkerPoolList, or a watch. */
export const listWorkerPools = (context: RunContext, at: V1Request) => listCollection(context, WORKER_POOLS, at);

/** GET workerpools/NAME. */
export const getWorkerPool = async (context: RunContext, at: V1Request) =>
  shown(WORKER_POOLS, await findWorkerPool(context, at), at);

/** POST workerpools: creates; with dryRun=all nothing is stored. */
export async function postWorkerPool(context: RunContext, at: V1Request): Promise<object> {
  const body = await bodyOf(context, at);
  const workerPool = body.metadata.name ?? "";
  checkName(workerPool);
  const name = formatWorkerPoolName({ project: at.project, location: locationFor(at, body.metadata), workerPool });
  const wish = validWorkerPoolWish(workerPoolWishFromKnative(name, body), v1WorkerPoolNaming);
  const email = principalEmail(at.call.principal);
  if (isDryRun(at.url)) return workerPoolToKnative(plannedWorkerPool(context, wish, email));
  return workerPoolToKnative((await createWorkerPool(context, wish, email)).record);
}

/** PUT workerpools/NAME: replaces everything but what the server writes; with dryRun=all nothing is stored. */
export async function putWorkerPool(context: RunContext, at: V1Request): Promise<object> {
  const body = await bodyOf(context, at);
  if ((body.metadata.name ?? at.name) !== at.name) {
    const description = `The name of the object (${body.metadata.name}) does not match the name on the URL (${at.name}).`;
    throw invalidArgument(description, [{ field: "metadata.name", description }]);
  }
  const found = await findWorkerPool(context, at);
  const wishOf = (current: WorkerPoolRecord): WorkerPoolWish => {
    checkVersion(current, body.metadata.resourceVersion);
    return validWorkerPoolWish(workerPoolWishFromKnative(current.workerPool.name, body), v1WorkerPoolNaming);
  };
  const email = principalEmail(at.call.principal);
  const { name } = found.workerPool;
  if (!isDryRun(at.url)) return workerPoolToKnative((await updateWorkerPool(context, name, wishOf, email)).record);
  const author = { email, nowMs: context.clock.nowMs() };
  const workerPool = changedWorkerPool(found.workerPool, wishOf(found).workerPool, author);
  return workerPoolToKnative({ ...found, workerPool });
}

/** DELETE workerpools/NAME. */
export async function removeWorkerPool(context: RunContext, at: V1Request): Promise<object> {
  const { dryRun, check } = await deletionOf(at);
  const record = await findWorkerPool(context, at);
  const { name } = record.workerPool;
  check(workerPoolToKnative(record));
  const checkCurrent = (current: WorkerPoolRecord) => check(workerPoolToKnative(current));
  if (!dryRun) await deleteWorkerPool(context, name, checkCurrent, principalEmail(at.call.principal));
  return deletedStatus(workerPoolToKnative(record));
}

/** The worker pool that a v1 path names; without a regional host the one region that has it. */
async function findWorkerPool({ workerPools }: RunContext, at: V1Request): Promise<WorkerPoolRecord> {
  for (const location of at.location === "-" ? Object.keys(LOCATIONS) : [at.location]) {
    const record = await workerPools.get(formatWorkerPoolName({ ...at, location, workerPool: at.name }));
    if (record) return record;
  }
  throw workerPoolNotFound(formatWorkerPoolName({ ...at, workerPool: at.name }));
}

/** The WorkerPool in the body of a request; INVALID_ARGUMENT for anything else, or for one of another namespace. */
async function bodyOf(context: RunContext, at: V1Request): Promise<KnativeWorkerPool> {
  const body = checkBody(WORKER_POOL_SHAPE, await jsonBodyOf(at.request), "worker_pool") as Partial<KnativeWorkerPool>;
  const { apiVersion, kind, metadata = {}, spec } = body;
  if (apiVersion !== API_VERSION) throw fault("apiVersion", `must be ${API_VERSION}.`);
  if (kind !== "WorkerPool") throw fault("kind", "must be WorkerPool.");
  if (!spec?.template) throw fault("spec.template", "required field not present.");
  if (metadata.namespace && (await projectIdOf(context, metadata.namespace)) !== at.project) {
    throw fault("metadata.namespace", `must be the namespace on the URL (${at.project}).`);
  }
  return { apiVersion, kind, metadata, spec };
}

function checkName(name: string): void {
  if (isWorkerPoolId(name)) return;
  const description = `only lowercase, digits, and hyphens; must begin with letter, and may not end with hyphen; must be less than ${MAX_WORKER_POOL_NAME + 1} characters.`;
  throw fault("worker_pool.metadata.name", description);
}

function checkVersion({ workerPool, sequence }: WorkerPoolRecord, given: string | undefined): void {
  const current = resourceVersionOf(sequence);
  if (given && given !== current) throw versionConflict(workerPool.name, given, current);
}

function fault(field: string, description: string) {
  return invalidArgument(`${field}: ${description}`, [{ field, description }]);
}
