import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Label as Label } from "@bufbuild/protobuf/wkt";

/**
 * Why messages of a schema and of an earlier one do not go together; undefined when they do: fields may come and go unless
 * they are required, but stay what they are. Google: cloud.google.com/pubsub/docs/commit-schema-revision.
 */
export function conflictBetween(
  message: DescMessage,
  earlier: DescMessage,
  seen = new Set<DescMessage>(),
): string | undefined {
  if (seen.has(message)) return undefined;
  seen.add(message);
  for (const field of message.fields) {
    const same = earlier.fields.find(({ number }) => number === field.number);
    const conflict = same ? fieldConflict(field, same, seen) : cameOrWent(field, earlier);
    if (conflict !== undefined) return conflict;
  }
  const gone = earlier.fields.filter(({ number }) => !message.fields.some((field) => field.number === number));
  return gone.map((field) => cameOrWent(field, message)).find((conflict) => conflict !== undefined);
}

function cameOrWent(field: DescField, other: DescMessage): string | undefined {
  if (isRequired(field)) return `The required field ${field.name} cannot be added or removed.`;
  if (other.fields.some(({ name }) => name === field.name))
    return `The number of the field ${field.name} cannot change.`;
  return undefined;
}

function fieldConflict(field: DescField, earlier: DescField, seen: Set<DescMessage>): string | undefined {
  if (field.name !== earlier.name) return `The field ${earlier.name} cannot be renamed to ${field.name}.`;
  if (typeOf(field) !== typeOf(earlier)) return `The type of the field ${field.name} cannot change.`;
  if (isRequired(field) !== isRequired(earlier)) return `Whether the field ${field.name} is required cannot change.`;
  return field.message && earlier.message ? conflictBetween(field.message, earlier.message, seen) : undefined;
}

function isRequired({ proto }: DescField): boolean {
  return proto.label === Label.REQUIRED;
}

function typeOf({ fieldKind, proto: { label, type } }: DescField): string {
  return `${fieldKind} ${label === Label.REPEATED ? "repeated" : "single"} ${type}`;
}
