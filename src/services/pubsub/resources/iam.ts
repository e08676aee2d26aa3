import type { IamResource } from "../../../wire/service-module.ts";
import type { Deps } from "../deps.ts";
import { findSchema } from "../schemas/schema.ts";
import { findSnapshot } from "./snapshot.ts";
import { findSubscription } from "./subscription.ts";
import { findTopic } from "./topic.ts";

/** The resources of Pub/Sub that have IAM policies. */
export function iamResources(deps: Deps): readonly IamResource[] {
  return [
    iamResource("topics", async (name) => void (await findTopic(deps, name))),
    iamResource("subscriptions", async (name) => void (await findSubscription(deps, name))),
    iamResource("snapshots", async (name) => void (await findSnapshot(deps, name))),
    iamResource("schemas", async (name) => void (await findSchema(deps, name))),
  ];
}

function iamResource(collection: string, assertExists: IamResource["assertExists"]): IamResource {
  const pattern = new RegExp(`^projects/[^/]+/${collection}/[^/]+$`);
  return { pattern, template: `projects/*/${collection}/*`, assertExists };
}
