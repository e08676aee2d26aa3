import { CONTAINER, METADATA, type Shape, VOLUME } from "../shapes.ts";

const TEMPLATE: Shape = {
  fields: {
    metadata: METADATA,
    spec: {
      fields: {
        serviceAccountName: "string",
        containers: { list: CONTAINER },
        volumes: { list: VOLUME },
        // What has to do with requests, base images and accelerators.
        containerConcurrency: "unsupported",
        timeoutSeconds: "unsupported",
        runtimeClassName: "unsupported",
        nodeSelector: "unsupported",
        imagePullSecrets: "unsupported",
        enableServiceLinks: "unsupported",
        servingState: "unsupported",
      },
    },
  },
};

/** The shape of a v1 WorkerPool body. Google: Cloud Run Admin API v1, discovery document, schema WorkerPool. */
export const WORKER_POOL_SHAPE: Shape = {
  fields: {
    apiVersion: "string",
    kind: "string",
    metadata: METADATA,
    spec: {
      fields: {
        template: TEMPLATE,
        instanceSplits: {
          list: { fields: { percent: "int32", revisionName: "string", latestRevision: "bool" } },
        },
      },
    },
    status: "ignored",
  },
};
