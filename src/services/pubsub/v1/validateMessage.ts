import { Encoding, SchemaService, type ValidateMessageRequest } from "../../../gen/google/pubsub/v1/schema_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../resources/errors.ts";
import { checkProject } from "../resources/names.ts";
import { compileSchema, complaint, reasonOf } from "../schemas/compile-schema.ts";
import { invalidMessage } from "../schemas/errors.ts";
import { findRevision, findSchema, schemaOf } from "../schemas/schema.ts";

/** SchemaService.ValidateMessage: whether a message conforms to a schema that is kept, or to a given one. */
export const validateMessage = (deps: Deps) =>
  rpc(
    SchemaService.method.validateMessage,
    { permission: "pubsub.schemas.validate", audit: "ADMIN_READ" },
    async (request) => {
      checkProject(request.parent);
      const schema = await schemaIn(deps, request);
      const { encoding, message } = request;
      if (encoding === Encoding.ENCODING_UNSPECIFIED) throw invalidField("encoding", "No encoding provided.");
      const reason = complaint(await compileSchema(schema), encoding, message);
      if (reason !== undefined) throw invalidMessage(reasonOf(schema.type, encoding), reason);
      return {};
    },
  );

async function schemaIn(deps: Deps, { schemaSpec }: ValidateMessageRequest) {
  if (schemaSpec.case === "schema") return schemaSpec.value;
  if (schemaSpec.case === undefined) throw invalidField("schema_spec", "Either a name or a schema is required.");
  const name = schemaSpec.value;
  return schemaOf(name.includes("@") ? await findRevision(deps, name) : await findSchema(deps, name));
}
