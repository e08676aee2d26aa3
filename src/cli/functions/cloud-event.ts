import { CliError } from "../cli-error.ts";

/** An HTTP request's headers and body. */
export interface CloudEventRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/**
 * A CloudEvent in JSON (structured mode) as a request in binary mode, the way Eventarc delivers events: attributes in
 * ce- headers, the data as body. CliError for what is no CloudEvent. CloudEvents 1.0, HTTP protocol binding, 3.1.
 */
export function binaryCloudEvent(text: string): CloudEventRequest {
  const { data, data_base64: base64, datacontenttype, ...given } = parse(text);
  const attributes: Record<string, unknown> = { specversion: "1.0", ...given };
  const missing = ["id", "source", "type"].filter((name) => attributes[name] === undefined);
  if (missing.length > 0) throw new CliError(`the CloudEvent has no ${missing.join(", no ")}`);
  const headers = Object.keys(attributes).map((name) => [`ce-${name.toLowerCase()}`, headerText(attributes[name])]);
  const contentType = typeof datacontenttype === "string" ? datacontenttype : "application/json";
  const body = typeof base64 === "string" ? Buffer.from(base64, "base64") : bodyText(data, contentType);
  return { headers: { ...Object.fromEntries(headers), "content-type": contentType }, body };
}

function bodyText(data: unknown, contentType: string): string {
  if (data === undefined) return "";
  return typeof data === "string" && !/[/+]json\b/.test(contentType) ? data : JSON.stringify(data);
}

/** CloudEvents 1.0, HTTP protocol binding, 3.1.3.2: what is not plain ASCII is percent-encoded. */
function headerText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replaceAll(/[^\x21-\x7e]|["%]/gu, (character) => encodeURIComponent(character));
}

function parse(text: string): Record<string, unknown> {
  try {
    const event = JSON.parse(text) as unknown;
    if (typeof event === "object" && event !== null && !Array.isArray(event)) return event as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new CliError("--cloud-event wants a CloudEvent as a JSON object");
}
