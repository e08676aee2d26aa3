import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { abandonSchema } from "../schemas/abandon-schema.ts";
import { findSchema, revisionsOf } from "../schemas/schema.ts";

/** SchemaService.DeleteSchema, with its revisions; topics that used it take no messages until they get another one. */
export const deleteSchema = (deps: Deps) =>
  rpc(SchemaService.method.deleteSchema, { permission: "pubsub.schemas.delete", audit: "ADMIN_WRITE" }, ({ name }) =>
    deps.store.transact(async (transaction) => {
      await findSchema(deps, name, transaction);
      for (const { row } of await revisionsOf(deps, name, transaction))
        await deps.revisions.delete(transaction, row.name);
      await deps.schemas.delete(transaction, name);
      await deps.policies.delete(transaction, name);
      await abandonSchema(deps, transaction, name);
      transaction.afterCommit(() => deps.schemaCache.forget(name));
      return {};
    }),
  );
