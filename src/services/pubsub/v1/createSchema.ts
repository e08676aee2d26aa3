import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkName, checkProject } from "../resources/names.ts";
import { insertNew } from "../resources/row.ts";
import { newIds } from "../schemas/add-revision.ts";
import { compileSchema } from "../schemas/compile-schema.ts";
import { revisionRow, schemaOf, schemaRow } from "../schemas/schema.ts";

/** SchemaService.CreateSchema, with its first revision. */
export const createSchema = (deps: Deps) =>
  rpc(
    SchemaService.method.createSchema,
    { permission: "pubsub.schemas.create", audit: "ADMIN_WRITE" },
    async ({ parent, schema, schemaId }) => {
      checkProject(parent);
      const name = `${parent}/schemas/${schemaId}`;
      checkName("schemas", name);
      await compileSchema(schema!);
      const { type, definition } = schema!;
      const row = revisionRow({ name, type, definition }, { ...newIds(deps), number: 1 });
      return deps.store.transact(async (transaction) => {
        await insertNew(deps.schemas, transaction, schemaRow(row));
        await deps.revisions.insert(transaction, row);
        transaction.afterCommit(() => deps.schemaCache.forget(name));
        return schemaOf(row);
      });
    },
  );
