import { RegistryClientError } from "../../oci/distribution/registry-client-error.ts";

/** The refusal of a registry, from what podman says of it. */
export function pushFailure(lines: readonly string[]): RegistryClientError {
  const said = lines.findLast((line) => line.startsWith("Error: "))?.replace(/^Error: /, "");
  const message = said ?? (lines.slice(-1)[0] || "the push failed");
  return new RegistryClientError(message, statusOf(message));
}

function statusOf(message: string): number {
  const status = /\b(?:status|StatusCode:?)\s*(?:code\s*)?:?\s*([45]\d\d)\b/i.exec(message)?.[1];
  if (status !== undefined) return Number(status);
  if (/unauthorized|authentication required/i.test(message)) return 401;
  if (/denied|forbidden/i.test(message)) return 403;
  return /name unknown|not found/i.test(message) ? 404 : 502;
}
