import type { Kysely } from "kysely";
import type { StoredManifest } from "../../../oci/distribution/storage.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { Place } from "./place.ts";

interface Tables {
  artifactregistry_manifests: ManifestColumns;
  artifactregistry_tags: { repository: string; image: string; tag: string; digest: string };
}

interface ManifestColumns {
  repository: string;
  image: string;
  digest: string;
  media_type: string;
  content: string;
  subject: string | null;
  artifact_type: string | null;
  annotations: string | null;
  image_size_bytes: number;
  build_time_ms: number | null;
  upload_time_ms: number;
  update_time_ms: number;
}

/** A manifest with what Artifact Registry shows of it. */
export interface ManifestRow extends StoredManifest {
  readonly image: string;
  readonly imageSizeBytes: number;
  /** When its configuration says that the image was made. */
  readonly buildTimeMs: number | undefined;
  readonly uploadTimeMs: number;
  readonly updateTimeMs: number;
}

export interface TagRow {
  readonly image: string;
  readonly tag: string;
  readonly digest: string;
}

/** The rows of manifests and tags. */
export interface ImageStore {
  getManifest(place: Place, digest: string, transaction?: StoreTransaction): Promise<ManifestRow | undefined>;
  /** Writes a manifest; one that is there keeps its upload time. */
  putManifest(transaction: StoreTransaction, place: Place, row: Omit<ManifestRow, "image">): Promise<void>;
  /** Deletes a manifest with its tags; false when there is none. */
  deleteManifest(transaction: StoreTransaction, place: Place, digest: string): Promise<boolean>;
  /** Manifests of an image, or of all images of a repository, by image and digest. */
  listManifests(repository: string, image?: string, transaction?: StoreTransaction): Promise<ManifestRow[]>;
  listReferrers(place: Place, subject: string): Promise<ManifestRow[]>;
  getTag(place: Place, tag: string, transaction?: StoreTransaction): Promise<TagRow | undefined>;
  /** Points a tag at a manifest, wherever it pointed before. */
  putTag(transaction: StoreTransaction, place: Place, tag: string, digest: string): Promise<void>;
  deleteTag(transaction: StoreTransaction, place: Place, tag: string): Promise<boolean>;
  /** Tags of an image, or of all images of a repository, by image and name. */
  listTags(repository: string, image?: string, transaction?: StoreTransaction): Promise<TagRow[]>;
  /** Deletes manifests and tags of an image, or of all images of a repository. */
  deleteAll(transaction: StoreTransaction, repository: string, image?: string): Promise<void>;
  /** A page of an image's tags. */
  pageTags(place: Place, after: string, limit: number): Promise<TagRow[]>;
}

export function createImageStore(store: Store): ImageStore {
  const queries = (transaction?: StoreTransaction): Kysely<Tables> =>
    transaction ? transaction.as<Tables>() : store.read<Tables>();
  return { ...manifestQueries(queries), ...tagQueries(queries) };
}

type Queries = (transaction?: StoreTransaction) => Kysely<Tables>;
type ManifestQueries = Pick<
  ImageStore,
  "getManifest" | "putManifest" | "deleteManifest" | "listManifests" | "listReferrers" | "deleteAll"
>;

