import { projectNumberOf } from "../../../../wire/projects/project-number.ts";
import type { RevisionName } from "../../names.ts";
import type { RevisionRecord } from "../../store.ts";
import { API_VERSION } from "../jobs/knative.ts";
import { jobObjectMetadata } from "../jobs/metadata.ts";
import type { KnativeMetadata } from "../knative.ts";
import { LOCATION_LABEL } from "../service.ts";
import { workerTemplateMetadata } from "./template.ts";

/** Label by which a revision tells the worker pool that it is of; gcloud selects by it. */
const WORKER_POOL = "run.googleapis.com/workerPool";

/** The metadata of a revision of a worker pool in v1. */
export function workerRevisionMetadata(
  { revision, hidden, sequence }: RevisionRecord,
  at: RevisionName,
): KnativeMetadata {
  const { labels, annotations } = workerTemplateMetadata(revision, hidden);
  const { creator } = revision;
  return {
    ...jobObjectMetadata(revision, at, "revisions", sequence),
    selfLink: `/apis/serving.knative.dev/v1/namespaces/${projectNumberOf(at.project)}/revisions/${at.revision}`,
    labels: { ...labels, [WORKER_POOL]: at.owner, [LOCATION_LABEL]: at.location },
    annotations: { ...annotations, ...(creator !== "" && { "serving.knative.dev/creator": creator }) },
    ownerReferences: [
      { apiVersion: API_VERSION, kind: "WorkerPool", name: at.owner, controller: true, blockOwnerDeletion: true },
    ],
  };
}
