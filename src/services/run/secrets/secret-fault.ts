import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { ApiError } from "../../../wire/errors.ts";

/** What Cloud Run says of a version of a secret that an account cannot read. Google's words. */
export function secretFault(error: ApiError, version: string, email: string): string {
  if (error.code === Code.NOT_FOUND) return `Secret ${version} was not found`;
  if (error.code !== Code.PERMISSION_DENIED) return error.message;
  return `Permission denied on secret: ${version} for Revision service account ${email}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.`;
}
