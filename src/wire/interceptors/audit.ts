import { create, type DescService, getOption } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { default_host } from "../../gen/google/api/client_pb.js";
import { type AuditLog, AuditLogSchema } from "../../gen/google/cloud/audit/audit_log_pb.js";
import { LogSeverity } from "../../gen/google/logging/type/log_severity_pb.js";
import { type LogEntry, LogEntrySchema } from "../../gen/google/logging/v2/log_entry_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import type { Log } from "../../platform/log.ts";
import { principalEmail } from "../credentials/principal.ts";
import type { Interceptor, Invocation } from "../dispatch.ts";
import type { Clients } from "../in-process/client.ts";
import { statusOf, toApiError } from "../status.ts";

export interface AuditDeps {
  readonly clients: Clients;
  readonly log: Log;
}

/**
 * Writes an Admin Activity entry to Cloud Logging for each call that changes configuration, refused ones included.
 * Data access and admin reads are not written: Google has them off by default.
 * Google: cloud.google.com/logging/docs/audit, google/cloud/audit/audit_log.proto.
 */
export function auditCalls({ clients, log }: AuditDeps): Interceptor {
  const write = async (invocation: Invocation, thrown?: unknown) => {
    const entry = entryOf(invocation, thrown);
    if (!entry) return;
    try {
      await clients.of(LoggingServiceV2, { kind: "serviceAgent", email: WRITER }).writeLogEntries({ entries: [entry] });
    } catch (error) {
      log.error("an audit log entry could not be written", { method: invocation.method.name, error });
    }
  };
  return async (invocation, next) => {
    if (invocation.policy.audit !== "ADMIN_WRITE") return next(invocation);
    try {
      const answer = await next(invocation);
      await write(invocation);
      return answer;
    } catch (thrown) {
      await write(invocation, thrown);
      throw thrown;
    }
  };
}

/** Whether audit entries have somewhere to go. */
export function canAudit(services: readonly DescService[]): boolean {
  return services.some((service) => service.typeName === LoggingServiceV2.typeName);
}

const WRITER = "cloud-audit@homerun.iam.gserviceaccount.com";

function entryOf(invocation: Invocation, thrown: unknown): LogEntry | undefined {
  const resourceName = resourceNameOf(invocation.request);
  const project = /^projects\/([^/]+)/.exec(resourceName)?.[1];
  // What names no project of its own (a bucket, "projects/-") has no log to go to.
  if (!project || project === "-" || project === "_") return undefined;
  const auditLog = auditLogOf(invocation, resourceName, thrown);
  const { serviceName: service, methodName: method } = auditLog;
  return create(LogEntrySchema, {
    logName: `projects/${project}/logs/cloudaudit.googleapis.com%2Factivity`,
    severity: thrown === undefined ? LogSeverity.NOTICE : LogSeverity.ERROR,
    resource: { type: "audited_resource", labels: { project_id: project, service, method } },
    payload: { case: "protoPayload", value: anyPack(AuditLogSchema, auditLog) },
  });
}

function auditLogOf({ method, policy, call }: Invocation, resourceName: string, thrown: unknown): AuditLog {
  return create(AuditLogSchema, {
    serviceName: getOption(method.parent, default_host),
    methodName: `${method.parent.typeName}.${method.name}`,
    resourceName,
    status: thrown === undefined ? {} : statusOf(toApiError(thrown)),
    authenticationInfo: { principalEmail: principalEmail(call.principal) },
    authorizationInfo: [{ resource: resourceName, permission: policy.permission, granted: thrown === undefined }],
    requestMetadata: { callerIp: call.callerIp, callerSuppliedUserAgent: call.userAgent },
  });
}

/** The resource a request is about: its name, the parent it is made in, or the name of the resource inside. */
function resourceNameOf(request: Invocation["request"]): string {
  const fields = request as unknown as Record<string, unknown>;
  const inner = Object.values(fields).find((value) => typeof (value as { name?: unknown } | null)?.name === "string");
  const names = [fields["name"], fields["resource"], (inner as { name?: unknown } | undefined)?.name, fields["parent"]];
  const found = names.find((name) => typeof name === "string" && name.startsWith("projects/"));
  return typeof found === "string" ? found : "";
}
