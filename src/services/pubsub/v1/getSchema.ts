import { SchemaService, SchemaView } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findRevision, findSchema, schemaOf } from "../schemas/schema.ts";

/** SchemaService.GetSchema: the newest revision, or the one that the name says. */
export const getSchema = (deps: Deps) =>
  rpc(
    SchemaService.method.getSchema,
    { permission: "pubsub.schemas.get", audit: "ADMIN_READ" },
    async ({ name, view }) => {
      const row = name.includes("@") ? await findRevision(deps, name) : await findSchema(deps, name);
      return schemaOf(row, view === SchemaView.BASIC ? view : SchemaView.FULL);
    },
  );
