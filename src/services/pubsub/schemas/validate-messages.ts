import type { PubsubMessage, SchemaSettings } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { Encoding } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { notFound } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { complaint, reasonOf } from "./compile-schema.ts";
import { invalidMessage } from "./errors.ts";
import type { CompiledRevision } from "./schema-cache.ts";

/**
 * Checks messages against a topic's schema; gives them the attributes that name the newest revision they conform to. Rejects
 * with INVALID_ARGUMENT when one of them conforms to none, and NOT_FOUND when the schema is gone.
 * Google: cloud.google.com/pubsub/docs/associate-schema-topic.
 */
export async function validateMessages(
  { schemaCache }: Pick<Deps, "schemaCache">,
  settings: SchemaSettings,
  messages: readonly PubsubMessage[],
): Promise<readonly PubsubMessage[]> {
  const all = await schemaCache.revisions(settings.schema);
  if (!all) throw notFound(settings.schema, "Schema associated with topic deleted.");
  const usable = inRange(all, settings).toReversed();
  const result: PubsubMessage[] = [];
  for (const message of messages) {
    const { row, schema } = await conformingRevision(usable, settings, message);
    const attributes = {
      ...message.attributes,
      googclient_schemaencoding: Encoding[settings.encoding],
      googclient_schemaname: row.parent,
      googclient_schemarevisionid: schema.revisionId,
    };
    result.push({ ...message, attributes });
  }
  return result;
}

/** The revisions of a range that are still there; its ends count even when they are gone. */
function inRange(
  all: readonly CompiledRevision[],
  { firstRevisionId, lastRevisionId }: SchemaSettings,
): readonly CompiledRevision[] {
  const indexOf = (id: string) => all.findIndex(({ schema }) => schema.revisionId === id);
  const first = firstRevisionId === "" ? 0 : indexOf(firstRevisionId);
  const last = lastRevisionId === "" ? all.length - 1 : indexOf(lastRevisionId);
  return all.slice(first, last + 1).filter(({ isDeleted }) => !isDeleted);
}

async function conformingRevision(
  newestFirst: readonly CompiledRevision[],
  { schema, encoding }: SchemaSettings,
  { data }: PubsubMessage,
): Promise<CompiledRevision> {
  let last: string | undefined;
  for (const revision of newestFirst) {
    const reason = complaint(await revision.compiled(), encoding, data);
    if (reason === undefined) return revision;
    last = `last checked revision: revision_id=${revision.schema.revisionId} failed with status: ${reason}`;
  }
  const type = newestFirst[0]?.schema.type ?? 0;
  const none = `Could not validate message with any schema revision for schema: ${schema}`;
  throw invalidMessage(reasonOf(type, encoding), last === undefined ? none : `${none}, ${last}`);
}
