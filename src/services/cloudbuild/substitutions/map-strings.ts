import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { reflect, type ReflectList, type ReflectMessage } from "@bufbuild/protobuf/reflect";

/** Changes every text in a message, at any depth, but not those of the fields (by proto name) that `except` names. */
export function mapStrings<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
  change: (text: string) => string,
  except: ReadonlySet<string> = new Set(),
): void {
  visit(reflect(schema, message), change, except);
}

function visit(message: ReflectMessage, change: (text: string) => string, except: ReadonlySet<string>): void {
  for (const field of message.sortedFields) {
    if (except.has(field.name) || !message.isSet(field)) continue;
    if (field.fieldKind === "message") visit(message.get(field), change, except);
    if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING)
      message.set(field, change(message.get(field)));
    if (field.fieldKind === "list") visitList(message.get(field), change, except);
  }
}

function visitList(list: ReflectList, change: (text: string) => string, except: ReadonlySet<string>): void {
  const field = list.field();
  for (const [index, item] of Array.from(list).entries()) {
    if (field.listKind === "message") visit(item as ReflectMessage, change, except);
    if (field.listKind === "scalar" && field.scalar === ScalarType.STRING) list.set(index, change(item as string));
  }
}
