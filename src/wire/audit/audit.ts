import { create, type JsonObject } from "@bufbuild/protobuf";
import { anyPack, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AuditLogSchema, AuthorizationInfo_PermissionType } from "../../gen/google/cloud/audit/audit_log_pb.js";
import { LogSeverity } from "../../gen/google/logging/type/log_severity_pb.js";
import { type LogEntry, LogEntrySchema } from "../../gen/google/logging/v2/log_entry_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { Status } from "../../gen/google/rpc/status_pb.js";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Call } from "../call.ts";
import { principalEmail } from "../credentials/principal.ts";
import type { Policies } from "../iam/policies.ts";
import type { Projects } from "../projects/projects.ts";
import type { Clients } from "../in-process/client.ts";
import type { AuditKind } from "../rpc.ts";
import { wantsDataAccess } from "./data-access.ts";
import { locationOf, monitoredResourceOf } from "./monitored-resource.ts";
import { memberOf } from "./principal-subject.ts";
import type { AuditSubject } from "./subject.ts";

export interface AuditDeps {
  readonly clients: Clients;
  readonly log: Log;
  readonly clock: Clock;
  readonly policies: Policies;
  readonly projects: Projects;
}

/** A call and what came of it. */
export interface AuditRecord {
  readonly subject: AuditSubject;
  readonly kind: AuditKind;
  readonly permission: string;
  readonly caller: Caller;
  /** Of a call that failed. */
  readonly status?: Status | undefined;
  /** Request and response; asked for only when the entry is written. */
  readonly bodies?: () => { readonly request?: JsonObject | undefined; readonly response?: JsonObject | undefined };
  /** Of a call that goes on after its answer. */
  readonly operation?: { readonly id: string; readonly first?: boolean; readonly last?: boolean } | undefined;
}

export type Caller = Pick<Call, "principal" | "callerIp" | "userAgent">;

/**
 * Cloud Audit Logs: Admin Activity always, Data Access where the project's IAM policy enables it.
 * Google: cloud.google.com/logging/docs/audit, google/cloud/audit/audit_log.proto.
 */
export interface Audit {
  /** False when no call of this kind by this caller is written down, whatever it is about; cheap. */
  mayWant(kind: AuditKind, caller: Caller): Promise<boolean>;
  /** Writes the entry if it is wanted; never rejects. */
  write(record: AuditRecord): Promise<void>;
}

const WRITER = "cloud-audit@homerun.iam.gserviceaccount.com";
/** Exports entries: an entry about that would be exported, too, and so on. */
const EXPORTER = /^service-\d+@gcp-sa-logging\.iam\.gserviceaccount\.com$|^cloud-logs@system\.gserviceaccount\.com$/;

export function createAudit({ clients, log, clock, policies, projects }: AuditDeps): Audit {
  const wants = async ({ subject, kind, caller }: AuditRecord) => {
    if (!subject.project || kind === "none") return false;
    if (kind === "ADMIN_WRITE") return true;
    const policy = (await policies.withAuditConfigs(clock.nowMs())).get(subject.project);
    return policy !== undefined && wantsDataAccess(policy, subject.serviceName, kind, caller.principal);
  };
  return {
    async mayWant(kind, { principal }) {
      if (kind === "none" || principal.kind === "anonymous" || EXPORTER.test(principalEmail(principal))) return false;
      return kind === "ADMIN_WRITE" || (await policies.withAuditConfigs(clock.nowMs())).size > 0;
    },
    async write(given) {
      const { project } = given.subject;
      // Names may have the project's number in them.
      const subject = { ...given.subject, project: project === undefined ? undefined : projects.idOf(project) };
      const record = { ...given, subject };
      try {
        if (!(await wants(record))) return;
        const writer = { kind: "serviceAgent", email: WRITER } as const;
        const entries = [entryOf(record, clock.nowMs())];
        await clients.of(LoggingServiceV2, writer).writeLogEntries({ entries });
      } catch (error) {
        log.error("an audit log entry could not be written", { method: record.subject.methodName, error });
      }
    },
  };
}

function entryOf(record: AuditRecord, nowMs: number): LogEntry {
  const { subject, kind, status, operation } = record;
  const isActivity = kind === "ADMIN_WRITE";
  const calm = isActivity ? LogSeverity.NOTICE : LogSeverity.INFO;
  return create(LogEntrySchema, {
    logName: `projects/${subject.project}/logs/cloudaudit.googleapis.com%2F${isActivity ? "activity" : "data_access"}`,
    severity: status ? LogSeverity.ERROR : calm,
    timestamp: timestampFromMs(nowMs),
    resource: monitoredResourceOf(subject),
    ...(operation && { operation: { ...operation, producer: subject.serviceName } }),
    payload: { case: "protoPayload", value: anyPack(AuditLogSchema, auditLogOf(record, nowMs)) },
  });
}

function auditLogOf({ subject, kind, permission, caller, status, bodies }: AuditRecord, nowMs: number) {
  const { serviceName, methodName, resourceName } = subject;
  const { principal, callerIp, userAgent } = caller;
  const location = locationOf(subject);
  const { request, response } = bodies?.() ?? {};
  const granted = status?.code !== Code.PERMISSION_DENIED;
  const permissionType = kind === "none" ? 0 : AuthorizationInfo_PermissionType[kind];
  return create(AuditLogSchema, {
    serviceName,
    methodName,
    resourceName,
    ...(location && { resourceLocation: { currentLocations: [location] } }),
    status: status ?? {},
    authenticationInfo: { principalEmail: principalEmail(principal), principalSubject: memberOf(principal) },
    authorizationInfo: [{ resource: resourceName, permission, granted, permissionType }],
    requestMetadata: {
      // What comes from inside has no address. Google: RequestMetadata.caller_ip.
      callerIp: callerIp === "in-process" ? "private" : callerIp,
      callerSuppliedUserAgent: userAgent,
      requestAttributes: { time: timestampFromMs(nowMs), auth: {} },
      destinationAttributes: {},
    },
    ...(request && { request }),
    ...(response && { response }),
  });
}
