/**
 * What a JSON value may be. "ignored": output only, or without meaning to Cloud Run; "unsupported": known to Cloud Run,
 * refused by name unless empty.
 */
export type Shape =
  | "string"
  | "int32"
  | "bool"
  | "stringMap"
  | "ignored"
  | "unsupported"
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const METADATA: Shape = {
  fields: {
    name: "string",
    namespace: "string",
    labels: "stringMap",
    annotations: "stringMap",
    resourceVersion: "string",
    generateName: "unsupported",
    uid: "ignored",
    generation: "ignored",
    selfLink: "ignored",
    creationTimestamp: "ignored",
    deletionTimestamp: "ignored",
    deletionGracePeriodSeconds: "ignored",
    ownerReferences: "ignored",
    finalizers: "ignored",
    clusterName: "ignored",
  },
};

const PROBE: Shape = {
  fields: {
    initialDelaySeconds: "int32",
    timeoutSeconds: "int32",
    periodSeconds: "int32",
    failureThreshold: "int32",
    successThreshold: "int32",
    httpGet: {
      fields: {
        path: "string",
        port: "int32",
        host: "unsupported",
        scheme: "unsupported",
        httpHeaders: "unsupported",
      },
    },
    tcpSocket: { fields: { port: "int32", host: "unsupported" } },
    grpc: { fields: { port: "int32", service: "string" } },
    exec: "unsupported",
  },
};

const CONTAINER: Shape = {
  fields: {
    name: "string",
    image: "string",
    command: { list: "string" },
    args: { list: "string" },
    env: { list: { fields: { name: "string", value: "string", valueFrom: "unsupported" } } },
    resources: { fields: { limits: "stringMap", requests: "unsupported" } },
    ports: { list: { fields: { name: "string", containerPort: "int32", protocol: "string" } } },
    workingDir: "string",
    startupProbe: PROBE,
    livenessProbe: "unsupported",
    readinessProbe: "unsupported",
    volumeMounts: "unsupported",
    envFrom: "unsupported",
    imagePullPolicy: "unsupported",
    securityContext: "unsupported",
    terminationMessagePath: "unsupported",
    terminationMessagePolicy: "unsupported",
  },
};

const TEMPLATE: Shape = {
  fields: {
    metadata: METADATA,
    spec: {
      fields: {
        containerConcurrency: "int32",
        timeoutSeconds: "int32",
        serviceAccountName: "string",
        containers: { list: CONTAINER },
        runtimeClassName: "string",
        volumes: "unsupported",
        nodeSelector: "unsupported",
        imagePullSecrets: "unsupported",
        enableServiceLinks: "unsupported",
        servingState: "unsupported",
      },
    },
  },
};

/** The shape of a v1 Service body. Google: Cloud Run Admin API v1, discovery document, schema Service. */
export const SERVICE_SHAPE: Shape = {
  fields: {
    apiVersion: "string",
    kind: "string",
    metadata: METADATA,
    spec: {
      fields: {
        template: TEMPLATE,
        traffic: {
          list: {
            fields: {
              percent: "int32",
              revisionName: "string",
              latestRevision: "bool",
              tag: "string",
              url: "ignored",
              configurationName: "unsupported",
            },
          },
        },
      },
    },
    status: "ignored",
  },
};
