import { Code } from "../../gen/google/rpc/code_pb.js";

const CODES: Readonly<Record<number, Code>> = {
  400: Code.INVALID_ARGUMENT,
  401: Code.UNAUTHENTICATED,
  403: Code.PERMISSION_DENIED,
  404: Code.NOT_FOUND,
  409: Code.ABORTED,
  416: Code.OUT_OF_RANGE,
  429: Code.RESOURCE_EXHAUSTED,
  499: Code.CANCELLED,
  501: Code.UNIMPLEMENTED,
  503: Code.UNAVAILABLE,
  504: Code.DEADLINE_EXCEEDED,
};

/** The google.rpc.Code that an answer of a target stands for; OK for all of 200 to 299. Google: google/rpc/code.proto, "HTTP Mapping". */
export function codeOfStatus(status: number): Code {
  if (status >= 200 && status < 300) return Code.OK;
  if (status >= 500) return CODES[status] ?? Code.INTERNAL;
  if (status >= 400) return CODES[status] ?? Code.FAILED_PRECONDITION;
  return Code.UNKNOWN;
}
