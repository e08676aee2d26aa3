import { create } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { TrafficTargetAllocationType } from "../../../gen/google/cloud/run/v2/traffic_target_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import type { Wish } from "../services/apply.ts";
import { lastSegment, parseServiceName } from "../names.ts";
import type { HiddenService, ServiceRecord } from "../store.ts";
import { isLatest } from "../services/traffic.ts";
import { readAnnotations, writeAnnotations } from "./annotation-rules.ts";
import { conditionToKnative } from "./conditions.ts";
import type { KnativeMetadata, KnativeService, KnativeTraffic } from "./knative.ts";
import { resourceVersionOf } from "./resource-version.ts";
import { SERVICE_ANNOTATIONS, UNSUPPORTED_SERVICE_ANNOTATIONS } from "./service-annotations.ts";
import { sortLabels, templateFromKnative, templateMetadata, templateSpec } from "./template.ts";

export const LOCATION_LABEL = "cloud.googleapis.com/location";
const OPERATION_ID = "run.googleapis.com/operation-id";

/** The wish that a v1 Service body stands for; `name` is the full v2 name. */
export function wishFromKnative(name: string, { metadata, spec }: KnativeService): Wish {
  const { template, hidden } = templateFromKnative(spec.template);
  const service = create(ServiceSchema, { name, template, traffic: (spec.traffic ?? []).map(targetFromKnative) });
  const annotations = metadata.annotations ?? {};
  const unsupported = UNSUPPORTED_SERVICE_ANNOTATIONS;
  const sorted = readAnnotations(annotations, SERVICE_ANNOTATIONS, unsupported, service, "metadata.annotations");
  const labels = sortLabels(metadata.labels ?? {}, [LOCATION_LABEL]);
  service.annotations = sorted.own;
  service.labels = labels.own;
  return { service, metadata: { labels: labels.hidden, annotations: sorted.hidden }, template: hidden };
}

/** A stored service as v1 answers it. */
export function serviceToKnative({ service, hidden, sequence }: ServiceRecord): KnativeService {
  const { template } = service;
  const templateMeta = templateMetadata(template!, hidden.template);
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: serviceMetadata(service, hidden, sequence),
    spec: {
      template: {
        metadata: { ...(template!.revision !== "" && { name: template!.revision }), ...templateMeta },
        spec: templateSpec(template!),
      },
      traffic: service.traffic.map(targetToKnative),
    },
    status: serviceStatus(service),
  };
}

/** The metadata that every v1 object of a service shares. */
export function objectMetadata(service: Pick<Service, "name">, plural: string, id: string): KnativeMetadata {
  const namespace = projectNumberOf(parseServiceName(service.name).project);
  const selfLink = `/apis/serving.knative.dev/v1/namespaces/${namespace}/${plural}/${id}`;
  return { name: id, namespace, selfLink };
}

function serviceMetadata(service: Service, hidden: HiddenService, sequence: number | undefined): KnativeMetadata {
  const { name, uid, generation, createTime, deleteTime } = service;
  const { location } = parseServiceName(name);
  return {
    ...objectMetadata(service, "services", lastSegment(name)),
    uid,
    resourceVersion: resourceVersionOf(sequence),
    generation: Number(generation),
    ...(createTime && { creationTimestamp: timestampDate(createTime).toISOString() }),
    ...(deleteTime && { deletionTimestamp: timestampDate(deleteTime).toISOString() }),
    labels: { ...service.labels, ...hidden.metadata.labels, [LOCATION_LABEL]: location },
    annotations: {
      ...service.annotations,
      ...hidden.metadata.annotations,
      ...writeAnnotations(SERVICE_ANNOTATIONS, service),
      ...(hidden.operationId !== "" && { [OPERATION_ID]: hidden.operationId }),
    },
  };
}

/** v1 tells the outcome of the newest generation, also when it failed. */
function serviceStatus(service: Service): object {
  const { terminalCondition, conditions, latestReadyRevision, latestCreatedRevision, uri } = service;
  const ordered = ["ConfigurationsReady", "RoutesReady"].flatMap((type) =>
    conditions.filter((each) => each.type === type),
  );
  return {
    observedGeneration: Number(service.generation),
    conditions: [...(terminalCondition ? [terminalCondition] : []), ...ordered].map(conditionToKnative),
    ...(latestReadyRevision !== "" && { latestReadyRevisionName: lastSegment(latestReadyRevision) }),
    ...(latestCreatedRevision !== "" && { latestCreatedRevisionName: lastSegment(latestCreatedRevision) }),
    traffic: trafficStatus(service),
    ...(uri !== "" && { url: uri, address: { url: uri } }),
  };
}

/** Where traffic goes now; "latest" is shown with the revision that it means. */
export function trafficStatus(service: Service): KnativeTraffic[] {
  const latestReady = lastSegment(service.latestReadyRevision);
  return service.trafficStatuses.map((status) => ({
    ...targetToKnative(status),
    ...(isLatest(status) && latestReady !== "" && { revisionName: latestReady }),
    ...(status.uri !== "" && { url: status.uri }),
  }));
}

type Target = Pick<Service["traffic"][number], "type" | "revision" | "percent" | "tag">;

function targetToKnative(target: Target): KnativeTraffic {
  const { revision, percent, tag } = target;
  return {
    ...(isLatest(target) ? { latestRevision: true } : { revisionName: revision }),
    ...(percent > 0 && { percent }),
    ...(tag !== "" && { tag }),
  };
}

/** A status that is sent back names a revision for "latest", which then means nothing. */
function targetFromKnative({ latestRevision = false, revisionName = "", percent = 0, tag = "" }: KnativeTraffic) {
  const followsLatest = latestRevision || revisionName === "";
  const type = followsLatest ? TrafficTargetAllocationType.LATEST : TrafficTargetAllocationType.REVISION;
  return { type, revision: followsLatest ? "" : revisionName, percent, tag };
}
