import { type ContentStore, createContentStore } from "../../platform/blobs/content-store.ts";
import { createKeyedLock, type KeyedLock } from "../../platform/keyed-lock.ts";
import { createResourceTable } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import { type BlobStore, createBlobStore } from "./blobs/store.ts";
import { createOutbox, type Outbox } from "../../wire/outbox/outbox.ts";
import { createImageEvents, type ImageEvents, tellingImageStore } from "./images/image-events.ts";
import { OUTBOX_TABLE } from "./migrations.ts";
import { createImageStore, type ImageStore } from "./images/store.ts";
import { REPOSITORIES_TABLE } from "./repositories/table.ts";
import { createUploadStore, type UploadStore } from "./uploads/store.ts";

/** Kinds of wake-ups. */
export const WAKEUPS = {
  /** Looks whether a content is still needed; the key is its id. */
  content: "artifactregistry.content",
  /** Drops blobs of an image that no manifest names; the key is JSON of repository and image. */
  image: "artifactregistry.image",
  /** Ends an upload; the key is its id. */
  upload: "artifactregistry.upload",
  /** Publishes what has happened to images. */
  event: "artifactregistry.event",
} as const;

export type ModelDeps = Pick<
  ServiceDeps,
  | "store"
  | "wakeups"
  | "blobs"
  | "clock"
  | "ids"
  | "operations"
  | "policies"
  | "access"
  | "projects"
  | "tokens"
  | "clients"
  | "log"
>;

/** Everything that the API and the registry share. */
export interface RegistryModel extends ModelDeps {
  readonly repositories: ResourceTable;
  readonly imageStore: ImageStore;
  readonly imageEvents: ImageEvents;
  readonly outbox: Outbox;
  readonly blobStore: BlobStore;
  readonly uploadStore: UploadStore;
  readonly contentStore: ContentStore;
  readonly uploadLock: KeyedLock;
}

export function createRegistryModel(deps: ModelDeps): RegistryModel {
  const { store, wakeups, blobs, clock, ids, operations, policies, access, projects, tokens, clients, log } = deps;
  const outbox = createOutbox(deps, { table: OUTBOX_TABLE, kind: WAKEUPS.event, isOptional: true });
  const imageEvents = createImageEvents(outbox);
  const blobStore = createBlobStore(store);
  const contentStore = createContentStore(
    { store, wakeups, blobs, clock, ids },
    {
      folder: "artifactregistry/content",
      kind: WAKEUPS.content,
      isReferred: (content) => store.transact((transaction) => blobStore.forgetUnlessNeeded(transaction, content)),
    },
  );
  return {
    store,
    wakeups,
    blobs,
    clock,
    ids,
    operations,
    policies,
    access,
    projects,
    tokens,
    clients,
    log,
    imageEvents,
    outbox,
    repositories: createResourceTable(store, REPOSITORIES_TABLE),
    imageStore: tellingImageStore(createImageStore(store), imageEvents),
    blobStore,
    uploadStore: createUploadStore(store),
    contentStore,
    uploadLock: createKeyedLock(),
  };
}
