import { taskTargets } from "./task-proto-patches.ts";

/** Declarations added to one of Google's protos. */
export interface ProtoPatch {
  readonly file: string;
  /** The line that they follow, for example the one that opens a message. */
  readonly after: string;
  readonly declarations: string;
}

/**
 * What Google's REST APIs have (discovery documents) and the published protos lack. The field numbers are the highest
 * ones that protobuf has, so that they never meet Google's own.
 */
export const protoPatches: readonly ProtoPatch[] = [
  {
    file: "google/devtools/cloudbuild/v1/cloudbuild.proto",
    after: "message BuildTrigger {",
    declarations: `
  enum EventType {
    EVENT_TYPE_UNSPECIFIED = 0;
    REPO = 1;
    WEBHOOK = 2;
    PUBSUB = 3;
    MANUAL = 4;
  }
  enum IncludeBuildLogs {
    INCLUDE_BUILD_LOGS_UNSPECIFIED = 0;
    INCLUDE_BUILD_LOGS_WITH_STATUS = 1;
  }
  ApprovalConfig approval_config = 536870911;
  EventType event_type = 536870910;
  IncludeBuildLogs include_build_logs = 536870909;
`,
  },
  {
    file: "google/cloud/run/v2/k8s.min.proto",
    after: "    MEMORY = 1;",
    declarations: `
    // Explicitly set the EmptyDir to be on disk.
    DISK = 2;
`,
  },
  {
    file: "google/cloud/run/v2/k8s.min.proto",
    after: "message Probe {",
    declarations: `
  // Minimum consecutive successes for the probe to be considered successful after having failed.
  int32 success_threshold = 536870911;
`,
  },
  ...functionUpgrades(),
  ...taskTargets(),
];

/** Leaving the Cloud Functions API, and moving functions of the 1st generation to the 2nd one. */
function functionUpgrades(): ProtoPatch[] {
  const file = "google/cloud/functions/v2/functions.proto";
  const methods = [
    "AbortFunctionUpgrade",
    "CommitFunctionUpgrade",
    "DetachFunction",
    "RedirectFunctionUpgradeTraffic",
    "RollbackFunctionUpgradeTraffic",
    "SetupFunctionUpgradeConfig",
  ];
  return [
    { file, after: "service FunctionService {", declarations: methods.map(operationOnFunction).join("") },
    {
      file,
      after: 'option objc_class_prefix = "GCF";',
      declarations: methods.map((method) => messageOf(method)).join(""),
    },
    {
      file,
      after: "  DELETE_FUNCTION = 3;",
      declarations: `
  REDIRECT_FUNCTION_UPGRADE_TRAFFIC = 4;
  ROLLBACK_FUNCTION_UPGRADE_TRAFFIC = 5;
  SETUP_FUNCTION_UPGRADE_CONFIG = 6;
  ABORT_FUNCTION_UPGRADE = 7;
  COMMIT_FUNCTION_UPGRADE = 8;
  DETACH_FUNCTION = 9;
`,
    },
  ];
}

function operationOnFunction(method: string): string {
  const verb = method.charAt(0).toLowerCase() + method.slice(1);
  return `
  rpc ${method}(${method}Request) returns (google.longrunning.Operation) {
    option (google.api.http) = {
      post: "/v2/{name=projects/*/locations/*/functions/*}:${verb}"
      body: "*"
    };
    option (google.longrunning.operation_info) = {
      response_type: "google.cloud.functions.v2.Function"
      metadata_type: "google.cloud.functions.v2.OperationMetadata"
    };
  }
`;
}

function messageOf(method: string): string {
  return `
message ${method}Request {
  string name = 1 [
    (google.api.field_behavior) = REQUIRED,
    (google.api.resource_reference) = { type: "cloudfunctions.googleapis.com/Function" }
  ];
  ${method === "SetupFunctionUpgradeConfig" ? "string trigger_service_account = 536870911;" : ""}
}
`;
}
