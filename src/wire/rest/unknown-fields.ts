import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { FieldViolation } from "../errors.ts";

/** Every name in a JSON body that the message does not have, in the wording of Google's REST front end. */
export function findUnknownFields(schema: DescMessage, json: unknown, path = ""): FieldViolation[] {
  if (!isObject(json) || schema.typeName.startsWith("google.protobuf.")) return [];
  return Object.entries(json).flatMap(([name, value]) => {
    const field = schema.fields.find((each) => each.jsonName === name || each.name === name);
    if (!field) return [unknownName(name, path)];
    return violationsInside(field, value, path ? `${path}.${field.name}` : field.name);
  });
}

function violationsInside(field: DescField, value: unknown, path: string): FieldViolation[] {
  const message = field.message;
  if (!message) return [];
  if (field.fieldKind === "list" && Array.isArray(value)) {
    return value.flatMap((item, index) => findUnknownFields(message, item, `${path}[${index}]`));
  }
  if (field.fieldKind === "map" && isObject(value)) {
    return Object.values(value).flatMap((item) => findUnknownFields(message, item, `${path}.value`));
  }
  return findUnknownFields(message, value, path);
}

function unknownName(name: string, path: string): FieldViolation {
  const at = path ? ` at '${path}'` : "";
  return { field: path, description: `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.` };
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
