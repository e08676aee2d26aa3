import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { lastSegment, parseRevisionName, ownerNameOf } from "../names.ts";
import { resolvedImageOf } from "../revisions/revision.ts";
import type { RevisionRecord } from "../store.ts";
import { partUid } from "./configurations.ts";
import { conditionToKnative } from "./conditions.ts";
import type { KnativeMetadata } from "./knative.ts";
import { resourceVersionOf } from "./resource-version.ts";
import { LOCATION_LABEL, objectMetadata } from "./service.ts";
import { templateMetadata, templateSpec } from "./template.ts";
import { workerRevisionMetadata } from "./worker-pools/revision.ts";
import { workerTemplateSpec } from "./worker-pools/template.ts";

/** Label by which a revision tells the service that it is of. */
const SERVICE_UID = "serving.knative.dev/serviceUid";

/** A stored revision as v1 answers it. */
export function revisionToKnative(record: RevisionRecord) {
  const { revision } = record;
  const at = parseRevisionName(revision.name);
  const isOfService = at.collection === "services";
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Revision",
    metadata: isOfService ? revisionMetadata(record) : workerRevisionMetadata(record, at),
    spec: isOfService ? templateSpec(revision) : workerTemplateSpec(revision),
    status: revisionStatus(revision),
  } as const;
}

function revisionMetadata({ revision, hidden, sequence }: RevisionRecord): KnativeMetadata {
  const { name, uid, createTime, creator } = revision;
  const { location, owner: service } = parseRevisionName(name);
  const { labels, annotations } = templateMetadata(revision, hidden);
  const serviceUid = labels?.[SERVICE_UID];
  return {
    ...objectMetadata({ name: ownerNameOf(name) }, "revisions", lastSegment(name)),
    uid,
    resourceVersion: resourceVersionOf(sequence),
    generation: 1,
    ...(createTime && { creationTimestamp: timestampDate(createTime).toISOString() }),
    labels: {
      ...labels,
      "serving.knative.dev/service": service,
      "serving.knative.dev/configuration": service,
      "serving.knative.dev/route": service,
      [LOCATION_LABEL]: location,
    },
    annotations: { ...annotations, ...(creator !== "" && { "serving.knative.dev/creator": creator }) },
    ownerReferences: [
      {
        apiVersion: "serving.knative.dev/v1",
        kind: "Configuration",
        name: service,
        ...(serviceUid !== undefined && { uid: partUid(serviceUid, "Configuration") }),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

/** Replicas are those that are always there. Google: Cloud Run Admin API v1, RevisionStatus.desired_replicas. */
function revisionStatus(revision: Revision) {
  const imageDigest = resolvedImageOf(revision);
  const desiredReplicas = revision.scaling?.minInstanceCount ?? 0;
  return {
    observedGeneration: 1,
    conditions: revision.conditions.map(conditionToKnative),
    logUrl: revision.logUri,
    ...(imageDigest !== undefined && {
      imageDigest,
      containerStatuses: revision.containers.map(({ name, image }) => {
        return { ...(name !== "" && { name }), imageDigest: image };
      }),
    }),
    ...(desiredReplicas > 0 && { desiredReplicas }),
  };
}
