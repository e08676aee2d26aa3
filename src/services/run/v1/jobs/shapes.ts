import { CONTAINER, METADATA, type Shape, VOLUME } from "../shapes.ts";

const TASK_TEMPLATE: Shape = {
  fields: {
    spec: {
      fields: {
        containers: { list: CONTAINER },
        volumes: { list: VOLUME },
        maxRetries: "int32",
        timeoutSeconds: "int32",
        serviceAccountName: "string",
        nodeSelector: "unsupported",
      },
    },
  },
};

const EXECUTION_TEMPLATE: Shape = {
  fields: {
    metadata: METADATA,
    spec: { fields: { parallelism: "int32", taskCount: "int32", template: TASK_TEMPLATE } },
  },
};

/** The shape of a v1 Job body. Google: Cloud Run Admin API v1, discovery document, schema Job. */
export const JOB_SHAPE: Shape = {
  fields: {
    apiVersion: "string",
    kind: "string",
    metadata: METADATA,
    spec: {
      fields: { template: EXECUTION_TEMPLATE, startExecutionToken: "string", runExecutionToken: "string" },
    },
    status: "ignored",
  },
};

/** The shape of a v1 RunJobRequest. Google: the same, schema RunJobRequest. */
export const RUN_JOB_SHAPE: Shape = {
  fields: {
    overrides: {
      fields: {
        taskCount: "int32",
        timeoutSeconds: "int32",
        containerOverrides: {
          list: {
            fields: {
              name: "string",
              args: { list: "string" },
              clearArgs: "bool",
              env: { list: { fields: { name: "string", value: "string", valueFrom: "unsupported" } } },
            },
          },
        },
      },
    },
  },
};
