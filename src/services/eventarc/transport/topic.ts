import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { alreadyExists } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf, parentOf, parseLocationName } from "../names.ts";
import { unlessCode, unlessNotFound } from "../triggers/unless-not-found.ts";
import { labelsOf } from "./names.ts";

/** Makes a transport topic; one that is there already must carry the owner's uid. */
export async function ensureTopic({ clients }: Pick<Deps, "clients">, owner: Owner, topic: string): Promise<void> {
  const { project, location } = locationOf(owner);
  const publisher = clients.of(Publisher, agentOf(project));
  const labels = labelsOf(location, owner.uid);
  if (await unlessCode(publisher.createTopic({ name: topic, labels }), Code.ALREADY_EXISTS)) return;
  const found = await publisher.getTopic({ topic });
  if (found.labels["goog-drz-eventarc-uuid"] !== owner.uid) throw alreadyExists(topic);
}

/** Deletes a transport topic that Eventarc has made. */
export async function removeTopic({ clients }: Pick<Deps, "clients">, owner: Owner, topic: string): Promise<void> {
  await unlessNotFound(clients.of(Publisher, agentOf(locationOf(owner).project)).deleteTopic({ topic }));
}

/** The trigger, channel or pipeline that a topic or subscription belongs to. */
export interface Owner {
  readonly name: string;
  readonly uid: string;
}

function locationOf({ name }: Owner) {
  return parseLocationName(parentOf(name));
}
