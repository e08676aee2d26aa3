import { type DescField, type DescMessage, getOption, hasOption, ScalarType } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { field_behavior, FieldBehavior } from "../../gen/google/api/field_behavior_pb.js";
import type { Interceptor } from "../dispatch.ts";
import { invalidArgument } from "../errors.ts";
import { notReallyOutputOnly, notReallyRequired } from "./required-patches.ts";

/**
 * What google.api.field_behavior says of requests: fields marked REQUIRED must be set in the request message itself,
 * and fields marked OUTPUT_ONLY are dropped wherever they stand.
 * Google: google/api/field_behavior.proto. REQUIRED inside resources is the service's own business, since updates
 * carry partial resources.
 */
export const fieldBehavior: Interceptor = async (invocation, next) => {
  if (!(Symbol.asyncIterator in invocation.request)) {
    const request = reflect(invocation.method.input, invocation.request);
    checkRequired(request);
    clearOutputOnly(request);
  }
  return next(invocation);
};

function checkRequired(request: ReflectMessage): void {
  const violations = request.desc.fields
    .filter((field) => isRequired(field) && !isGiven(request, field))
    .map((field) => ({ field: field.name, description: `The field '${field.name}' is required.` }));
  if (violations.length) throw invalidArgument(violations[0]!.description, violations);
}

function isRequired(field: DescField): boolean {
  return behaves(field, FieldBehavior.REQUIRED) && !notReallyRequired.has(`${field.parent.typeName}.${field.name}`);
}

/** A scalar at its default cannot be told from an absent one, except that an empty string is never a name. */
function isGiven(request: ReflectMessage, field: DescField): boolean {
  if (request.isSet(field)) return true;
  return field.fieldKind === "scalar" ? field.scalar !== ScalarType.STRING : field.fieldKind !== "message";
}

function clearOutputOnly(message: ReflectMessage): void {
  for (const field of outputOnlyAware(message.desc)) {
    if (!message.isSet(field)) continue;
    if (isOutputOnly(field)) message.clear(field);
    else for (const inner of innerMessages(message, field)) clearOutputOnly(inner);
  }
}

function isOutputOnly(field: DescField): boolean {
  let known = knownOutputOnly.get(field);
  if (known === undefined) {
    const name = `${field.parent.typeName}.${field.name}`;
    known = behaves(field, FieldBehavior.OUTPUT_ONLY) && !notReallyOutputOnly.has(name);
    knownOutputOnly.set(field, known);
  }
  return known;
}

function* innerMessages(message: ReflectMessage, field: DescField): Iterable<ReflectMessage> {
  if (field.fieldKind === "message") yield message.get(field);
  if (field.fieldKind === "list" && field.listKind === "message") yield* message.get(field) as Iterable<ReflectMessage>;
  if (field.fieldKind === "map" && field.mapKind === "message") {
    for (const [, value] of message.get(field)) yield value as ReflectMessage;
  }
}

const fieldsWithMeaning = new WeakMap<DescMessage, readonly DescField[]>();

/** The fields worth a look: output-only ones and those that hold messages with such fields at any depth. */
function outputOnlyAware(schema: DescMessage): readonly DescField[] {
  let fields = fieldsWithMeaning.get(schema);
  if (!fields) {
    fields = schema.fields.filter(
      (field) => isOutputOnly(field) || (field.message !== undefined && holdsOutputOnly(field.message, new Set())),
    );
    fieldsWithMeaning.set(schema, fields);
  }
  return fields;
}

function holdsOutputOnly(schema: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  return schema.fields.some((field) => {
    return isOutputOnly(field) || (field.message !== undefined && holdsOutputOnly(field.message, seen));
  });
}

const knownOutputOnly = new WeakMap<DescField, boolean>();

function behaves(field: DescField, behavior: FieldBehavior): boolean {
  return hasOption(field, field_behavior) && getOption(field, field_behavior).includes(behavior);
}
