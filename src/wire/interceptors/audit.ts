import type { DescMessage, DescService, Message, Registry } from "@bufbuild/protobuf";
import type { Operation } from "../../gen/google/longrunning/operations_pb.js";
import { LoggingServiceV2 } from "../../gen/google/logging/v2/logging_pb.js";
import type { Audit, AuditRecord } from "../audit/audit.ts";
import { auditJson } from "../audit/message-json.ts";
import type { OperationAudits } from "../audit/operation-audits.ts";
import { subjectOfRpc } from "../audit/rpc-subject.ts";
import type { AuditSubject } from "../audit/subject.ts";
import type { Interceptor, Invocation, Payload } from "../dispatch.ts";
import { statusOf, toApiError } from "../status.ts";

export interface AuditCallsDeps {
  readonly audit: Audit;
  readonly operations: OperationAudits;
  readonly registry: () => Registry;
  /** What a module says of its own calls; asked before the call. */
  readonly subjectOf: (invocation: Invocation) => Promise<Partial<AuditSubject>>;
}

/** Writes audit entries of calls, refused ones included. Streams of requests name no resource and are not written. */
export function auditCalls(deps: AuditCallsDeps): Interceptor {
  return async (invocation, next) => {
    const { policy, request, call } = invocation;
    if (Symbol.asyncIterator in request || !(await deps.audit.mayWant(policy.audit, call))) return next(invocation);
    const known = await deps.subjectOf(invocation);
    const answer = await next(invocation).catch(async (thrown: unknown) => {
      await deps.audit.write({ ...recordOf(deps, invocation, known), status: statusOf(toApiError(thrown)) });
      throw thrown;
    });
    await recordAnswer(deps, recordOf(deps, invocation, known, answer), invocation, answer);
    return answer;
  };
}

/** Whether audit entries have somewhere to go. */
export function canAudit(services: readonly DescService[]): boolean {
  return services.some((service) => service.typeName === LoggingServiceV2.typeName);
}

async function recordAnswer(
  { audit, operations }: AuditCallsDeps,
  record: AuditRecord,
  { method }: Invocation,
  answer: Payload,
): Promise<void> {
  if (method.output.typeName !== "google.longrunning.Operation") return audit.write(record);
  const { name: id, done } = answer as unknown as Operation;
  // The entry of its end comes after that of its begin.
  await audit.write({ ...record, operation: { id, first: true, ...(done && { last: true }) } });
  if (!done) await operations.note(id, record);
}

function recordOf(
  deps: AuditCallsDeps,
  { method, policy, request, call }: Invocation,
  known: Partial<AuditSubject>,
  answer?: Payload,
): AuditRecord {
  const message = answer && !(Symbol.asyncIterator in answer) ? answer : undefined;
  const { principal, callerIp, userAgent } = call;
  return {
    subject: { ...subjectOfRpc(method, request as Message, message), ...known },
    kind: policy.audit,
    permission: policy.permission,
    caller: { principal, callerIp, userAgent },
    bodies: () => ({
      request: jsonOf(deps, method.input, request as Message),
      // What is read and what data becomes is the caller's.
      response: policy.audit === "ADMIN_WRITE" && message ? jsonOf(deps, method.output, message) : undefined,
    }),
  };
}

/** Absent where a message cannot be shown: one with an Any of a type that is not served. */
function jsonOf({ registry }: AuditCallsDeps, schema: DescMessage, message: Message) {
  try {
    return auditJson(schema, message, registry());
  } catch {
    return undefined;
  }
}
