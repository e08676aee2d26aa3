import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { addRevision } from "../schemas/add-revision.ts";

/** SchemaService.CommitSchema: a new revision, which has to go together with the others. */
export const commitSchema = (deps: Deps) =>
  rpc(
    SchemaService.method.commitSchema,
    { permission: "pubsub.schemas.commit", audit: "ADMIN_WRITE" },
    ({ name, schema }) => deps.store.transact((transaction) => addRevision(deps, transaction, name, schema!)),
  );
