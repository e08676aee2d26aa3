import { SchemaService } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkProject } from "../resources/names.ts";
import { compileSchema } from "../schemas/compile-schema.ts";

/** SchemaService.ValidateSchema: whether a definition is one. */
export const validateSchema = (_deps: Deps) =>
  rpc(
    SchemaService.method.validateSchema,
    { permission: "pubsub.schemas.validate", audit: "ADMIN_READ" },
    async ({ parent, schema }) => {
      checkProject(parent);
      await compileSchema(schema!);
      return {};
    },
  );
