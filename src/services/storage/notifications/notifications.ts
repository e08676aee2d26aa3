import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { BucketSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { BucketStore, StoredBucket } from "../buckets/store.ts";
import { bucketNotFound, notificationNotFound, topicNotFound } from "../errors.ts";
import { bucketEtag } from "../etags.ts";
import { checkRoom, type NotificationConfig } from "./config.ts";
import { serviceAgentOf } from "./service-agent.ts";

export interface NotificationsDeps extends Pick<ServiceDeps, "store" | "clock" | "clients" | "projects"> {
  readonly bucketStore: BucketStore;
}

/** The notification configurations of buckets; every method rejects with Cloud Storage's own errors. */
export interface Notifications {
  /** Adds a configuration whose topic exists; its id is the bucket's metageneration, which this raises. */
  insert(bucketId: string, asked: Omit<NotificationConfig, "id">): Promise<NotificationConfig>;
  get(bucketId: string, id: string): Promise<NotificationConfig>;
  list(bucketId: string): Promise<readonly NotificationConfig[]>;
  delete(bucketId: string, id: string): Promise<void>;
}

export function createNotifications(deps: NotificationsDeps): Notifications {
  const { store } = deps;
  const existing = async (bucketId: string, transaction?: StoreTransaction) => {
    const row = await deps.bucketStore.get(bucketId, transaction);
    if (!row) throw bucketNotFound();
    return row;
  };
  return {
    async insert(bucketId, asked) {
      await checkTopic(deps, await existing(bucketId), asked.topic);
      return store.transact(async (transaction) => {
        const row = await existing(bucketId, transaction);
        checkRoom(row.notifications, asked);
        const config = { ...asked, id: String(row.bucket.metageneration) };
        await put(deps, transaction, row, [...row.notifications, config]);
        return config;
      });
    },
    get: async (bucketId, id) => found(await existing(bucketId), id),
    list: async (bucketId) => (await existing(bucketId)).notifications,
    delete: (bucketId, id) =>
      store.transact(async (transaction) => {
        const row = await existing(bucketId, transaction);
        const config = found(row, id);
        const left = row.notifications.filter((other) => other !== config);
        await put(deps, transaction, row, left);
      }),
  };
}

async function put(
  { bucketStore, clock }: NotificationsDeps,
  transaction: StoreTransaction,
  row: StoredBucket,
  notifications: readonly NotificationConfig[],
): Promise<void> {
  const metageneration = row.bucket.metageneration + 1n;
  const bucket = create(BucketSchema, {
    ...row.bucket,
    metageneration,
    etag: bucketEtag(metageneration),
    updateTime: timestampFromMs(clock.nowMs()),
  });
  await bucketStore.put(transaction, { ...row, bucket, notifications });
}

function found({ notifications }: StoredBucket, id: string): NotificationConfig {
  const config = notifications.find((each) => each.id === id);
  if (!config) throw notificationNotFound();
  return config;
}

/** Rejects a topic that the bucket's service agent does not see. */
async function checkTopic({ clients, projects }: NotificationsDeps, row: StoredBucket, topic: string): Promise<void> {
  const email = serviceAgentOf(row.bucket.project);
  const [, project = "", id = ""] = /^projects\/([^/]+)\/topics\/(.+)$/.exec(topic) ?? [];
  try {
    await clients
      .of(Publisher, { kind: "serviceAgent", email })
      .getTopic({ topic: `projects/${projects.idOf(project)}/topics/${id}` });
  } catch (error) {
    const isRefused = error instanceof ApiError && REFUSALS.includes(error.code);
    throw isRefused ? topicNotFound(topic, email) : error;
  }
}

const REFUSALS: readonly Code[] = [Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.INVALID_ARGUMENT];
