import type { DescMessage, Message } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";

/**
 * Booleans that Google's REST APIs take although the published protos lack them (discovery documents), by message type.
 * They travel among the message's unknown fields, under numbers that protobuf reserves and no proto may use.
 */
const UNDECLARED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "google.iam.credentials.v1.GenerateIdTokenRequest": { useEmailAzp: 19_000, organizationNumberIncluded: 19_001 },
};

/** Takes the undeclared fields out of a JSON body; answers the names of those that are true. */
export function takeUndeclaredFields(schema: DescMessage, json: Record<string, unknown>): string[] {
  const names = Object.keys(UNDECLARED[schema.typeName] ?? {}).filter((name) => name in json);
  return names.filter((name) => {
    const value = json[name];
    delete json[name];
    return value === true || value === "true";
  });
}

/** Notes in a message which of its undeclared fields are true. */
export function setUndeclaredFields(message: Message, names: readonly string[]): void {
  const numbers = UNDECLARED[message.$typeName] ?? {};
  const fields = names.map((name) => ({ no: numbers[name]!, wireType: WireType.Varint, data: Uint8Array.of(1) }));
  if (fields.length > 0) message.$unknown = [...(message.$unknown ?? []), ...fields];
}

/** Whether an undeclared field of a message is true. */
export function hasUndeclaredField(message: Message, name: string): boolean {
  const number = UNDECLARED[message.$typeName]?.[name];
  return number !== undefined && (message.$unknown ?? []).some((field) => field.no === number && field.data[0] === 1);
}
