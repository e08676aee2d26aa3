import { Code } from "../gen/google/rpc/code_pb.js";

/** HTTP status of each google.rpc.Code (google/rpc/code.proto, "HTTP Mapping"). */
const HTTP_STATUS: Readonly<Record<Code, number>> = {
  [Code.OK]: 200,
  [Code.CANCELLED]: 499,
  [Code.UNKNOWN]: 500,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.UNAUTHENTICATED]: 401,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.INTERNAL]: 500,
  [Code.UNAVAILABLE]: 503,
  [Code.DATA_LOSS]: 500,
};

/** The google.rpc.Code that an HTTP status most likely comes from. */
export function codeOfHttpStatus(status: number): Code {
  const known: Readonly<Record<number, Code>> = {
    400: Code.INVALID_ARGUMENT,
    409: Code.ALREADY_EXISTS,
    412: Code.FAILED_PRECONDITION,
    500: Code.INTERNAL,
  };
  const codes = Object.entries(HTTP_STATUS).find(([, each]) => each === status);
  return known[status] ?? (codes ? Number(codes[0]) : Code.UNKNOWN);
}

/** The HTTP status that google.rpc.Code maps to. */
export function httpStatusOf(code: Code): number {
  return HTTP_STATUS[code] ?? 500;
}
