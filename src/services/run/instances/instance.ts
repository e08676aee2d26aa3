import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { IngressTraffic } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { type ConditionChange, conditionOf, RECONCILING } from "../conditions.ts";
import { withContainersDefaults, withVolumesDefaults } from "../templates/container-defaults.ts";
import type { Author } from "../services/service.ts";
import { defaultServiceAccount } from "../templates/template-defaults.ts";
import { hostsOf } from "../urls.ts";
import { withVpcAccessDefaults } from "../templates/vpc-access.ts";
import { parseInstanceName } from "./names.ts";

/** The terminal condition of an instance. Google's instances tell whether they run by it. */
const RUNNING = "Running";

/** A client's wish with every default filled in that shows when the instance is read back. */
export function withInstanceDefaults(intent: Instance): Instance {
  const instance = clone(InstanceSchema, intent);
  const { project, instance: id } = parseInstanceName(instance.name);
  const hasPort = servesRequests(instance);
  instance.launchStage ||= LaunchStage.GA;
  instance.ingress ||= hasPort ? IngressTraffic.ALL : IngressTraffic.NONE;
  instance.serviceAccount ||= defaultServiceAccount(project);
  // Without a port it gets none: an instance need not serve requests.
  const containers = withContainersDefaults(instance.containers, { name: id, servesRequests: hasPort });
  for (const { resources } of containers) if (resources) resources.cpuIdle = false;
  instance.containers = containers;
  instance.volumes = withVolumesDefaults(instance.volumes);
  if (instance.vpcAccess) instance.vpcAccess = withVpcAccessDefaults(instance.vpcAccess);
  instance.etag = "";
  return instance;
}

/** A new instance, not yet started, from a wish with defaults. */
export function newInstance(wish: Instance, uid: string, author: Author): Instance {
  const instance = withoutState(wish);
  Object.assign(instance, { uid, creator: author.email, logUri: logUriOf(wish) });
  instance.createTime = timestampFromMs(author.nowMs);
  if (isReachable(instance)) instance.urls = hostsOf(serviceNameFor(instance)).map((host) => `https://${host}`);
  return changedInstance(instance, author);
}

/** The instance once somebody asked for something else than before. */
export function changedInstance(current: Instance, { email, nowMs }: Author): Instance {
  const instance = clone(InstanceSchema, current);
  Object.assign(instance, { generation: current.generation + 1n, lastModifier: email, reconciling: true });
  instance.updateTime = timestampFromMs(nowMs);
  setRunning(instance, RECONCILING, nowMs);
  return instance;
}

/** The instance once its deletion was asked for. */
export function deletedInstance(current: Instance, author: Author): Instance {
  const instance = changedInstance(current, author);
  instance.deleteTime = timestampFromMs(author.nowMs);
  // What is deleted is not kept.
  instance.expireTime = timestampFromMs(author.nowMs);
  return instance;
}

/** Changes the condition that tells whether an instance runs. */
export function setRunning(instance: Instance, change: ConditionChange, nowMs: number): void {
  const before = instance.terminalCondition ? [instance.terminalCondition] : [];
  instance.terminalCondition = conditionOf(RUNNING, before, change, nowMs);
}

/** Whether one of the containers listens for requests. */
export function servesRequests({ containers }: Pick<Instance, "containers">): boolean {
  return containers.some(({ ports }) => ports.length > 0);
}

/** Whether requests reach the instance at URLs of its own. */
export function isReachable(instance: Pick<Instance, "containers" | "ingress">): boolean {
  return servesRequests(instance) && instance.ingress !== IngressTraffic.NONE;
}

/** Instances and services share their names, and so their hosts. */
export function serviceNameFor({ name }: Pick<Instance, "name">) {
  const { project, location, instance } = parseInstanceName(name);
  return { project, location, service: instance };
}

/** What a client may say about an instance. */
function withoutState(given: Instance): Instance {
  const { name, description, labels, annotations, client, clientVersion, launchStage, serviceAccount } = given;
  const { containers, volumes, ingress, invokerIamDisabled, vpcAccess } = given;
  const about = { name, description, labels, annotations, client, clientVersion, launchStage };
  const settings = { serviceAccount, containers, volumes, ingress, invokerIamDisabled };
  return clone(InstanceSchema, create(InstanceSchema, { ...about, ...settings, ...(vpcAccess && { vpcAccess }) }));
}

/** The page of the Google Cloud console with the instance's log. */
function logUriOf({ name }: Instance): string {
  const { project, location, instance } = parseInstanceName(name);
  const filter = `resource.type="cloud_run_instance"\nresource.labels.instance_name="${instance}"\nresource.labels.location="${location}"`;
  return `https://console.cloud.google.com/logs/viewer?project=${project}&advancedFilter=${encodeURIComponent(filter)}`;
}
