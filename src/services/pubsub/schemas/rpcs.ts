import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { commitSchema } from "../v1/commitSchema.ts";
import { createSchema } from "../v1/createSchema.ts";
import { deleteSchema } from "../v1/deleteSchema.ts";
import { deleteSchemaRevision } from "../v1/deleteSchemaRevision.ts";
import { getSchema } from "../v1/getSchema.ts";
import { listSchemaRevisions } from "../v1/listSchemaRevisions.ts";
import { listSchemas } from "../v1/listSchemas.ts";
import { rollbackSchema } from "../v1/rollbackSchema.ts";
import { validateMessage } from "../v1/validateMessage.ts";
import { validateSchema } from "../v1/validateSchema.ts";

const RPCS = [
  createSchema,
  getSchema,
  listSchemas,
  listSchemaRevisions,
  commitSchema,
  rollbackSchema,
  deleteSchemaRevision,
  deleteSchema,
  validateSchema,
  validateMessage,
];

/** The methods of schemas and their revisions. */
export function schemaRpcs(deps: Deps): readonly Rpc[] {
  return RPCS.map((define) => define(deps));
}
