import {
  type Function,
  ServiceConfig_SecurityLevel as SecurityLevel,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { unsupportedField } from "../../wire/errors.ts";

/** Rejects, by name, fields of functions that homerun does not act on. */
export function refuseUnsupported(fn: Function): void {
  const field = unsupportedTop(fn) ?? unsupportedBuild(fn) ?? unsupportedService(fn);
  if (field) throw unsupportedField(`function.${field}`);
}

function unsupportedTop({ kmsKeyName }: Function): string | undefined {
  return kmsKeyName === "" ? undefined : "kms_key_name";
}

function unsupportedBuild({ buildConfig }: Function): string | undefined {
  const source = buildConfig?.source?.source;
  if (source?.case === "repoSource") return "build_config.source.repo_source";
  if (source?.case === "gitUri") return "build_config.source.git_uri";
  if (source?.case === "storageSource" && source.value.sourceUploadUrl !== "")
    return "build_config.source.storage_source.source_upload_url";
  return buildConfig && buildConfig.workerPool !== "" ? "build_config.worker_pool" : undefined;
}

function unsupportedService({ serviceConfig }: Function): string | undefined {
  if (!serviceConfig) return undefined;
  if (serviceConfig.binaryAuthorizationPolicy !== "") return "service_config.binary_authorization_policy";
  // 2nd gen functions are SECURE_ALWAYS (functions.proto, ServiceConfig.security_level).
  return serviceConfig.securityLevel === SecurityLevel.SECURE_OPTIONAL ? "service_config.security_level" : undefined;
}
