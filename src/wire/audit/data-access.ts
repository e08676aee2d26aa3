import { AuditLogConfig_LogType as LogType, type Policy } from "../../gen/google/iam/v1/policy_pb.js";
import type { Principal } from "../credentials/principal.ts";
import type { AuditKind } from "../rpc.ts";
import { memberOf } from "./principal-subject.ts";

/** The kinds that have to be enabled. */
const LOG_TYPES: Readonly<Partial<Record<AuditKind, LogType>>> = {
  ADMIN_READ: LogType.ADMIN_READ,
  DATA_READ: LogType.DATA_READ,
  DATA_WRITE: LogType.DATA_WRITE,
};

/**
 * Whether a project's policy wants calls of a kind in the Data Access log: what is enabled for the service and for all
 * services counts together, as do exempted members. Google: google/iam/v1/policy.proto, AuditConfig.
 */
export function wantsDataAccess(policy: Policy, service: string, kind: AuditKind, principal: Principal): boolean {
  const wanted = LOG_TYPES[kind];
  const configs = policy.auditConfigs
    .filter((config) => config.service === "allServices" || config.service === service)
    .flatMap(({ auditLogConfigs }) => auditLogConfigs)
    .filter(({ logType }) => logType === wanted);
  return configs.length > 0 && !configs.some(({ exemptedMembers }) => exemptedMembers.includes(memberOf(principal)));
}
