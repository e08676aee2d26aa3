import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { invalidField } from "./errors.ts";

/** What a request may change. */
export interface Update<Schema extends DescMessage> {
  /** "Topic", as Google's messages call it. */
  readonly resource: string;
  readonly schema: Schema;
  /** Fields by their names in the proto. */
  readonly mutable: readonly string[];
}

/** The resource with the masked fields of the patch; rejects with INVALID_ARGUMENT a mask that names anything else. */
export function updated<Schema extends DescMessage>(
  { resource, schema, mutable }: Update<Schema>,
  current: MessageShape<Schema>,
  patch: MessageShape<Schema>,
  mask: FieldMask,
): MessageShape<Schema> {
  const request = `Update${resource}Request`;
  if (mask.paths.length === 0)
    throw invalidMask(`The update_mask in the ${request} must be set, and must contain a non-empty paths list.`);
  for (const path of mask.paths) {
    const [top = ""] = path.split(".");
    const field = schema.fields.find(({ name, jsonName }) => name === top || jsonName === top);
    if (!field)
      throw invalidMask(`Invalid update_mask provided in the ${request}: ${path} is not a known ${resource} field.`);
    if (!mutable.includes(field.name))
      throw invalidMask(
        `Invalid update_mask provided in the ${request}: the ${field.name} field in the ${resource} is not mutable.`,
      );
  }
  return applyFieldMask(schema, current, patch, mask);
}

function invalidMask(description: string) {
  return invalidField("update_mask", description);
}