function manifestQueries(queries: Queries): ManifestQueries {
  const select = (transaction?: StoreTransaction) =>
    queries(transaction).selectFrom("artifactregistry_manifests").selectAll();
  return {
    async getManifest({ repository, image }, digest, transaction) {
      const rows = select(transaction).where("repository", "=", repository).where("image", "=", image);
      const row = await rows.where("digest", "=", digest).executeTakeFirst();
      return row && parseManifest(row);
    },
    async putManifest(transaction, place, row) {
      const columns = formatManifest(place, row);
      const { update_time_ms } = columns;
      await queries(transaction)
        .insertInto("artifactregistry_manifests")
        .values(columns)
        .onConflict((conflict) => conflict.columns(["repository", "image", "digest"]).doUpdateSet({ update_time_ms }))
        .execute();
    },
    async deleteManifest(transaction, { repository, image }, digest) {
      const tables = ["artifactregistry_tags", "artifactregistry_manifests"] as const;
      let deleted = 0n;
      for (const table of tables) {
        const rows = queries(transaction).deleteFrom(table).where("repository", "=", repository);
        const mine = rows.where("image", "=", image).where("digest", "=", digest);
        deleted = (await mine.executeTakeFirst()).numDeletedRows;
      }
      return deleted > 0n;
    },
    async listManifests(repository, image, transaction) {
      let rows = select(transaction).where("repository", "=", repository);
      if (image !== undefined) rows = rows.where("image", "=", image);
      return (await rows.orderBy("image").orderBy("digest").execute()).map(parseManifest);
    },
    async deleteAll(transaction, repository, image) {
      for (const table of ["artifactregistry_tags", "artifactregistry_manifests"] as const) {
        const rows = queries(transaction).deleteFrom(table).where("repository", "=", repository);
        await (image === undefined ? rows : rows.where("image", "=", image)).execute();
      }
    },
    async listReferrers({ repository, image }, subject) {
      const rows = select().where("repository", "=", repository).where("image", "=", image);
      return (await rows.where("subject", "=", subject).orderBy("digest").execute()).map(parseManifest);
    },
  };
}

type TagQueries = Pick<ImageStore, "getTag" | "putTag" | "deleteTag" | "listTags" | "pageTags">;

function tagQueries(queries: Queries): TagQueries {
  const select = (transaction?: StoreTransaction) =>
    queries(transaction).selectFrom("artifactregistry_tags").select(["image", "tag", "digest"]);
  return {
    getTag({ repository, image }, tag, transaction) {
      const rows = select(transaction).where("repository", "=", repository).where("image", "=", image);
      return rows.where("tag", "=", tag).executeTakeFirst();
    },
    async putTag(transaction, place, tag, digest) {
      await queries(transaction)
        .insertInto("artifactregistry_tags")
        .values({ ...place, tag, digest })
        .onConflict((conflict) => conflict.columns(["repository", "image", "tag"]).doUpdateSet({ digest }))
        .execute();
    },
    async deleteTag(transaction, { repository, image }, tag) {
      const rows = queries(transaction).deleteFrom("artifactregistry_tags").where("repository", "=", repository);
      const result = await rows.where("image", "=", image).where("tag", "=", tag).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    listTags(repository, image, transaction) {
      let rows = select(transaction).where("repository", "=", repository);
      if (image !== undefined) rows = rows.where("image", "=", image);
      return rows.orderBy("image").orderBy("tag").execute();
    },
    pageTags({ repository, image }, after, limit) {
      const rows = select().where("repository", "=", repository).where("image", "=", image);
      return rows.where("tag", ">", after).orderBy("tag").limit(limit).execute();
    },
  };
}

function formatManifest({ repository, image }: Place, row: Omit<ManifestRow, "image">): ManifestColumns {
  return {
    repository,
    image,
    digest: row.digest,
    media_type: row.mediaType,
    content: Buffer.from(row.content).toString("base64"),
    subject: row.subject ?? null,
    artifact_type: row.artifactType ?? null,
    annotations: row.annotations ? JSON.stringify(row.annotations) : null,
    image_size_bytes: row.imageSizeBytes,
    build_time_ms: row.buildTimeMs ?? null,
    upload_time_ms: row.uploadTimeMs,
    update_time_ms: row.updateTimeMs,
  };
}

function parseManifest(row: ManifestColumns): ManifestRow {
  return {
    image: row.image,
    digest: row.digest,
    mediaType: row.media_type,
    content: Buffer.from(row.content, "base64"),
    ...(row.subject !== null && { subject: row.subject }),
    ...(row.artifact_type !== null && { artifactType: row.artifact_type }),
    ...(row.annotations !== null && { annotations: JSON.parse(row.annotations) as Record<string, string> }),
    imageSizeBytes: row.image_size_bytes,
    buildTimeMs: row.build_time_ms ?? undefined,
    uploadTimeMs: row.upload_time_ms,
    updateTimeMs: row.update_time_ms,
  };
}
