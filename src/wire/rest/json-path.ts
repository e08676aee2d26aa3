import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** The fields along a dotted path whose names are in snake_case or camelCase; undefined when one is unknown. */
export function findField(schema: DescMessage, path: string): DescField[] | undefined {
  const fields: DescField[] = [];
  let message: DescMessage | undefined = schema;
  for (const name of path.split(".")) {
    const field: DescField | undefined = message?.fields.find((each) => each.name === name || each.jsonName === name);
    if (!field) return undefined;
    fields.push(field);
    message = field.fieldKind === "message" ? field.message : undefined;
  }
  return fields;
}

/** Sets a value in JSON form at the place that `fields` lead to, making the objects on the way. */
export function setPath(target: Record<string, unknown>, fields: readonly DescField[], value: unknown): void {
  let place = target;
  for (const field of fields.slice(0, -1)) {
    const key = field.name in place ? field.name : field.jsonName;
    place = (place[key] ??= {}) as Record<string, unknown>;
  }
  const last = fields.at(-1)!;
  delete place[last.name];
  place[last.jsonName] = value;
}
