import { STATUS_CODES } from "../../platform/node-http.ts";
import { httpDate, SERVER } from "./headers.ts";

/** An answer that ingress gives by itself. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the request log says besides the status; Cloud Run's own words. */
  readonly logMessage?: string;
}

const NOT_AUTHENTICATED =
  "The request was not authenticated. Either allow unauthenticated invocations or set the proper Authorization header. " +
  "Read more at https://cloud.google.com/run/docs/securing/authenticating Additional troubleshooting documentation can " +
  "be found at: https://cloud.google.com/run/docs/troubleshooting#unauthorized-client";
const NOT_AUTHORIZED =
  "The request was not authorized to invoke this service. Read more at " +
  "https://cloud.google.com/run/docs/securing/authenticating Additional troubleshooting documentation can be found at: " +
  "https://cloud.google.com/run/docs/troubleshooting#unauthorized-client";
const MALFORMED =
  "The request failed because either the HTTP response was malformed or connection to the instance had an error. " +
  "Additional troubleshooting documentation can be found at: " +
  "https://cloud.google.com/run/docs/troubleshooting#malformed-response-or-connection-error";
const OUT_OF_MEMORY =
  "While handling this request, the container instance was found to be using too much memory and was terminated. This is " +
  "likely to cause a new container instance to be used for the next request to this revision. If you see this message " +
  "frequently, you may have a memory leak in your code or may need more memory. Consider creating a new revision with " +
  "more memory.";
const TIMED_OUT =
  "The request has been terminated because it has reached the maximum request timeout. To change this limit, see " +
  "https://cloud.google.com/run/docs/configuring/request-timeout";

const htmlHeaders = { "content-type": "text/html; charset=UTF-8" };

/** No service has this host, or it is not open to this caller. */
export const notFound = page(404, "Page not found", "The requested URL was not found on this server.");

/** A caller without credentials at a service that wants some. */
export const unauthenticated = (url: string) => forbidden(url, NOT_AUTHENTICATED);

/** A caller who is known and may not invoke the service. */
export const permissionDenied = (url: string) => forbidden(url, NOT_AUTHORIZED);

/** A credential that does not hold. */
export const invalidToken = (url: string): Page => ({
  ...page(
    401,
    "Unauthorized",
    `Your client does not have permission to the requested URL <code>${escapeHtml(url)}</code>.`,
    NOT_AUTHORIZED,
  ),
  headers: {
    ...htmlHeaders,
    "www-authenticate": 'Bearer error="invalid_token" error_description="The access token could not be verified"',
  },
});

/** An HTTP/1 request over 32 MiB. */
export const requestTooLarge = page(
  413,
  "Request Entity Too Large",
  "Your client issued a request that was too large.",
);

/** No HTTP, or HTTP that two readers could understand differently. */
export const badRequest = page(400, "Bad Request", "Your client has issued a malformed or illegal request.");

/** A head that does not come to its end in time. */
export const requestTimeout = page(408, "Request Timeout", "Your client has taken too long to issue its request.");

/** A head over the limit. */
export const headTooLarge = page(413, "Request Entity Too Large", "Your client issued a request that was too large.");

/** A first line over the limit. */
export const urlTooLarge = page(414, "Request-URI Too Large", "The requested URL is too large to process.");

/** maxInstances are busy and stay so. */
export const noInstanceAtMaximum = text(
  429,
  "Rate exceeded.",
  "The request was aborted because there was no available instance. Additional troubleshooting documentation can be " +
    "found at: https://cloud.google.com/run/docs/troubleshooting#abort-request",
);

/** Instances do not come up fast enough. */
export const noInstance = serverError(
  "The request was aborted because there was no available instance. Additional troubleshooting documentation can be " +
    "found at: https://cloud.google.com/run/docs/troubleshooting#abort-request",
);

/** Manual scaling leaves the revision no instance. Google: Cloud Run, "Disable a service": requests fail with this. */
export const disabled = unavailable("The request failed because the service is disabled.");

/** The container ended before it listened. */
export const startFailed = serverError("The request failed because the instance could not start successfully.");

/** The container runs and does not pass its startup probe. */
export const notReady = unavailable("The request failed because the instance failed the readiness check.");

/** The instance was over its memory limit while it had the request. */
export const outOfMemory = serverError(OUT_OF_MEMORY);

/** Ingress itself has failed. */
export const internalError = serverError("The request failed because of an internal error.");

/** A response with Content-Length over 32 MiB from an HTTP/1 container. */
export const responseTooLarge = serverError("Response size was too large. Please consider reducing response size.");

/** The instance broke off, or did not speak HTTP. */
export const connectionError = unavailable(MALFORMED);

/** timeoutSeconds are over. */
export const timedOut = text(504, "upstream request timeout", TIMED_OUT);

/** The log message of a timeout that struck after the response had begun. */
export const timedOutMessage = TIMED_OUT;

/** The page as an HTTP/1.1 response after which the connection closes, for what never became a request. */
export function rawResponse({ status, headers, body }: Page, nowMs: number): string {
  const own = { date: httpDate(nowMs), server: SERVER, "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ ...headers, ...own, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}

function forbidden(url: string, logMessage: string): Page {
  const sentence = `Your client does not have permission to get URL <code>${escapeHtml(url)}</code> from this server.`;
  return page(403, "Forbidden", sentence, logMessage);
}

function serverError(logMessage: string): Page {
  const sentence =
    "The server encountered an error and could not complete your request.<p>Please try again in 30 seconds.";
  return page(500, "Server Error", sentence, logMessage);
}

function unavailable(logMessage: string): Page {
  return text(503, "Service Unavailable", logMessage);
}

/** Google: the page its front ends give for errors, as clients and tests know it. */
function page(status: number, heading: string, sentence: string, logMessage?: string): Page {
  const body = `
<html><head>
<meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>${status} ${heading}</title>
</head>
<body text=#000000 bgcolor=#ffffff>
<h1>Error: ${heading}</h1>
<h2>${sentence}</h2>
<h2></h2>
</body></html>
`;
  return { status, headers: htmlHeaders, body, ...(logMessage === undefined ? {} : { logMessage }) };
}

function text(status: number, body: string, logMessage: string): Page {
  return { status, headers: { "content-type": "text/plain" }, body, logMessage };
}

function escapeHtml(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
