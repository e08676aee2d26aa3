/** A schema that messages can be checked against. */
export interface CompiledSchema {
  /** Throws an InvalidMessage when the bytes are not one value in JSON. */
  checkJson(data: Uint8Array): void;
  /** Throws an InvalidMessage when the bytes are not exactly one value in binary. */
  checkBinary(data: Uint8Array): void;
  /** Why an earlier schema of the same kind and this one do not go together; undefined when they do. */
  conflictWith(earlier: CompiledSchema): string | undefined;
}

/** Why a message does not conform. */
export class InvalidMessage extends Error {
  override name = "InvalidMessage";
}

/** Parses JSON text for a check; throws an InvalidMessage when it is none. */
export function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    throw new InvalidMessage("Invalid JSON object");
  }
}
