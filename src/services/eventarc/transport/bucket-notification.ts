import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { agentOf, parseResourceName } from "../names.ts";
import { typeOf, valueOf } from "../triggers/filters.ts";
import type { StoredTrigger } from "../triggers/stored-trigger.ts";

/** Cloud Storage's names of its events, by the last word of Eventarc's. Google: cloud.google.com/storage/docs/pubsub-notifications. */
const EVENT_TYPES: Readonly<Record<string, string>> = {
  finalized: "OBJECT_FINALIZE",
  deleted: "OBJECT_DELETE",
  archived: "OBJECT_ARCHIVE",
  metadataUpdated: "OBJECT_METADATA_UPDATE",
};

interface NotificationConfig {
  readonly id: string;
  readonly topic: string;
}

/** Lets the bucket of a trigger notify the trigger's topic; the topic tells which configuration is the trigger's. */
export async function ensureNotification(deps: Deps, stored: StoredTrigger): Promise<void> {
  const { eventFilters } = stored.trigger;
  const bucket = valueOf(eventFilters, "bucket");
  if ((await notificationsOf(deps, stored, bucket)).length > 0) return;
  await call(deps, stored, "POST", configsOf(bucket), {
    topic: topicOf(stored),
    event_types: [EVENT_TYPES[typeOf({ eventFilters }).split(".").at(-1)!]],
    payload_format: "JSON_API_V1",
  });
}

/** Ends the notification; a bucket that is gone notifies nobody. */
export async function removeNotification(deps: Deps, stored: StoredTrigger, bucket: string): Promise<void> {
  for (const { id } of await notificationsOf(deps, stored, bucket))
    await call(deps, stored, "DELETE", `${configsOf(bucket)}/${id}`, undefined, [404]);
}

async function notificationsOf(deps: Deps, stored: StoredTrigger, bucket: string): Promise<NotificationConfig[]> {
  const response = await call(deps, stored, "GET", configsOf(bucket), undefined, [404]);
  if (response.status === 404) return [];
  const { items = [] } = (await response.json()) as { items?: NotificationConfig[] };
  return items.filter(({ topic }) => topic === topicOf(stored));
}

function configsOf(bucket: string): string {
  return `https://storage.googleapis.com/storage/v1/b/${encodeURIComponent(bucket)}/notificationConfigs`;
}

function topicOf({ transport }: StoredTrigger): string {
  return `//pubsub.googleapis.com/${transport.topic}`;
}

async function call(
  { fetchInProcess }: Deps,
  { name }: StoredTrigger,
  method: string,
  url: string,
  body?: object,
  accepted: readonly number[] = [],
): Promise<Response> {
  const init = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const agent = agentOf(parseResourceName(name, "triggers").project);
  const response = await fetchInProcess(new Request(url, { method, ...init }), agent);
  if (response.ok || accepted.includes(response.status)) return response;
  const message = await messageOf(response);
  throw new ApiError(CODES[response.status] ?? Code.INTERNAL, message);
}

const CODES: Readonly<Record<number, Code>> = {
  400: Code.INVALID_ARGUMENT,
  403: Code.PERMISSION_DENIED,
  404: Code.NOT_FOUND,
  409: Code.ALREADY_EXISTS,
  501: Code.UNIMPLEMENTED,
};

async function messageOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return `Cloud Storage answered ${response.status} ${text}`;
  }
}
