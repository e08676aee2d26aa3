import type { ProtoPatch } from "./proto-patches.ts";

const HTTP_TARGET = `
message PathOverride {
  string path = 1;
}
message QueryOverride {
  string query_params = 1;
}
message UriOverride {
  enum Scheme {
    SCHEME_UNSPECIFIED = 0;
    HTTP = 1;
    HTTPS = 2;
  }
  enum UriOverrideEnforceMode {
    URI_OVERRIDE_ENFORCE_MODE_UNSPECIFIED = 0;
    IF_NOT_EXISTS = 1;
    ALWAYS = 2;
  }
  optional Scheme scheme = 1;
  optional string host = 2;
  optional int64 port = 3;
  PathOverride path_override = 4;
  QueryOverride query_override = 5;
  UriOverrideEnforceMode uri_override_enforce_mode = 6;
}
// When specified at the queue, overrides what its HTTP tasks say.
message HttpTarget {
  message Header {
    string key = 1;
    string value = 2;
  }
  message HeaderOverride {
    Header header = 1;
  }
  UriOverride uri_override = 1;
  HttpMethod http_method = 2;
  repeated HeaderOverride header_overrides = 3;
  oneof authorization_header {
    OAuthToken oauth_token = 5;
    OidcToken oidc_token = 6;
  }
}
`;

const TASK_MESSAGES = `
message CmekConfig {
  string name = 1;
  string kms_key = 2;
}
message GetCmekConfigRequest {
  string name = 1 [(google.api.field_behavior) = REQUIRED];
}
message UpdateCmekConfigRequest {
  CmekConfig cmek_config = 1 [(google.api.field_behavior) = REQUIRED];
  google.protobuf.FieldMask update_mask = 2;
}
message BufferTaskRequest {
  string queue = 1 [(google.api.field_behavior) = REQUIRED];
  string task_id = 2;
  google.api.HttpBody body = 3;
}
message BufferTaskResponse {
  Task task = 1;
}
`;

const TASK_METHODS = `
  // Creates and buffers a new task without the need to explicitly define a Task message.
  rpc BufferTask(BufferTaskRequest) returns (BufferTaskResponse) {
    option (google.api.http) = {
      post: "/v2/{queue=projects/*/locations/*/queues/*}/tasks:buffer"
      body: "body"
      additional_bindings {
        post: "/v2/{queue=projects/*/locations/*/queues/*}/tasks/{task_id}:buffer"
        body: "body"
      }
      // gcloud's path without a task id.
      additional_bindings {
        post: "/v2/{queue=projects/*/locations/*/queues/*}/tasks/:buffer"
        body: "body"
      }
    };
  }
  // Creates or updates the key that tasks of a location are encrypted with.
  rpc UpdateCmekConfig(UpdateCmekConfigRequest) returns (CmekConfig) {
    option (google.api.http) = {
      patch: "/v2/{cmek_config.name=projects/*/locations/*/cmekConfig}"
      body: "cmek_config"
    };
  }
  // Gets the key that tasks of a location are encrypted with.
  rpc GetCmekConfig(GetCmekConfigRequest) returns (CmekConfig) {
    option (google.api.http) = {
      get: "/v2/{name=projects/*/locations/*/cmekConfig}"
    };
  }
`;

/** What REST v2 of Cloud Tasks has and its proto lacks; v2beta3's proto has most of it, with these numbers. */
export function taskTargets(): ProtoPatch[] {
  const folder = "google/cloud/tasks/v2";
  return [
    {
      file: `${folder}/queue.proto`,
      after: "  AppEngineRouting app_engine_routing_override = 2;",
      declarations: `
  // Modifies HTTP target for HTTP tasks.
  HttpTarget http_target = 13;
`,
    },
    {
      file: `${folder}/target.proto`,
      after: 'option java_package = "com.google.cloud.tasks.v2";',
      declarations: HTTP_TARGET,
    },
    {
      file: `${folder}/cloudtasks.proto`,
      after: 'import "google/api/field_behavior.proto";',
      declarations: 'import "google/api/httpbody.proto";',
    },
    {
      file: `${folder}/cloudtasks.proto`,
      after: 'option java_package = "com.google.cloud.tasks.v2";',
      declarations: TASK_MESSAGES,
    },
    { file: `${folder}/cloudtasks.proto`, after: "service CloudTasks {", declarations: TASK_METHODS },
  ];
}
