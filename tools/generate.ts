import { execFileSync } from "node:child_process";

/** The protos whose services homerun serves or calls; what they import is generated with them. */
const SOURCES = [
  "google/api",
  "google/cloud/audit/audit_log.proto",
  "google/cloud/functions/v1",
  "google/cloud/functions/v2",
  "google/cloud/location/locations.proto",
  "google/cloud/resourcemanager/v3/projects.proto",
  "google/cloud/run/v2",
  "google/devtools/artifactregistry/v1",
  "google/devtools/cloudbuild/v1",
  "google/iam/admin/v1",
  "google/iam/credentials/v1",
  "google/iam/v1/iam_policy.proto",
  "google/api/serviceusage/v1",
  "google/logging/v2",
  "google/longrunning/operations.proto",
  "google/rpc/code.proto",
  "google/rpc/error_details.proto",
  "google/storage/v2",
];
/** Folders of google/api that belong to other products. */
const EXCLUDED = ["apikeys", "cloudquotas", "expr", "servicecontrol", "servicemanagement"].map((name) => `google/api/${name}`);

const PROTOS = "node_modules/google-proto-files";

const flags = [
  ...SOURCES.flatMap((path) => ["--path", `${PROTOS}/${path}`]),
  ...EXCLUDED.flatMap((path) => ["--exclude-path", `${PROTOS}/${path}`]),
];
execFileSync("buf", ["generate", PROTOS, ...flags], { stdio: "inherit" });
