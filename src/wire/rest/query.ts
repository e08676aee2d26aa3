import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { invalidArgument } from "../errors.ts";
import { findField, setPath } from "./json-path.ts";

/** Google's system parameters (cloud.google.com/apis/docs/system-parameters): no field of any request. */
const SYSTEM_PARAMETERS = new Set(
  "$alt $callback $fields $key $prettyPrint $userProject $xgafv access_token alt callback fields key oauth_token prettyPrint quotaUser requestReason uploadType upload_protocol userProject".split(
    " ",
  ),
);

/**
 * Adds query parameters to a request in JSON form; names in camelCase or snake_case, nested ones dotted.
 * Rejects unknown names with Google's wording.
 */
export function bindQuery(schema: DescMessage, target: Record<string, unknown>, query: URLSearchParams): void {
  for (const name of new Set(query.keys())) {
    if (SYSTEM_PARAMETERS.has(name) || name.startsWith("$")) continue;
    const fields = findField(schema, name);
    const field = fields?.at(-1);
    if (!fields || !field) throw unknownParameter(name);
    setPath(target, fields, queryValue(field, name, query.getAll(name)));
  }
}

function queryValue(field: DescField, name: string, values: readonly string[]): unknown {
  if (field.fieldKind === "list") return values.map((value) => scalarValue(field, name, value));
  return scalarValue(field, name, values.at(-1)!);
}

/** The canonical JSON form of a value written as text. */
function scalarValue(field: DescField, name: string, text: string): unknown {
  if (field.scalar === ScalarType.BOOL) return booleanValue(name, text);
  if (field.enum && /^-?\d+$/.test(text)) return Number(text);
  if (field.message?.typeName === FieldMaskSchema.typeName) return camelCaseMask(text);
  return text;
}

function booleanValue(name: string, text: string): boolean {
  const value = text.toLowerCase();
  if (value === "true" || value === "1" || value === "") return true;
  if (value === "false" || value === "0") return false;
  throw invalidArgument(`Invalid value at '${name}' (TYPE_BOOL), "${text}"`, [
    { field: name, description: `Invalid value at '${name}' (TYPE_BOOL), "${text}"` },
  ]);
}

/** Clients mix camelCase and snake_case paths in one mask; canonical JSON knows only the former. */
function camelCaseMask(mask: string): string {
  return mask.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function unknownParameter(name: string) {
  const description = `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`;
  return invalidArgument(description, [{ field: "", description }]);
}
