import {
  type UriOverride,
  UriOverride_Scheme as Scheme,
  UriOverride_UriOverrideEnforceMode as Mode,
} from "../../../gen/google/cloud/tasks/v2/target_pb.js";

/**
 * A task's URL with what its queue overrides: all that the queue gives, or with IF_NOT_EXISTS what the URL lacks. Google:
 * tasks/v2beta3/target.proto, UriOverride.
 */
export function overrideUrl(url: string, override: UriOverride | undefined): string {
  const parsed = URL.parse(url);
  if (!override || !parsed) return url;
  const always = override.uriOverrideEnforceMode !== Mode.IF_NOT_EXISTS;
  const { scheme, host, port, pathOverride, queryOverride } = override;
  if (scheme !== undefined && scheme !== Scheme.SCHEME_UNSPECIFIED && always)
    parsed.protocol = scheme === Scheme.HTTP ? "http:" : "https:";
  if (host !== undefined && host !== "" && always) {
    parsed.hostname = host;
    parsed.port = "";
  }
  if (port !== undefined && (always || parsed.port === "")) parsed.port = String(port);
  // gcloud sends the parts that are not given empty.
  if (pathOverride?.path && (always || parsed.pathname === "/")) parsed.pathname = pathOverride.path;
  if (queryOverride?.queryParams && (always || parsed.search === "")) parsed.search = queryOverride.queryParams;
  return parsed.href;
}
