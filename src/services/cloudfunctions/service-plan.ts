import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Function,
  type ServiceConfig,
  ServiceConfig_IngressSettings as IngressSettings,
  ServiceConfig_VpcConnectorEgressSettings as FunctionEgress,
  ServiceConfigSchema,
} from "../../gen/google/cloud/functions/v2/functions_pb.js";
import { type Service, ServiceSchema } from "../../gen/google/cloud/run/v2/service_pb.js";
import { IngressTraffic, VpcAccess_VpcEgress as VpcEgress } from "../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { runImageOf } from "./build-plan.ts";
import { signatureTypeOf } from "./event-trigger.ts";
import { type FunctionName, serviceIdOf, serviceNameOf } from "./function-name.ts";
import { secretVariables, secretVolumes } from "./service-secrets.ts";

/** Label of what Cloud Functions made and manages. */
const MANAGED_BY = "goog-managed-by";
/** Annotation by which a service tells whose it is; Cloud Run makes the function's URL from it. */
const FUNCTION_ID = "cloudfunctions.googleapis.com/function-id";
/** Annotation by which a service tells which deployment it was last changed by. */
const DEPLOYMENT_ID = "cloudfunctions.googleapis.com/deployment-id";
/** Annotation of revisions: what calls the function, HTTP_TRIGGER or the type of its events. */
const TRIGGER_TYPE = "cloudfunctions.googleapis.com/trigger-type";

const INGRESS: Readonly<Record<IngressSettings, IngressTraffic>> = {
  [IngressSettings.INGRESS_SETTINGS_UNSPECIFIED]: IngressTraffic.ALL,
  [IngressSettings.ALLOW_ALL]: IngressTraffic.ALL,
  [IngressSettings.ALLOW_INTERNAL_ONLY]: IngressTraffic.INTERNAL_ONLY,
  [IngressSettings.ALLOW_INTERNAL_AND_GCLB]: IngressTraffic.INTERNAL_LOAD_BALANCER,
};

const EGRESS: Readonly<Record<FunctionEgress, VpcEgress>> = {
  [FunctionEgress.VPC_CONNECTOR_EGRESS_SETTINGS_UNSPECIFIED]: VpcEgress.VPC_EGRESS_UNSPECIFIED,
  [FunctionEgress.PRIVATE_RANGES_ONLY]: VpcEgress.PRIVATE_RANGES_ONLY,
  [FunctionEgress.ALL_TRAFFIC]: VpcEgress.ALL_TRAFFIC,
};

/** The Cloud Run service that runs a function from an image; `deploymentId` marks who asked for it. */
export function planService(fn: Function, name: FunctionName, image: string, deploymentId: string): Service {
  const config = fn.serviceConfig ?? create(ServiceConfigSchema);
  const labels = {
    ...fn.labels,
    [MANAGED_BY]: "cloudfunctions",
    "goog-cloudfunctions-runtime": fn.buildConfig?.runtime ?? "",
    "goog-drz-cloudfunctions-id": serviceIdOf(name),
    "goog-drz-cloudfunctions-location": name.location,
  };
  return create(ServiceSchema, {
    name: serviceNameOf(name),
    description: fn.description,
    labels,
    annotations: { [FUNCTION_ID]: name.id, [DEPLOYMENT_ID]: deploymentId },
    ingress: INGRESS[config.ingressSettings],
    template: {
      labels,
      annotations: { [TRIGGER_TYPE]: fn.eventTrigger?.eventType ?? "HTTP_TRIGGER" },
      scaling: { minInstanceCount: config.minInstanceCount, maxInstanceCount: config.maxInstanceCount },
      timeout: durationFromMs(config.timeoutSeconds * 1000),
      serviceAccount: config.serviceAccountEmail,
      maxInstanceRequestConcurrency: config.maxInstanceRequestConcurrency,
      volumes: secretVolumes(config).volumes,
      ...(config.vpcConnector !== "" && {
        vpcAccess: { connector: config.vpcConnector, egress: EGRESS[config.vpcConnectorEgressSettings] },
      }),
      containers: [containerOf(fn, name, config, image)],
    },
  });
}

/** The fields of a service that a deployment sets; what else a user did to the service stays. */
export function serviceMaskOf(fn: Function): string[] {
  const paths = ["description", "labels", "annotations", "ingress", "template"];
  return fn.serviceConfig?.allTrafficOnLatestRevision ? [...paths, "traffic"] : paths;
}

/** What `detachedService` changes. */
export const DETACHED_MASK = ["labels", "annotations"] as const;

/** The service once it is Cloud Run's alone; the annotation that its cloudfunctions.net URL comes from stays. */
export function detachedService({ name, labels, annotations }: Service, deploymentId: string): Service {
  const { [MANAGED_BY]: _managed, ...others } = labels;
  return create(ServiceSchema, {
    name,
    labels: others,
    annotations: { ...annotations, [DEPLOYMENT_ID]: deploymentId },
  });
}

/** Whether a service belongs to this function. */
export function belongsTo(service: Service, { id }: FunctionName): boolean {
  return service.labels[MANAGED_BY] === "cloudfunctions" && service.annotations[FUNCTION_ID] === id;
}

/** Whether this deployment has already changed the service. */
export function isDeployedBy(service: Service, deploymentId: string): boolean {
  return service.annotations[DEPLOYMENT_ID] === deploymentId;
}

function containerOf(fn: Function, name: FunctionName, config: ServiceConfig, image: string) {
  const env = {
    LOG_EXECUTION_ID: "true",
    ...config.environmentVariables,
    FUNCTION_TARGET: fn.buildConfig?.entryPoint ?? "",
    FUNCTION_SIGNATURE_TYPE: signatureTypeOf(fn),
  };
  const isUpdated = fn.buildConfig?.runtimeUpdatePolicy.case === "automaticUpdatePolicy";
  return {
    image,
    // Google: Cloud Run enrolls whatever names its base image into automatic updates.
    baseImageUri: isUpdated ? runImageOf(fn, name) : "",
    env: [
      ...Object.entries(env).map(([key, value]) => ({ name: key, values: { case: "value", value } as const })),
      ...secretVariables(config),
    ],
    volumeMounts: secretVolumes(config).volumeMounts,
    resources: {
      limits: { cpu: config.availableCpu, memory: config.availableMemory },
      cpuIdle: true,
      startupCpuBoost: true,
    },
  };
}
