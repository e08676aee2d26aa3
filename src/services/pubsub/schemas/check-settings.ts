import type { SchemaSettings } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Encoding } from "../../../gen/google/pubsub/v1/schema_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../resources/errors.ts";
import { findRevision, findSchema } from "./schema.ts";

/** What SchemaSettings.schema says when the schema is gone. */
export const DELETED_SCHEMA = "_deleted-schema_";

/** Rejects settings of a topic whose schema or revisions there are not, or without an encoding. */
export async function checkSchemaSettings(
  deps: Pick<Deps, "schemas" | "revisions">,
  { schema, encoding, firstRevisionId, lastRevisionId }: SchemaSettings,
  transaction: StoreTransaction,
): Promise<void> {
  if (encoding === Encoding.ENCODING_UNSPECIFIED)
    throw invalidField("topic.schema_settings.encoding", "Invalid schema encoding provided.");
  await findSchema(deps, schema, transaction);
  const ends: number[] = [];
  for (const id of [firstRevisionId, lastRevisionId].filter((each) => each !== ""))
    ends.push((await findRevision(deps, `${schema}@${id}`, transaction)).generation);
  if (ends.length === 2 && ends[0]! > ends[1]!)
    throw invalidField(
      "topic.schema_settings.first_revision_id",
      "The first revision must not be newer than the last revision.",
    );
}
