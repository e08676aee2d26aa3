import { httpStatusOf } from "../../../wire/http-status.ts";
import { toApiError } from "../../../wire/status.ts";
import { StorageError } from "../errors.ts";
import { element } from "./xml.ts";

/** The XML API's answer to a thrown error. Google: cloud.google.com/storage/docs/xml-api/reference-status. */
export function xmlErrorResponse(thrown: unknown): Response {
  if (!(thrown instanceof StorageError)) {
    const { code, message } = toApiError(thrown);
    return xmlError({ status: httpStatusOf(code), code: "InternalError", message });
  }
  const { httpStatus: status, xmlCode: code, xmlMessage } = thrown.faces;
  if (status === 304) return new Response(null, { status });
  if (xmlMessage === undefined) return xmlError({ status, code, message: thrown.message });
  return xmlError({ status, code, message: xmlMessage, details: { Details: thrown.message } });
}

/** An error document with further elements behind the message. */
export function xmlError(error: {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, string>>;
}): Response {
  const { status, code, message, details = {} } = error;
  const parts = Object.entries({ Code: code, Message: message, ...details });
  return xmlResponse(status, `<Error>${parts.map(([name, text]) => element(name, text)).join("")}</Error>`);
}

/** An answer that is an XML document. */
export function xmlResponse(status: number, root: string): Response {
  const body = `<?xml version='1.0' encoding='UTF-8'?>${root}`;
  const headers = {
    "content-type": "application/xml; charset=UTF-8",
    "content-length": String(Buffer.byteLength(body)),
  };
  return new Response(body, { status, headers });
}
