import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { lastSegment, parseRevisionName, serviceNameOf } from "../names.ts";
import { resolvedImageOf } from "../revision.ts";
import type { RevisionRecord } from "../store.ts";
import { conditionToKnative } from "./conditions.ts";
import type { KnativeMetadata } from "./knative.ts";
import { LOCATION_LABEL, objectMetadata, resourceVersionOf } from "./service.ts";
import { templateMetadata, templateSpec } from "./template.ts";

/** A stored revision as v1 answers it. */
export function revisionToKnative(record: RevisionRecord) {
  const { revision } = record;
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Revision",
    metadata: revisionMetadata(record),
    spec: templateSpec(revision),
    status: revisionStatus(revision),
  } as const;
}

function revisionMetadata({ revision, hidden, version }: RevisionRecord): KnativeMetadata {
  const { name, uid, createTime, creator } = revision;
  const { location, service } = parseRevisionName(name);
  const { labels, annotations } = templateMetadata(revision, hidden);
  return {
    ...objectMetadata({ name: serviceNameOf(name) }, "revisions", lastSegment(name)),
    uid,
    resourceVersion: resourceVersionOf(version),
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
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

function revisionStatus(revision: Revision): object {
  const imageDigest = resolvedImageOf(revision);
  const name = revision.containers[0]?.name ?? "";
  return {
    observedGeneration: 1,
    conditions: revision.conditions.map(conditionToKnative),
    logUrl: revision.logUri,
    ...(imageDigest !== undefined && {
      imageDigest,
      containerStatuses: [{ ...(name !== "" && { name }), imageDigest }],
    }),
  };
}
