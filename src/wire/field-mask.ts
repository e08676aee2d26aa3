import { clone, create, type DescField, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { invalidArgument } from "./errors.ts";

/**
 * `current` with the fields named by `mask` taken from `patch`: a field in the mask that the patch lacks is cleared,
 * a field of the patch outside the mask is ignored. "*" replaces everything. Unknown paths are INVALID_ARGUMENT.
 * Google: google/protobuf/field_mask.proto, AIP-134.
 */
export function applyFieldMask<Schema extends DescMessage>(
  schema: Schema,
  current: MessageShape<Schema>,
  patch: MessageShape<Schema>,
  mask: FieldMask,
): MessageShape<Schema> {
  if (mask.paths.includes("*")) return clone(schema, patch);
  const result = clone(schema, current);
  for (const path of mask.paths) copyPath(reflect(schema, result), reflect(schema, patch), path, path.split("."));
  return result;
}

/** The top-level fields set in a message: the mask that an update without one means. */
export function populatedFields<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): string[] {
  const reflected = reflect(schema, message);
  return reflected.sortedFields.filter((field) => reflected.isSet(field)).map((field) => field.name);
}

function copyPath(target: ReflectMessage, source: ReflectMessage | undefined, path: string, names: string[]): void {
  const [name, ...rest] = names;
  const field = target.desc.fields.find((each) => each.name === name || each.jsonName === name);
  if (!field) throw invalidPath(path);
  if (rest.length === 0) return copyField(target, source, field);
  if (field.fieldKind !== "message") throw invalidPath(path);
  if (!target.isSet(field)) target.set(field, reflect(field.message, create(field.message)));
  copyPath(target.get(field), source?.isSet(field) ? source.get(field) : undefined, path, rest);
}

function copyField(target: ReflectMessage, source: ReflectMessage | undefined, field: DescField): void {
  if (source?.isSet(field)) target.set(field, source.get(field));
  else target.clear(field);
}

function invalidPath(path: string) {
  const description = `Invalid field mask path: '${path}'.`;
  return invalidArgument(description, [{ field: "update_mask", description }]);
}
