/**
 * Fields that Google's protos mark REQUIRED although the service takes the resource name in their place
 * (cloudbuild.proto: the fields of the older, global paths; REST under projects/P/locations/L never sends them), or makes up
 * what is missing (pubsub.proto, CreateSubscription and CreateSnapshot: "the server will assign a random name").
 */
export const notReallyRequired: ReadonlySet<string> = new Set([
  "google.pubsub.v1.Subscription.name",
  "google.pubsub.v1.CreateSnapshotRequest.name",
  ...[
    ...["Create", "Get", "Cancel", "Retry"].map((verb) => `${verb}Build`),
    ...["Create", "Get", "Update", "Delete", "Run"].map((verb) => `${verb}BuildTrigger`),
    "ListBuilds",
    "ListBuildTriggers",
  ].flatMap((method) =>
    ["project_id", "id", "trigger_id"].map((field) => `google.devtools.cloudbuild.v1.${method}Request.${field}`),
  ),
]);

/**
 * Fields that Google's protos mark OUTPUT_ONLY although updates name their resource, or its version, by them
 * (cloudbuild.proto, WorkerPool; secretmanager/v1/resources.proto, Secret).
 */
export const notReallyOutputOnly: ReadonlySet<string> = new Set([
  ...["name", "etag"].map((field) => `google.devtools.cloudbuild.v1.WorkerPool.${field}`),
  "google.cloud.secretmanager.v1.Secret.name",
  "google.cloud.kms.v1.CryptoKey.name",
  "google.cloud.kms.v1.CryptoKeyVersion.name",
]);
