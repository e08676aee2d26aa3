/** Longest name of a worker pool. Google: worker_pool.proto, CreateWorkerPoolRequest.worker_pool_id. */
export const MAX_WORKER_POOL_NAME = 49;
/** Instances of a worker pool that says nothing of them. Google: Cloud Run docs, manual scaling of worker pools. */
export const DEFAULT_INSTANCE_COUNT = 1;
