import type { Call } from "../../../wire/call.ts";
import type { Conditions } from "../conditions.ts";
import { invalidValue } from "../errors.ts";
import type { LengthRange } from "../objects/length-range.ts";
import type { StorageModel } from "../model.ts";

/** One request to the XML API on its way. */
export interface XmlCall {
  readonly model: StorageModel;
  readonly request: Request;
  readonly call: Call;
  readonly query: URLSearchParams;
  readonly bucket: string;
  /** Decoded; "" for the bucket itself. */
  readonly object: string;
  /** Bounds of an upload that the signed URL carries. */
  readonly lengthRange?: LengthRange | undefined;
}

/** x-goog-if-generation-match and x-goog-if-metageneration-match. */
export function conditionsOfHeaders(headers: Headers): Conditions {
  return {
    ifGenerationMatch: integer(headers.get("x-goog-if-generation-match"), "x-goog-if-generation-match"),
    ifMetagenerationMatch: integer(headers.get("x-goog-if-metageneration-match"), "x-goog-if-metageneration-match"),
  };
}

/** The generation a request names. */
export function generationOf(query: URLSearchParams): bigint | undefined {
  return integer(query.get("generation"), "generation");
}

function integer(text: string | null, name: string): bigint | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,19}$/.test(text)) throw invalidValue(`Invalid value for ${name}: ${text}`, name);
  return BigInt(text);
}
