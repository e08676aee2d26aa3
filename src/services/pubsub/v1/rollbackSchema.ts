import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { addRevision } from "../schemas/add-revision.ts";
import { findRevision, schemaOf } from "../schemas/schema.ts";

/** SchemaService.RollbackSchema: a new revision like an earlier one. */
export const rollbackSchema = (deps: Deps) =>
  rpc(
    SchemaService.method.rollbackSchema,
    { permission: "pubsub.schemas.rollback", audit: "ADMIN_WRITE" },
    ({ name, revisionId }) =>
      deps.store.transact(async (transaction) => {
        const earlier = await findRevision(deps, `${name}@${revisionId}`, transaction);
        return addRevision(deps, transaction, name, schemaOf(earlier));
      }),
  );
