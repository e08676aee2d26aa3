import type { Registry } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../gen/google/longrunning/operations_pb.js";
import type { LongRunningOperations } from "../operations/operations.ts";
import type { Audit, AuditRecord } from "./audit.ts";
import { auditJson } from "./message-json.ts";

/** The second audit entry of a long-running call: its end, by the same caller. */
export interface OperationAudits {
  /** Remembers, also over a restart, whose call an operation is; writes the entry at once when it is done already. */
  note(name: string, record: AuditRecord): Promise<void>;
  /** Writes the entry of an operation that has ended, whose call was noted as `audit`. */
  ended(operation: Operation, audit: string): Promise<void>;
}

export interface OperationAuditsDeps {
  readonly audit: () => Audit;
  readonly operations: () => Pick<LongRunningOperations, "noteAudit">;
  readonly registry: () => Registry;
}

/** What is kept of a call: all but its bodies. */
type Noted = Pick<AuditRecord, "subject" | "kind" | "permission" | "caller">;

export function createOperationAudits({ audit, operations, registry }: OperationAuditsDeps): OperationAudits {
  const ended = async (operation: Operation, noted: string) => {
    const { result, name } = operation;
    const record = JSON.parse(noted) as Noted;
    await audit().write({
      ...record,
      operation: { id: name, last: true },
      ...(result.case === "error" && { status: result.value }),
      bodies: () => ({ response: responseOf(operation, registry()) }),
    });
  };
  return {
    ended,
    async note(name, { subject, kind, permission, caller }) {
      const noted = JSON.stringify({ subject, kind, permission, caller } satisfies Noted);
      const done = await operations().noteAudit(name, noted);
      if (done) await ended(done, noted);
    },
  };
}

function responseOf({ result }: Operation, registry: Registry) {
  if (result.case !== "response") return undefined;
  const schema = registry.getMessage(result.value.typeUrl.slice(result.value.typeUrl.lastIndexOf("/") + 1));
  const message = anyUnpack(result.value, registry);
  return schema && message && auditJson(schema, message, registry);
}
