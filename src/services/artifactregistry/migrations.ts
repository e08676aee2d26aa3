import type { Kysely } from "kysely";
import { resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { Migration } from "../../platform/store/store.ts";
import { outboxMigration } from "../../wire/outbox/store.ts";
import { REPOSITORIES_TABLE } from "./repositories/table.ts";

/** What is to be told of images. */
export const OUTBOX_TABLE = "artifactregistry_outbox";

/** Tables of Artifact Registry: repositories, and per image its manifests, tags, blobs and uploads. */
export const artifactRegistryMigrations: readonly Migration[] = [
  resourceTableMigration("001-repositories", REPOSITORIES_TABLE),
  {
    name: "002-images",
    async up(database) {
      await createManifests(database);
      await createTags(database);
      await createBlobs(database);
      await createUploads(database);
    },
  },
  outboxMigration("003-outbox", OUTBOX_TABLE),
];

async function createManifests({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("artifactregistry_manifests")
    .addColumn("repository", "text", (column) => column.notNull())
    .addColumn("image", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("media_type", "text", (column) => column.notNull())
    // Base64: manifests are small, and their bytes must stay as they came.
    .addColumn("content", "text", (column) => column.notNull())
    .addColumn("subject", "text")
    .addColumn("artifact_type", "text")
    .addColumn("annotations", "text")
    .addColumn("image_size_bytes", "bigint", (column) => column.notNull())
    .addColumn("build_time_ms", "bigint")
    .addColumn("upload_time_ms", "bigint", (column) => column.notNull())
    .addColumn("update_time_ms", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("artifactregistry_manifests_key", ["repository", "image", "digest"])
    .execute();
  await schema
    .createIndex("artifactregistry_manifests_by_subject")
    .on("artifactregistry_manifests")
    .columns(["repository", "image", "subject"])
    .execute();
}

async function createTags({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("artifactregistry_tags")
    .addColumn("repository", "text", (column) => column.notNull())
    .addColumn("image", "text", (column) => column.notNull())
    .addColumn("tag", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("artifactregistry_tags_key", ["repository", "image", "tag"])
    .execute();
}

async function createBlobs({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("artifactregistry_contents")
    .addColumn("digest", "text", (column) => column.primaryKey().notNull())
    .addColumn("content", "text", (column) => column.notNull().unique())
    .addColumn("size_bytes", "bigint", (column) => column.notNull())
    .execute();
  await schema
    .createTable("artifactregistry_blobs")
    .addColumn("repository", "text", (column) => column.notNull())
    .addColumn("image", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("use_time_ms", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("artifactregistry_blobs_key", ["repository", "image", "digest"])
    .execute();
  await schema.createIndex("artifactregistry_blobs_by_digest").on("artifactregistry_blobs").column("digest").execute();
}

async function createUploads({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("artifactregistry_uploads")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("repository", "text", (column) => column.notNull())
    .addColumn("image", "text", (column) => column.notNull())
    .addColumn("content", "text", (column) => column.notNull().unique())
    .addColumn("create_time_ms", "bigint", (column) => column.notNull())
    .execute();
}
