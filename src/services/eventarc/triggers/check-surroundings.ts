import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Trigger } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import type { Deps } from "../deps.ts";
import { bucketElsewhere, invalidFilter, invalidRequest } from "../errors.ts";
import { agentOf, type LocationName } from "../names.ts";
import { findEventType } from "../providers/catalog.ts";
import { endpointOf } from "./destination.ts";
import { typeOf, valueOf } from "./filters.ts";
import { unlessNotFound } from "./unless-not-found.ts";
import { accountOf } from "./validate-trigger.ts";

/**
 * Rejects a trigger that names what is not there: destination, bucket, topic, channel or service account. A function is not looked
 * for: Cloud Functions asks for its trigger before it has deployed it.
 */
export async function checkSurroundings(deps: Deps, { project, location }: LocationName, trigger: Trigger) {
  if (trigger.destination?.descriptor.case !== "cloudFunction") await endpointOf(deps, project, trigger.destination!);
  await checkAccount(deps, accountOf(trigger));
  await checkChannel(deps, location, trigger.channel);
  await checkTopic(deps, project, trigger.transport?.intermediary.value?.topic ?? "");
  const isStorage = trigger.channel === "" && findEventType(typeOf(trigger))?.origin === "STORAGE";
  if (isStorage) await checkBucket(deps, project, location, valueOf(trigger.eventFilters, "bucket"));
}

async function checkAccount({ serviceAccounts }: Deps, email: string): Promise<void> {
  if (email === "" || (await serviceAccounts.find(email))) return;
  throw invalidRequest("trigger.service_account", `service account "${email}" was not found`);
}

async function checkChannel({ channels }: Deps, location: string, name: string): Promise<void> {
  if (name === "") return;
  if (!(await channels.get(name))) throw invalidRequest("trigger.channel", `channel "${name}" was not found`);
  const channelLocation = name.split("/")[3]!;
  if (channelLocation !== location)
    throw invalidRequest(
      "trigger.channel",
      `channel "${name}" location "${channelLocation}" does not match trigger location "${location}"`,
    );
}

async function checkTopic({ clients }: Deps, project: string, topic: string): Promise<void> {
  if (topic === "") return;
  const found = await unlessNotFound(clients.of(Publisher, agentOf(project)).getTopic({ topic }));
  if (!found) throw invalidRequest("trigger.transport.pubsub.topic", `topic "${topic}" was not found`);
}

async function checkBucket({ clients }: Deps, project: string, location: string, id: string): Promise<void> {
  const buckets = clients.of(Storage, agentOf(project));
  const bucket = await unlessNotFound(buckets.getBucket({ name: `projects/_/buckets/${id}` }));
  if (!bucket) throw invalidFilter("bucket", `bucket "${id}" was not found`);
  const bucketLocation = bucket.location.toLowerCase();
  if (bucketLocation !== location) throw bucketElsewhere(id, bucketLocation, location);
}
