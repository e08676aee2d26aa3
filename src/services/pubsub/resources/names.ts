import { invalidArgument } from "../../../wire/errors.ts";

/** The collections of named things in Pub/Sub. */
export type Collection = "topics" | "subscriptions" | "snapshots" | "schemas";

/** What Subscription.topic and Snapshot.topic say when the topic is gone. */
export const DELETED_TOPIC = "_deleted-topic_";

const NAME = /^projects\/[\w.:-]+\/([a-z]+)\/([^/]+)$/;
const ID = /^[A-Za-z][\w.~+%-]{2,254}$/;

/**
 * Rejects what is not the name of a resource of that collection: an id begins with a letter and not with "goog", and has 3
 * to 255 letters, digits and -_.~+%. Google: cloud.google.com/pubsub/docs/pubsub-basics#resource_names.
 */
export function checkName(collection: Collection, name: string): void {
  const [, actual, id = ""] = NAME.exec(name) ?? [];
  if (actual !== collection || !ID.test(id) || id.startsWith("goog")) throw invalidName(name);
}

/** Rejects what is not a project's name. */
export function checkProject(name: string): void {
  if (!/^projects\/[\w.:-]+$/.test(name)) throw invalidName(name);
}

/** The project of a resource, as in "projects/demo". */
export function projectOf(name: string): string {
  return name.split("/").slice(0, 2).join("/");
}

function invalidName(name: string) {
  const rules = "Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.";
  return invalidArgument(`Invalid resource name given (name=${name}). ${rules}`);
}
