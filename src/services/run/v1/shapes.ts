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

/** Metadata of any object. */
export const METADATA: Shape = {
  fields: {
    name: "string",
    namespace: "string",
    labels: "stringMap",
    annotations: "stringMap",
    resourceVersion: "string",
    generateName: "unsupported",
    uid: "string",
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
        httpHeaders: { list: { fields: { name: "string", value: "string" } } },
      },
    },
    tcpSocket: { fields: { port: "int32", host: "unsupported" } },
    grpc: { fields: { port: "int32", service: "string" } },
    exec: "unsupported",
  },
};

const VALUE_SOURCE: Shape = {
  fields: {
    secretKeyRef: {
      fields: { name: "string", key: "string", optional: "unsupported", localObjectReference: "unsupported" },
    },
    configMapKeyRef: "unsupported",
  },
};

/** A volume of a template. */
export const VOLUME: Shape = {
  fields: {
    name: "string",
    secret: {
      fields: {
        secretName: "string",
        items: { list: { fields: { key: "string", path: "string", mode: "int32" } } },
        defaultMode: "int32",
        optional: "unsupported",
      },
    },
    emptyDir: { fields: { medium: "string", sizeLimit: "string" } },
    csi: { fields: { driver: "string", readOnly: "bool", volumeAttributes: "stringMap" } },
    nfs: "unsupported",
    configMap: "unsupported",
  },
};

/** A container of a template. */
export const CONTAINER: Shape = {
  fields: {
    name: "string",
    image: "string",
    command: { list: "string" },
    args: { list: "string" },
    env: { list: { fields: { name: "string", value: "string", valueFrom: VALUE_SOURCE } } },
    resources: { fields: { limits: "stringMap", requests: "stringMap" } },
    ports: { list: { fields: { name: "string", containerPort: "int32", protocol: "string" } } },
    workingDir: "string",
    startupProbe: PROBE,
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    // Google: v1 reference, VolumeMount.readOnly: "Not used by Cloud Run."
    volumeMounts: { list: { fields: { name: "string", mountPath: "string", subPath: "string", readOnly: "ignored" } } },
    envFrom: "unsupported",
    imagePullPolicy: "string",
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
        volumes: { list: VOLUME },
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
