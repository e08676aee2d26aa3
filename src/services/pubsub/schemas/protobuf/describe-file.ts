import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import protobuf, { type Enum, type NamespaceBase, type Type } from "protobufjs";
import { describeField, describeMapEntry } from "./describe-field.ts";

/** What a .proto file of a schema is called; it is never imported. */
export const FILE_NAME = "schema.proto";

const COMMENT_OR_SPACE = String.raw`(?:\s|//[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)*`;
const SYNTAX = new RegExp(
  String.raw`^${COMMENT_OR_SPACE}(?:syntax|edition)${COMMENT_OR_SPACE}=${COMMENT_OR_SPACE}["']([^"']*)["']`,
);

/**
 * Reads a .proto file without imports but those of google/protobuf, in proto2 or proto3, into its descriptor; throws when it
 * does not parse or names what there is not.
 */
export function describeFile(definition: string): FileDescriptorProto {
  const root = new protobuf.Root();
  const { imports = [], package: packageName = "" } = protobuf.parse(definition, root, { keepCase: true });
  const syntax = SYNTAX.exec(definition)?.[1] ?? "proto2";
  if (syntax !== "proto2" && syntax !== "proto3") throw new Error(`The syntax ${syntax} is not known.`);
  for (const path of imports) addWellKnown(root, path);
  root.resolveAll();
  const own = packageName === "" ? root : (root.lookup(packageName) as NamespaceBase);
  const messages = own.nestedArray.filter((each): each is Type => each instanceof protobuf.Type);
  const enums = own.nestedArray.filter((each): each is Enum => each instanceof protobuf.Enum);
  return create(FileDescriptorProtoSchema, {
    name: FILE_NAME,
    package: packageName,
    dependency: [...imports],
    syntax,
    messageType: messages.map((message) => describeMessage(message, syntax)),
    enumType: enums.map((each) => describeEnum(each, syntax)),
  });
}

function addWellKnown(root: protobuf.Root, path: string): void {
  const known = path.startsWith("google/protobuf/") ? protobuf.common.get(path) : null;
  if (!known?.nested) throw new Error(`Imports are not supported: ${path}.`);
  root.addJSON(known.nested);
}

function describeMessage(type: Type, syntax: string): DescriptorProto {
  if (Reflect.get(type, "group") === true) throw new Error("Groups are not supported.");
  const fields = type.fieldsArray.toSorted((one, other) => one.id - other.id);
  const oneofs = type.oneofsArray.filter(({ fieldsArray }) => !fieldsArray[0]?.options?.["proto3_optional"]);
  const optionals = fields.filter(({ options }) => options?.["proto3_optional"]);
  const names = [...oneofs.map(({ name }) => name), ...optionals.map(({ name }) => `_${name}`)];
  const nested = type.nestedArray.filter((each): each is Type => each instanceof protobuf.Type);
  const enums = type.nestedArray.filter((each): each is Enum => each instanceof protobuf.Enum);
  return create(DescriptorProtoSchema, {
    name: type.name,
    field: fields.map((field) => describeField(field, { syntax, oneofs: names })),
    nestedType: [...nested.map((each) => describeMessage(each, syntax)), ...fields.flatMap(describeMapEntry)],
    enumType: enums.map((each) => describeEnum(each, syntax)),
    oneofDecl: names.map((name) => ({ name })),
  });
}

function describeEnum({ name, values, options }: Enum, syntax: string): EnumDescriptorProto {
  if (syntax === "proto3" && Object.values(values)[0] !== 0)
    throw new Error(`The first value of the enum ${name} must be zero.`);
  const value = Object.entries(values).map(([each, number]) => ({ name: each, number }));
  return create(EnumDescriptorProtoSchema, {
    name,
    value,
    ...(options?.["allow_alias"] === true && { options: { allowAlias: true } }),
  });
}
