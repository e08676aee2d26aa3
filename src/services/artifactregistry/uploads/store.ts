import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import type { Place } from "../images/place.ts";

interface Tables {
  artifactregistry_uploads: {
    id: string;
    repository: string;
    image: string;
    content: string;
    create_time_ms: number;
  };
}

/** A blob on its way in. */
export interface UploadRow {
  readonly id: string;
  /** Id of the bytes received so far. */
  readonly content: string;
  readonly createTimeMs: number;
}

/** The rows of uploads. */
export interface UploadStore {
  /** An upload into this image; into whichever image when no place is given. */
  get(id: string, place?: Place): Promise<UploadRow | undefined>;
  insert(transaction: StoreTransaction, place: Place, row: UploadRow): Promise<void>;
  /** False when there is no such upload. */
  delete(transaction: StoreTransaction, id: string): Promise<boolean>;
}

export function createUploadStore(store: Store): UploadStore {
  return {
    async get(id, place) {
      let rows = store.read<Tables>().selectFrom("artifactregistry_uploads").selectAll().where("id", "=", id);
      if (place) rows = rows.where("repository", "=", place.repository).where("image", "=", place.image);
      const row = await rows.executeTakeFirst();
      return row && { id, content: row.content, createTimeMs: row.create_time_ms };
    },
    async insert(transaction, place, { id, content, createTimeMs }) {
      const row = { id, ...place, content, create_time_ms: createTimeMs };
      await transaction.as<Tables>().insertInto("artifactregistry_uploads").values(row).execute();
    },
    async delete(transaction, id) {
      const rows = transaction.as<Tables>().deleteFrom("artifactregistry_uploads").where("id", "=", id);
      return (await rows.executeTakeFirst()).numDeletedRows > 0n;
    },
  };
}
