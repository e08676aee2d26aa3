import type { Kysely } from "kysely";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { Place } from "../images/place.ts";

interface Tables {
  artifactregistry_contents: { digest: string; content: string; size_bytes: number };
  artifactregistry_blobs: { repository: string; image: string; digest: string; use_time_ms: number };
  artifactregistry_uploads: { content: string };
}

/** Where a blob's bytes are. */
export interface BlobContent {
  readonly digest: string;
  /** Id in the content store; one for all images that hold the blob. */
  readonly content: string;
  readonly sizeBytes: number;
}

/** A blob that an image holds. */
export interface BlobRow {
  readonly digest: string;
  /** When somebody last asked for it or brought it. */
  readonly useTimeMs: number;
}

/** The rows of blobs: contents by digest, and which image holds which. */
export interface BlobStore {
  get(place: Place, digest: string, transaction?: StoreTransaction): Promise<(BlobContent & BlobRow) | undefined>;
  contentOf(transaction: StoreTransaction, digest: string): Promise<BlobContent | undefined>;
  insertContent(transaction: StoreTransaction, content: BlobContent): Promise<void>;
  /** Makes an image hold a blob whose content is there, or notes that it was used. */
  hold(transaction: StoreTransaction, place: Place, digest: string, useTimeMs: number): Promise<void>;
  /** False when the image does not hold the blob. */
  drop(transaction: StoreTransaction, place: Place, digest: string): Promise<boolean>;
  /** Drops all blobs of an image, or of all images of a repository. */
  dropAll(transaction: StoreTransaction, repository: string, image?: string): Promise<void>;
  list(transaction: StoreTransaction, place: Place): Promise<BlobRow[]>;
  anyIn(place: Place): Promise<boolean>;
  /** Ids of the contents behind the blobs of a repository, or of one of its images. */
  contentsIn(transaction: StoreTransaction, repository: string, image?: string): Promise<string[]>;
  /** Bytes of the different blobs of a repository. */
  sizeOf(repository: string): Promise<number>;
  /** Forgets a content that no image holds; true when it is still needed, by an image or by an upload. */
  forgetUnlessNeeded(transaction: StoreTransaction, content: string): Promise<boolean>;
}

export function createBlobStore(store: Store): BlobStore {
  const queries = (transaction?: StoreTransaction): Kysely<Tables> =>
    transaction ? transaction.as<Tables>() : store.read<Tables>();
  return { ...heldQueries(queries), ...contentQueries(queries) };
}

type Queries = (transaction?: StoreTransaction) => Kysely<Tables>;

function heldQueries(
  queries: Queries,
): Pick<BlobStore, "get" | "hold" | "drop" | "dropAll" | "list" | "anyIn" | "sizeOf"> {
  return {
    async get({ repository, image }, digest, transaction) {
      const rows = queries(transaction)
        .selectFrom("artifactregistry_blobs as blob")
        .innerJoin("artifactregistry_contents as content", "content.digest", "blob.digest")
        .select(["blob.digest", "blob.use_time_ms", "content.content", "content.size_bytes"])
        .where("blob.repository", "=", repository);
      const row = await rows.where("blob.image", "=", image).where("blob.digest", "=", digest).executeTakeFirst();
      return row && { digest, content: row.content, sizeBytes: row.size_bytes, useTimeMs: row.use_time_ms };
    },
    async hold(transaction, place, digest, use_time_ms) {
      await queries(transaction)
        .insertInto("artifactregistry_blobs")
        .values({ ...place, digest, use_time_ms })
        .onConflict((conflict) => conflict.columns(["repository", "image", "digest"]).doUpdateSet({ use_time_ms }))
        .execute();
    },
    async drop(transaction, { repository, image }, digest) {
      const rows = queries(transaction).deleteFrom("artifactregistry_blobs").where("repository", "=", repository);
      const result = await rows.where("image", "=", image).where("digest", "=", digest).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async dropAll(transaction, repository, image) {
      const rows = queries(transaction).deleteFrom("artifactregistry_blobs").where("repository", "=", repository);
      await (image === undefined ? rows : rows.where("image", "=", image)).execute();
    },
    async list(transaction, { repository, image }) {
      const rows = queries(transaction).selectFrom("artifactregistry_blobs").select(["digest", "use_time_ms"]);
      const mine = await rows.where("repository", "=", repository).where("image", "=", image).execute();
      return mine.map(({ digest, use_time_ms }) => ({ digest, useTimeMs: use_time_ms }));
    },
    async anyIn({ repository, image }) {
      const rows = queries().selectFrom("artifactregistry_blobs").select("digest").where("repository", "=", repository);
      return (await rows.where("image", "=", image).limit(1).executeTakeFirst()) !== undefined;
    },
    async sizeOf(repository) {
      const held = queries().selectFrom("artifactregistry_blobs").select("digest").where("repository", "=", repository);
      const contents = queries().selectFrom("artifactregistry_contents").where("digest", "in", held);
      const { bytes } = await contents.select(({ fn }) => fn.sum("size_bytes").as("bytes")).executeTakeFirstOrThrow();
      return Number(bytes ?? 0);
    },
  };
}

type ContentQueries = Pick<BlobStore, "contentOf" | "insertContent" | "contentsIn" | "forgetUnlessNeeded">;

function contentQueries(queries: Queries): ContentQueries {
  return {
    async contentOf(transaction, digest) {
      const rows = queries(transaction).selectFrom("artifactregistry_contents").selectAll();
      const row = await rows.where("digest", "=", digest).executeTakeFirst();
      return row && { digest, content: row.content, sizeBytes: row.size_bytes };
    },
    async insertContent(transaction, { digest, content, sizeBytes }) {
      const row = { digest, content, size_bytes: sizeBytes };
      await queries(transaction).insertInto("artifactregistry_contents").values(row).execute();
    },
    async contentsIn(transaction, repository, image) {
      let held = queries(transaction).selectFrom("artifactregistry_blobs").select("digest");
      held = held.where("repository", "=", repository);
      if (image !== undefined) held = held.where("image", "=", image);
      const contents = queries(transaction).selectFrom("artifactregistry_contents").select("content");
      return (await contents.where("digest", "in", held).execute()).map(({ content }) => content);
    },
    async forgetUnlessNeeded(transaction, content) {
      const uploads = queries(transaction).selectFrom("artifactregistry_uploads").select("content");
      if (await uploads.where("content", "=", content).executeTakeFirst()) return true;
      const contents = queries(transaction).selectFrom("artifactregistry_contents").select("digest");
      const row = await contents.where("content", "=", content).executeTakeFirst();
      if (!row) return false;
      const held = queries(transaction).selectFrom("artifactregistry_blobs").select("digest");
      if (await held.where("digest", "=", row.digest).limit(1).executeTakeFirst()) return true;
      await queries(transaction).deleteFrom("artifactregistry_contents").where("content", "=", content).execute();
      return false;
    },
  };
}
