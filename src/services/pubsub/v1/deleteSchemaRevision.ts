import { SchemaSchema, SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { toJsonString } from "@bufbuild/protobuf";
import { failedPrecondition } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../resources/errors.ts";
import { putNewest } from "../schemas/add-revision.ts";
import { findRevision, findSchema, revisionsOf, schemaOf } from "../schemas/schema.ts";

/** SchemaService.DeleteSchemaRevision: any but the last one; the answer is the revision that is gone. */
export const deleteSchemaRevision = (deps: Deps) =>
  rpc(
    SchemaService.method.deleteSchemaRevision,
    { permission: "pubsub.schemas.delete", audit: "ADMIN_WRITE" },
    async ({ name: given, revisionId }) => {
      const name = given.includes("@") || revisionId === "" ? given : `${given}@${revisionId}`;
      if (!name.includes("@")) throw invalidField("name", `The name must include a revision ID (name=${name}).`);
      return deps.store.transact(async (transaction) => {
        const row = await findRevision(deps, name, transaction);
        const others = (await revisionsOf(deps, row.parent, transaction)).filter(
          (revision) => !revision.isDeleted && revision.row.name !== name,
        );
        const newest = others.at(-1)?.row;
        if (!newest) throw failedPrecondition(`The only revision of a schema cannot be deleted (resource=${name}).`);
        const schema = schemaOf(row);
        const message = toJsonString(SchemaSchema, { ...schema, definition: "" });
        await deps.revisions.update(transaction, { ...row, message, updateTimeMs: deps.clock.nowMs() });
        await putNewest(deps, transaction, await findSchema(deps, row.parent, transaction), newest);
        return schema;
      });
    },
  );
