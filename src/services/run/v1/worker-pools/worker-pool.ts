import { create } from "@bufbuild/protobuf";
import {
  InstanceSplitAllocationType,
  type InstanceSplit,
} from "../../../../gen/google/cloud/run/v2/instance_split_pb.js";
import { type WorkerPool, WorkerPoolSchema } from "../../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { lastSegment } from "../../names.ts";
import type { WorkerPoolWish } from "../../worker-pools/apply.ts";
import { isLatest } from "../../worker-pools/instance-splits.ts";
import { parseWorkerPoolName } from "../../worker-pools/names.ts";
import type { WorkerPoolRecord } from "../../worker-pools/store.ts";
import { readAnnotations, writeAnnotations } from "../annotation-rules.ts";
import { conditionToKnative } from "../conditions.ts";
import { OPERATION_ID } from "../jobs/annotations.ts";
import { API_VERSION } from "../jobs/knative.ts";
import { jobObjectMetadata } from "../jobs/metadata.ts";
import type { KnativeMetadata, KnativeTemplate } from "../knative.ts";
import { LOCATION_LABEL } from "../service.ts";
import { sortLabels } from "../template.ts";
import { UNSUPPORTED_WORKER_POOL_ANNOTATIONS, WORKER_POOL_ANNOTATIONS } from "./annotations.ts";
import { commonFields, workerTemplateFromKnative, workerTemplateMetadata, workerTemplateSpec } from "./template.ts";

/** Worker pools of Cloud Run v1 as JSON. Google: Cloud Run Admin API v1, discovery document, schema WorkerPool. */
export interface KnativeWorkerPool {
  apiVersion: typeof API_VERSION;
  kind: "WorkerPool";
  metadata: KnativeMetadata;
  spec: { template: KnativeTemplate; instanceSplits?: KnativeSplit[] };
  status?: object;
}

interface KnativeSplit {
  percent?: number;
  revisionName?: string;
  latestRevision?: boolean;
}

/** The wish that a v1 WorkerPool body stands for; `name` is the full v2 name. */
export function workerPoolWishFromKnative(name: string, { metadata, spec }: KnativeWorkerPool): WorkerPoolWish {
  const { template, hidden } = workerTemplateFromKnative(spec.template);
  const instanceSplits = (spec.instanceSplits ?? []).map(splitFromKnative);
  const workerPool = create(WorkerPoolSchema, { name, template, instanceSplits });
  const sorted = readAnnotations(
    metadata.annotations ?? {},
    WORKER_POOL_ANNOTATIONS,
    UNSUPPORTED_WORKER_POOL_ANNOTATIONS,
    workerPool,
    "metadata.annotations",
  );
  const labels = sortLabels(metadata.labels ?? {}, [LOCATION_LABEL]);
  workerPool.annotations = sorted.own;
  workerPool.labels = labels.own;
  return { workerPool, metadata: { labels: labels.hidden, annotations: sorted.hidden }, template: hidden };
}

/** A stored worker pool as v1 answers it. */
export function workerPoolToKnative(record: WorkerPoolRecord): KnativeWorkerPool {
  const { workerPool: pool, hidden } = record;
  const template = commonFields(pool.template!);
  const { revision } = pool.template!;
  return {
    apiVersion: API_VERSION,
    kind: "WorkerPool",
    metadata: metadataOf(record),
    spec: {
      template: {
        metadata: { ...(revision !== "" && { name: revision }), ...workerTemplateMetadata(template, hidden.template) },
        spec: workerTemplateSpec(template),
      },
      instanceSplits: pool.instanceSplits.map(splitToKnative),
    },
    status: statusOf(pool),
  };
}

function metadataOf({ workerPool: pool, hidden, sequence }: WorkerPoolRecord): KnativeMetadata {
  const at = parseWorkerPoolName(pool.name);
  return {
    ...jobObjectMetadata(pool, at, "workerpools", sequence),
    labels: { ...pool.labels, ...hidden.metadata.labels, [LOCATION_LABEL]: at.location },
    annotations: {
      ...pool.annotations,
      ...hidden.metadata.annotations,
      ...writeAnnotations(WORKER_POOL_ANNOTATIONS, pool),
      ...(hidden.operationId !== "" && { [OPERATION_ID]: hidden.operationId }),
    },
  };
}

/** v1 tells the outcome of the newest generation, also when it failed; "latest" is shown with the revision that it means. */
function statusOf(pool: WorkerPool): object {
  const { terminalCondition, latestReadyRevision, latestCreatedRevision } = pool;
  const latestReady = lastSegment(latestReadyRevision);
  return {
    observedGeneration: Number(pool.generation),
    conditions: terminalCondition ? [conditionToKnative(terminalCondition)] : [],
    ...(latestReady !== "" && { latestReadyRevisionName: latestReady }),
    ...(latestCreatedRevision !== "" && { latestCreatedRevisionName: lastSegment(latestCreatedRevision) }),
    instanceSplits: pool.instanceSplitStatuses.map((status) => ({
      ...splitToKnative(status),
      ...(isLatest(status) && latestReady !== "" && { revisionName: latestReady }),
    })),
  };
}

function splitToKnative(split: Pick<InstanceSplit, "type" | "revision" | "percent">): KnativeSplit {
  const { revision, percent } = split;
  return {
    ...(isLatest(split) ? { latestRevision: true } : { revisionName: revision }),
    ...(percent > 0 && { percent }),
  };
}

/** A status that is sent back names a revision for "latest", which then means nothing. */
function splitFromKnative({ latestRevision = false, revisionName = "", percent = 0 }: KnativeSplit) {
  const followsLatest = latestRevision || revisionName === "";
  const type = followsLatest ? InstanceSplitAllocationType.LATEST : InstanceSplitAllocationType.REVISION;
  return { type, revision: followsLatest ? "" : revisionName, percent };
}
