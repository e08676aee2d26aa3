import type { RunContext } from "../../context.ts";
import type { V1Request } from "../request.ts";
import { getWorkerPool, listWorkerPools, postWorkerPool, putWorkerPool, removeWorkerPool } from "./worker-pools.ts";

type Handler = (context: RunContext, at: V1Request) => Promise<object>;

const NAMESPACE = String.raw`\/apis\/run\.googleapis\.com\/v1\/namespaces\/(?<project>[^/]+)`;
const NAME = "(?<name>[^/:]+)";

/** Methods of worker pools: HTTP method, path, handler. Google: Cloud Run Admin API v1, REST reference. */
export const WORKER_POOL_METHODS: readonly (readonly [method: string, path: string, handle: Handler])[] = [
  ["GET", `${NAMESPACE}/workerpools`, listWorkerPools],
  ["POST", `${NAMESPACE}/workerpools`, postWorkerPool],
  ["GET", `${NAMESPACE}/workerpools/${NAME}`, getWorkerPool],
  ["PUT", `${NAMESPACE}/workerpools/${NAME}`, putWorkerPool],
  ["DELETE", `${NAMESPACE}/workerpools/${NAME}`, removeWorkerPool],
];
