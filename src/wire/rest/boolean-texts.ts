import { type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** Turns "true" and "false" into booleans where the message has a boolean field, as Google's JSON parser reads them. */
export function readBooleanTexts(schema: DescMessage, json: Record<string, unknown>): void {
  for (const field of schema.fields) {
    if (field.fieldKind !== "scalar" || field.scalar !== ScalarType.BOOL) continue;
    for (const name of [field.jsonName, field.name]) {
      const value = json[name];
      if (value === "true" || value === "false") json[name] = value === "true";
    }
  }
}
