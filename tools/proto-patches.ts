/** Declarations added to a message of Google's protos. */
export interface ProtoPatch {
  readonly file: string;
  /** The line that opens the message. */
  readonly message: string;
  readonly declarations: string;
}

/**
 * What Google's REST APIs have (discovery documents) and the published protos lack. The field numbers are the highest
 * ones that protobuf has, so that they never meet Google's own.
 */
export const protoPatches: readonly ProtoPatch[] = [
  {
    file: "google/devtools/cloudbuild/v1/cloudbuild.proto",
    message: "message BuildTrigger {",
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
];
