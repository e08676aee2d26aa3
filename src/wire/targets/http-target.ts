import { validateHeaderName, validateHeaderValue } from "../../platform/node-http.ts";
import { invalidArgument } from "../errors.ts";

/** Both APIs say so: cloud.google.com/scheduler/quotas and cloud.google.com/tasks/docs/quotas. */
const MAX_URL_LENGTH = 2083;
const MAX_HEADER_BYTES = 80 * 1024;
const METHODS_WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** What HTTP targets of Cloud Scheduler and Cloud Tasks have in common. */
export interface HttpTargetParts {
  readonly url: string;
  /** "POST". */
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The names of the fields, for errors: "job.http_target.uri". */
export interface HttpTargetFields {
  readonly url: string;
  readonly headers: string;
  readonly body: string;
}

/** Rejects with INVALID_ARGUMENT what the protos of both APIs say is none. */
export function checkHttpTarget({ url, method, headers, body }: HttpTargetParts, fields: HttpTargetFields): void {
  const parsed = URL.parse(url);
  if (!/^https?:\/\//.test(url) || !parsed?.hostname)
    throw invalid(fields.url, `${fields.url} must begin with "http://" or "https://" and be a valid URL.`);
  if (parsed.href.length > MAX_URL_LENGTH)
    throw invalid(fields.url, `${fields.url} must not be longer than ${MAX_URL_LENGTH} characters.`);
  if (body.length > 0 && !METHODS_WITH_BODY.has(method))
    throw invalid(fields.body, `${fields.body} is only allowed with the methods POST, PUT and PATCH.`);
  checkHeaders(headers, fields.headers);
}

function checkHeaders(headers: Readonly<Record<string, string>>, field: string): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (!isValidHeader(name, value)) throw invalid(field, `${field} holds an invalid HTTP header: ${name}`);
  }
  if (bytes >= MAX_HEADER_BYTES) throw invalid(field, `${field} must be smaller than 80KB.`);
}

function isValidHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Headers that a user gave, without those that Google ignores or replaces; `own` are set by the service and win. */
export function targetHeaders(
  given: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const taken = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const kept = Object.entries(given).filter(([name]) => {
    const lower = name.toLowerCase();
    return !REPLACED.test(lower) && !taken.has(lower);
  });
  return { ...Object.fromEntries(kept), ...own };
}

/** Connections are ours, too: what ends or upgrades one is no matter of a user's header. */
const REPLACED =
  /^(host|content-length|user-agent|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|x-google-.*|x-appengine-.*|x-cloudscheduler.*|x-cloudtasks.*)$/;

function invalid(field: string, description: string) {
  return invalidArgument(description, [{ field, description }]);
}
