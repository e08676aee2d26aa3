import type { KnativeContainer, KnativeMetadata, KnativeVolume } from "../knative.ts";

export const API_VERSION = "run.googleapis.com/v1";

/** Jobs of Cloud Run v1 as JSON. Google: Cloud Run Admin API v1, discovery document, schema Job. */
export interface KnativeJob {
  apiVersion: typeof API_VERSION;
  kind: "Job";
  metadata: KnativeMetadata;
  spec: KnativeJobSpec;
  status?: object;
}

export interface KnativeJobSpec {
  template: KnativeExecutionTemplate;
  startExecutionToken?: string;
  runExecutionToken?: string;
}

export interface KnativeExecutionTemplate {
  metadata?: KnativeMetadata;
  spec?: KnativeExecutionSpec;
}

export interface KnativeExecutionSpec {
  parallelism?: number;
  taskCount?: number;
  template?: { spec?: KnativeTaskSpec };
}

export interface KnativeTaskSpec {
  containers?: KnativeContainer[];
  volumes?: KnativeVolume[];
  maxRetries?: number;
  /** A 64-bit number, which JSON has as text. */
  timeoutSeconds?: string | number;
  serviceAccountName?: string;
}

export interface KnativeRunRequest {
  overrides?: {
    taskCount?: number;
    timeoutSeconds?: number;
    containerOverrides?: {
      name?: string;
      args?: string[];
      clearArgs?: boolean;
      env?: { name?: string; value?: string }[];
    }[];
  };
}
