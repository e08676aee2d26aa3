import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { createSnapshot } from "../v1/createSnapshot.ts";
import { createSubscription } from "../v1/createSubscription.ts";
import { createTopic } from "../v1/createTopic.ts";
import { deleteSnapshot } from "../v1/deleteSnapshot.ts";
import { deleteSubscription } from "../v1/deleteSubscription.ts";
import { deleteTopic } from "../v1/deleteTopic.ts";
import { detachSubscription } from "../v1/detachSubscription.ts";
import { getSnapshot } from "../v1/getSnapshot.ts";
import { getSubscription } from "../v1/getSubscription.ts";
import { getTopic } from "../v1/getTopic.ts";
import { listSnapshots } from "../v1/listSnapshots.ts";
import { listSubscriptions } from "../v1/listSubscriptions.ts";
import { listTopics } from "../v1/listTopics.ts";
import { listTopicSnapshots } from "../v1/listTopicSnapshots.ts";
import { listTopicSubscriptions } from "../v1/listTopicSubscriptions.ts";
import { modifyPushConfig } from "../v1/modifyPushConfig.ts";
import { updateSnapshot } from "../v1/updateSnapshot.ts";
import { updateSubscription } from "../v1/updateSubscription.ts";
import { updateTopic } from "../v1/updateTopic.ts";

const RPCS = [
  createTopic,
  getTopic,
  listTopics,
  updateTopic,
  deleteTopic,
  listTopicSubscriptions,
  listTopicSnapshots,
  detachSubscription,
  createSubscription,
  getSubscription,
  listSubscriptions,
  updateSubscription,
  deleteSubscription,
  modifyPushConfig,
  createSnapshot,
  getSnapshot,
  listSnapshots,
  updateSnapshot,
  deleteSnapshot,
];

/** The methods of topics, subscriptions and snapshots. */
export function resourceRpcs(deps: Deps): readonly Rpc[] {
  return RPCS.map((define) => define(deps));
}
