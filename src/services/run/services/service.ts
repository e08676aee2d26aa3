import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { type Service, ServiceSchema } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  type TrafficTarget,
  TrafficTargetAllocationType,
  TrafficTargetSchema,
} from "../../../gen/google/cloud/run/v2/traffic_target_pb.js";
import { IngressTraffic, ServiceScalingSchema } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { conditionOf, PENDING, RECONCILING } from "../conditions.ts";
import { parseServiceName, revisionNameOf } from "../names.ts";
import { withTemplateDefaults } from "../templates/template-defaults.ts";
import { urlsOf } from "../urls.ts";

/** Conditions of a service besides its terminal one, in Google's order. */
export const SERVICE_CONDITIONS = ["RoutesReady", "ConfigurationsReady"] as const;

/** Who changes a service, and when. */
export interface Author {
  readonly email: string;
  readonly nowMs: number;
}

/** A client's wish with every default filled in that shows when the service is read back. */
export function withDefaults(intent: Service): Service {
  const service = clone(ServiceSchema, intent);
  const owner = parseServiceName(service.name);
  service.ingress ||= IngressTraffic.ALL;
  service.launchStage ||= LaunchStage.GA;
  service.scaling ??= create(ServiceScalingSchema);
  service.traffic = service.traffic.length === 0 ? [allToLatest()] : service.traffic.map(withType);
  if (service.template) service.template = withTemplateDefaults(service.template, owner);
  service.etag = "";
  return service;
}

/** A new service, not yet reconciled, from a wish with defaults. */
export function newService(wish: Service, uid: string, { email, nowMs }: Author): Service {
  const service = clone(ServiceSchema, wish);
  service.uid = uid;
  service.createTime = timestampFromMs(nowMs);
  service.creator = email;
  return asChanged(service, 1n, { email, nowMs });
}

/** The service after a change of intent: the wish with what the server knows of the service so far. */
export function changedService(current: Service, wish: Service, author: Author): Service {
  const service = clone(ServiceSchema, wish);
  const { uid, createTime, creator, observedGeneration, latestReadyRevision } = current;
  const { latestCreatedRevision, trafficStatuses, terminalCondition, conditions } = clone(ServiceSchema, current);
  Object.assign(service, { uid, creator, observedGeneration, latestReadyRevision });
  Object.assign(service, { latestCreatedRevision, trafficStatuses, conditions });
  if (createTime) service.createTime = createTime;
  if (terminalCondition) service.terminalCondition = terminalCondition;
  return asChanged(service, current.generation + 1n, author);
}

/** The service once its deletion was asked for. */
export function deletedService(current: Service, author: Author): Service {
  const service = asChanged(clone(ServiceSchema, current), current.generation + 1n, author);
  service.deleteTime = timestampFromMs(author.nowMs);
  // What is deleted is not kept.
  service.expireTime = timestampFromMs(author.nowMs);
  return service;
}

/** Notes that `revision` (short name) is the one made of the service's template. */
export function setLatestCreated(service: Service, revision: string): void {
  service.latestCreatedRevision = revisionNameOf(service.name, revision);
}

function asChanged(service: Service, generation: bigint, { email, nowMs }: Author): Service {
  const { uri, urls } = urlsOf(service);
  Object.assign(service, { generation, lastModifier: email, reconciling: true, uri, urls: [...urls] });
  service.updateTime = timestampFromMs(nowMs);
  const before = service.terminalCondition ? [service.terminalCondition] : [];
  service.terminalCondition = conditionOf("Ready", before, RECONCILING, nowMs);
  service.conditions = SERVICE_CONDITIONS.map((type) => conditionOf(type, service.conditions, PENDING, nowMs));
  return service;
}

function allToLatest(): TrafficTarget {
  const type = TrafficTargetAllocationType.LATEST;
  return create(TrafficTargetSchema, { type, percent: 100 });
}

function withType(target: TrafficTarget): TrafficTarget {
  if (target.type !== TrafficTargetAllocationType.UNSPECIFIED) return target;
  const type = target.revision === "" ? TrafficTargetAllocationType.LATEST : TrafficTargetAllocationType.REVISION;
  return { ...target, type };
}
