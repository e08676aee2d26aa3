import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Repository,
  Repository_Format,
  Repository_Mode,
  Repository_VulnerabilityScanningConfig_EnablementConfig as EnablementConfig,
  RepositorySchema,
} from "../../../gen/google/devtools/artifactregistry/v1/repository_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { invalidArgument, unsupportedField } from "../../../wire/errors.ts";
import { isLocation } from "../../../wire/locations.ts";
import { invalidRepositoryId, unsupportedFormat } from "../errors.ts";
import { registryUri } from "../images/place.ts";

const REPOSITORY_ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MULTI_REGIONS = new Set(["us", "europe", "asia"]);

/** The row of a new repository; rejects what is not valid or not supported. */
export function newRepository(parent: string, id: string, asked: Repository, uid: string, nowMs: number): ResourceRow {
  if (!REPOSITORY_ID.test(id)) throw invalidRepositoryId(id);
  checkLocation(parent);
  checkRepository(asked);
  const message = storedPart(create(RepositorySchema, { ...asked, name: `${parent}/repositories/${id}` }));
  return {
    name: message.name,
    parent,
    uid,
    generation: 1,
    version: 1,
    message: toJsonString(RepositorySchema, message),
    unfinished: false,
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
  };
}

/** The row with another message. */
export function changedRepository(row: ResourceRow, changed: Repository, nowMs: number): ResourceRow {
  checkRepository(changed);
  if (changed.name !== row.name) throw invalidArgument("The name of a repository cannot be changed.");
  const message = toJsonString(RepositorySchema, storedPart(changed));
  return { ...row, message, generation: row.generation + 1, updateTimeMs: nowMs };
}

/** A repository as the API shows it. */
export function toRepository(row: ResourceRow, sizeBytes: number): Repository {
  return create(RepositorySchema, {
    ...fromJsonString(RepositorySchema, row.message),
    format: Repository_Format.DOCKER,
    mode: Repository_Mode.STANDARD_REPOSITORY,
    createTime: timestampFromMs(row.createTimeMs),
    updateTime: timestampFromMs(row.updateTimeMs),
    sizeBytes: BigInt(sizeBytes),
    registryUri: registryUri(row.name),
  });
}

/** Whether tags of the repository's images stay where they are. */
export function hasImmutableTags(row: ResourceRow): boolean {
  const { formatConfig } = fromJsonString(RepositorySchema, row.message);
  return formatConfig.case === "dockerConfig" && formatConfig.value.immutableTags;
}

function storedPart({ name, description, labels, formatConfig, cleanupPolicyDryRun }: Repository): Repository {
  return create(RepositorySchema, { name, description, labels, formatConfig, cleanupPolicyDryRun });
}

function checkRepository(asked: Repository): void {
  const { format, mode, kmsKeyName, modeConfig, formatConfig, cleanupPolicies } = asked;
  if (format !== Repository_Format.DOCKER && format !== Repository_Format.FORMAT_UNSPECIFIED) {
    throw unsupportedFormat(Repository_Format[format] ?? String(format));
  }
  if (mode !== Repository_Mode.STANDARD_REPOSITORY && mode !== Repository_Mode.MODE_UNSPECIFIED) {
    throw unsupportedField("repository.mode");
  }
  if (modeConfig.case !== undefined) throw unsupportedField(`repository.${snakeCase(modeConfig.case)}`);
  if (formatConfig.case === "mavenConfig") throw unsupportedField("repository.maven_config");
  if (kmsKeyName) throw unsupportedField("repository.kms_key_name");
  if (Object.keys(cleanupPolicies).length > 0) throw unsupportedField("repository.cleanup_policies");
  if (asked.vulnerabilityScanningConfig?.enablementConfig === EnablementConfig.INHERITED) {
    throw unsupportedField("repository.vulnerability_scanning_config.enablement_config");
  }
}

function checkLocation(parent: string): void {
  const location = /^projects\/[^/]+\/locations\/([^/]+)$/.exec(parent)?.[1] ?? "";
  if (isLocation(location) || MULTI_REGIONS.has(location)) return;
  const description = `Location '${location}' is not a location of Artifact Registry.`;
  throw invalidArgument(description, [{ field: "parent", description }]);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
