import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Revision, RevisionSchema } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { WorkerPool } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import { WorkerPoolRevisionTemplateSchema } from "../../../gen/google/cloud/run/v2/worker_pool_revision_template_pb.js";
import { conditionOf, RECONCILING } from "../conditions.ts";
import { revisionNameOf } from "../names.ts";
import { REVISION_CONDITIONS } from "../revisions/revision.ts";
import { parseWorkerPoolName } from "./names.ts";

/** A new revision with a copy of the worker pool's template, not yet started; it is of no service. */
export function newRevision(pool: WorkerPool, id: string, uid: string, nowMs: number): Revision {
  const template = clone(WorkerPoolRevisionTemplateSchema, pool.template!);
  const { revision: _name, $typeName: _type, $unknown: _unknown, ...settings } = template;
  const now = timestampFromMs(nowMs);
  const revision = create(RevisionSchema, {
    ...settings,
    name: revisionNameOf(pool.name, id),
    uid,
    generation: 1n,
    createTime: now,
    updateTime: now,
    launchStage: pool.launchStage,
    reconciling: true,
    logUri: logUriOf(pool, id),
    creator: pool.lastModifier,
  });
  const types = REVISION_CONDITIONS.slice(0, -1);
  revision.conditions = types.map((type) => conditionOf(type, [], RECONCILING, nowMs));
  return revision;
}

/** The page of the Google Cloud console with the revision's log. */
function logUriOf({ name }: WorkerPool, revision: string): string {
  const { project, location, workerPool } = parseWorkerPoolName(name);
  const filter = [
    'resource.type="cloud_run_worker_pool"',
    `resource.labels.worker_pool_name="${workerPool}"`,
    `resource.labels.revision_name="${revision}"`,
    `resource.labels.location="${location}"`,
  ].join("\n");
  return `https://console.cloud.google.com/logs/viewer?project=${project}&advancedFilter=${encodeURIComponent(filter)}`;
}
