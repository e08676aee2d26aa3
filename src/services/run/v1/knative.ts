/** The Knative objects of Cloud Run v1 as JSON. Google: Cloud Run Admin API v1, discovery document. */
export interface KnativeMetadata {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  selfLink?: string;
  ownerReferences?: object[];
}

export interface KnativeService {
  apiVersion: "serving.knative.dev/v1";
  kind: "Service";
  metadata: KnativeMetadata;
  spec: { template: KnativeTemplate; traffic?: KnativeTraffic[] };
  status?: object;
}

export interface KnativeTemplate {
  metadata?: KnativeMetadata;
  spec?: KnativeRevisionSpec;
}

export interface KnativeRevisionSpec {
  containerConcurrency?: number;
  timeoutSeconds?: number;
  serviceAccountName?: string;
  containers?: KnativeContainer[];
  volumes?: KnativeVolume[];
  runtimeClassName?: string;
}

export interface KnativeContainer {
  name?: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: KnativeVariable[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  imagePullPolicy?: string;
  ports?: { name?: string; containerPort?: number; protocol?: string }[];
  workingDir?: string;
  volumeMounts?: { name?: string; mountPath?: string; subPath?: string }[];
  startupProbe?: KnativeProbe;
  livenessProbe?: KnativeProbe;
  readinessProbe?: KnativeProbe;
}

export interface KnativeVariable {
  name?: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name?: string; key?: string } };
}

export interface KnativeVolume {
  name?: string;
  secret?: {
    secretName?: string;
    items?: { key?: string; path?: string; mode?: number }[];
    defaultMode?: number;
  };
  emptyDir?: { medium?: string; sizeLimit?: string };
  csi?: { driver?: string; readOnly?: boolean; volumeAttributes?: Record<string, string> };
}

export interface KnativeProbe {
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  failureThreshold?: number;
  successThreshold?: number;
  httpGet?: { path?: string; port?: number; httpHeaders?: { name?: string; value?: string }[] };
  tcpSocket?: { port?: number };
  grpc?: { port?: number; service?: string };
}

export interface KnativeTraffic {
  percent?: number;
  revisionName?: string;
  latestRevision?: boolean;
  tag?: string;
  url?: string;
}

export interface KnativeCondition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  severity?: string;
  lastTransitionTime?: string;
}
