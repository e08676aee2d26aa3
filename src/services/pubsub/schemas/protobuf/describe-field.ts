import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as FieldType,
  FieldDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import protobuf, { type Field, type MapField } from "protobufjs";

/** What a field's descriptor needs to know of the message around it. */
export interface FieldPlace {
  readonly syntax: string;
  readonly oneofs: readonly string[];
}

/** Largest number of a field. */
const MAX_NUMBER = 2 ** 29 - 1;

/** The descriptor of a field. */
export function describeField(field: Field, { syntax, oneofs }: FieldPlace): FieldDescriptorProto {
  const { name, id, options, partOf } = field;
  const isReserved = id >= 19_000 && id <= 19_999;
  if (id < 1 || id > MAX_NUMBER || isReserved) throw new Error(`The number of the field ${name} is out of range.`);
  const isOptional = Boolean(options?.["proto3_optional"]);
  const oneof = isOptional ? `_${name}` : partOf?.name;
  const jsonName: unknown = options?.["json_name"];
  return create(FieldDescriptorProtoSchema, {
    name,
    number: id,
    label: labelOf(field, syntax),
    jsonName: typeof jsonName === "string" ? jsonName : camelCase(name),
    ...(field instanceof protobuf.MapField
      ? { type: FieldType.MESSAGE, typeName: `${field.parent!.fullName}.${entryName(name)}` }
      : typeOf(field)),
    ...(oneof !== undefined && { oneofIndex: oneofs.indexOf(oneof) }),
    ...(isOptional && { proto3Optional: true }),
  });
}

/** The message that a map's entries are; nothing for other fields. */
export function describeMapEntry(field: Field): DescriptorProto[] {
  if (!(field instanceof protobuf.MapField)) return [];
  const { keyType } = field as MapField;
  const key = { name: "key", number: 1, label: Label.OPTIONAL, jsonName: "key", ...scalarType(keyType) };
  const value = { name: "value", number: 2, label: Label.OPTIONAL, jsonName: "value", ...typeOf(field) };
  const name = entryName(field.name);
  return [create(DescriptorProtoSchema, { name, field: [key, value], options: { mapEntry: true } })];
}

function labelOf(field: Field, syntax: string): Label {
  if (field.repeated || field instanceof protobuf.MapField) return Label.REPEATED;
  return field.required && syntax === "proto2" ? Label.REQUIRED : Label.OPTIONAL;
}

function typeOf({ type, resolvedType }: Field): MessageInitShape<typeof FieldDescriptorProtoSchema> {
  if (!resolvedType) return scalarType(type);
  const isEnum = resolvedType instanceof protobuf.Enum;
  return { type: isEnum ? FieldType.ENUM : FieldType.MESSAGE, typeName: resolvedType.fullName };
}

function scalarType(name: string): { type: FieldType } {
  const type = Object.entries(FieldType).find(([each]) => each === name.toUpperCase())?.[1];
  if (typeof type !== "number") throw new Error(`The type ${name} is not known.`);
  return { type };
}

/** As protoc names the entries of a map. */
function entryName(field: string): string {
  return `${field.replace(/(?:^|_)([a-z\d])/gi, (_, letter: string) => letter.toUpperCase())}Entry`;
}

function camelCase(name: string): string {
  return name.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase()).replaceAll("_", "");
}
