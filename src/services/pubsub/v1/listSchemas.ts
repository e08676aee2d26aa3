import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkProject } from "../resources/names.ts";
import { pageOfTable } from "../resources/page.ts";
import { schemaOf } from "../schemas/schema.ts";

/** SchemaService.ListSchemas: the newest revisions, in order of their names. */
export const listSchemas = ({ schemas }: Deps) =>
  rpc(
    SchemaService.method.listSchemas,
    { permission: "pubsub.schemas.list", audit: "ADMIN_READ" },
    async ({ parent, view, ...request }) => {
      checkProject(parent);
      const { page, nextPageToken } = await pageOfTable(schemas, parent, "schemas", request);
      return { schemas: page.map((row) => schemaOf(row, view)), nextPageToken };
    },
  );
