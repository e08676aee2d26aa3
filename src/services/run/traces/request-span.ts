import type { Attributes, HrTime } from "@opentelemetry/api";
import type { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { InstanceLogEntry } from "../../../instances/serving.ts";

/** Numbers of the OpenTelemetry API, which is loaded only where traces are exported. */
const SPAN_KIND_SERVER = 1;
const STATUS_UNSET = 0;
const STATUS_ERROR = 2;
const SAMPLED = 1;

/** The span of a request, by OpenTelemetry's semantic conventions for HTTP servers and for Cloud Run. */
export function requestSpan(entry: InstanceLogEntry, toResource: typeof resourceFromAttributes): ReadableSpan {
  const { timestampMs, httpRequest, traceId = "", spanId = "", parentSpanId } = entry;
  const { requestMethod = "", latencyMs = 0, status = 0 } = httpRequest ?? {};
  return {
    name: requestMethod,
    kind: SPAN_KIND_SERVER,
    spanContext: () => ({ traceId, spanId, traceFlags: SAMPLED }),
    ...(parentSpanId !== undefined && {
      parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: SAMPLED, isRemote: true },
    }),
    startTime: timeOf(timestampMs),
    endTime: timeOf(timestampMs + latencyMs),
    duration: timeOf(latencyMs),
    status: { code: status >= 500 ? STATUS_ERROR : STATUS_UNSET },
    attributes: attributesOf(entry),
    resource: toResource(resourceAttributes(entry)),
    instrumentationScope: { name: "homerun" },
    links: [],
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function attributesOf({ httpRequest }: InstanceLogEntry): Attributes {
  if (!httpRequest) return {};
  const { requestMethod, requestUrl, status, userAgent, remoteIp, requestSize, responseSize, protocol } = httpRequest;
  const url = URL.parse(requestUrl);
  return {
    "http.request.method": requestMethod,
    "http.response.status_code": status,
    "http.request.size": requestSize,
    "http.response.size": responseSize,
    "url.full": requestUrl,
    ...(url && { "url.scheme": url.protocol.slice(0, -1), "url.path": url.pathname, "server.address": url.hostname }),
    "client.address": remoteIp,
    "user_agent.original": userAgent,
    "network.protocol.version": protocol.replace("HTTP/", ""),
  };
}

function resourceAttributes({ workload, instanceId }: InstanceLogEntry): Attributes {
  const { project, location, contractEnv } = workload;
  return {
    "service.name": contractEnv["K_SERVICE"] ?? "",
    "service.version": contractEnv["K_REVISION"] ?? "",
    "cloud.provider": "gcp",
    "cloud.platform": "gcp_cloud_run",
    "cloud.account.id": project.id,
    "cloud.region": location,
    "faas.name": contractEnv["K_SERVICE"] ?? "",
    "faas.version": contractEnv["K_REVISION"] ?? "",
    "faas.instance": instanceId,
  };
}

/** Seconds and nanoseconds. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
