import type { ServiceDeps } from "../../wire/service-deps.ts";
import { type Buckets, createBuckets } from "./buckets/buckets.ts";
import { type BucketStore, createBucketStore } from "./buckets/store.ts";
import { type ContentStore, createContentStore } from "../../platform/blobs/content-store.ts";
import { createOutbox, type Outbox } from "../../wire/outbox/outbox.ts";
import { OUTBOX_TABLE } from "./migrations.ts";
import { createNotifications, type Notifications } from "./notifications/notifications.ts";
import { createObjectEvents } from "./notifications/object-events.ts";
import { createObjectChanger, type ObjectChanger } from "./objects/change.ts";
import { createObjectCopier, type ObjectCopier } from "./objects/copy.ts";
import { createObjectReader, type ObjectReader } from "./objects/read.ts";
import { createObjectStore, type ObjectStore } from "./objects/store.ts";
import { createObjectWriter, type ObjectWriter } from "./objects/write.ts";
import { createUploadStore, type UploadStore } from "./uploads/store.ts";
import { createUploads, type Uploads } from "./uploads/uploads.ts";

/** Kind of the wake-ups that look whether a content is still needed. */
export const CONTENT_WAKEUP = "storage.content";

/** Kind of the wake-ups that publish notifications. */
const NOTIFICATION_WAKEUP = "storage.notification";

export type ModelDeps = Pick<
  ServiceDeps,
  "store" | "wakeups" | "blobs" | "clock" | "ids" | "policies" | "access" | "projects" | "clients" | "log"
>;

/** Cloud Storage itself, which the gRPC, JSON and XML faces share. */
export interface StorageModel extends ModelDeps {
  readonly buckets: Buckets;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  readonly changer: ObjectChanger;
  readonly copier: ObjectCopier;
  readonly uploads: Uploads;
  readonly notifications: Notifications;
  readonly outbox: Outbox;
  readonly bucketStore: BucketStore;
  readonly objectStore: ObjectStore;
  readonly uploadStore: UploadStore;
  readonly contentStore: ContentStore;
}

export function createStorageModel(deps: ModelDeps): StorageModel {
  const { store, wakeups, blobs, clock, ids, policies, access, projects, clients, log } = deps;
  const outbox = createOutbox(deps, { table: OUTBOX_TABLE, kind: NOTIFICATION_WAKEUP });
  const events = createObjectEvents({ outbox, clock, projects });
  const objectStore = createObjectStore(store);
  const stores = {
    bucketStore: createBucketStore(store),
    objectStore,
    uploadStore: createUploadStore(store),
    contentStore: createContentStore(
      { store, wakeups, blobs, clock, ids },
      { folder: "storage/content", kind: CONTENT_WAKEUP, isReferred: objectStore.refersTo },
    ),
  };
  const base = {
    store,
    wakeups,
    blobs,
    clock,
    ids,
    policies,
    access,
    projects,
    clients,
    log,
    outbox,
    events,
    ...stores,
  };
  const reader = createObjectReader(stores);
  const writer = createObjectWriter(base);
  const changer = createObjectChanger(base);
  return {
    ...base,
    reader,
    writer,
    buckets: createBuckets(base),
    notifications: createNotifications(base),
    changer,
    copier: createObjectCopier({ ...base, reader, writer, changer }),
    uploads: createUploads({ ...base, reader, writer }),
  };
}
