import { httpStatusOf } from "../../../wire/http-status.ts";
import { toApiError } from "../../../wire/status.ts";
import { StorageError } from "../errors.ts";

/** The JSON API's answer to a thrown error. Google: cloud.google.com/storage/docs/json_api/v1/status-codes. */
export function jsonErrorResponse(thrown: unknown): Response {
  const error = toApiError(thrown);
  const status = error instanceof StorageError ? error.faces.httpStatus : httpStatusOf(error.code);
  if (status === 304) return new Response(null, { status });
  const { message } = error;
  const details = { message, domain: "global", reason: reasonOf(error, status), ...locationOf(error) };
  return Response.json({ error: { code: status, message, errors: [details] } }, { status });
}

function reasonOf(error: Error, status: number): string {
  if (error instanceof StorageError) return error.faces.reason;
  if (status === 404) return "notFound";
  if (status === 401) return "authError";
  return status >= 500 ? "backendError" : "invalid";
}

function locationOf(error: Error): { locationType?: string; location?: string } {
  const location = error instanceof StorageError ? error.faces.location : undefined;
  return location ? { locationType: location.type, location: location.name } : {};
}
