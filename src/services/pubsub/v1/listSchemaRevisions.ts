import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { pageFrom } from "../resources/page.ts";
import { findSchema, revisionsOf, schemaOf } from "../schemas/schema.ts";

/** SchemaService.ListSchemaRevisions, the newest first. */
export const listSchemaRevisions = (deps: Deps) =>
  rpc(
    SchemaService.method.listSchemaRevisions,
    { permission: "pubsub.schemas.listRevisions", audit: "ADMIN_READ" },
    async ({ name, view, ...request }) => {
      await findSchema(deps, name);
      const all = (await revisionsOf(deps, name)).filter(({ isDeleted }) => !isDeleted).toReversed();
      const numberOf = ({ row }: (typeof all)[number]) => String(row.generation);
      const { page, nextPageToken } = await pageFrom(request, `revisions/${name}`, {
        after: async (number, limit) =>
          all.filter(({ row }) => number === "" || row.generation < Number(number)).slice(0, limit),
        nameOf: numberOf,
      });
      return { schemas: page.map(({ row }) => schemaOf(row, view)), nextPageToken };
    },
  );
