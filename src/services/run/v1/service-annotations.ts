import { create } from "@bufbuild/protobuf";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  type BuildConfig,
  BuildConfigSchema,
  IngressTraffic,
  type ServiceScaling,
  ServiceScaling_ScalingMode,
  ServiceScalingSchema,
} from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { lastSegment } from "../names.ts";
import {
  type AnnotationRule,
  type AnnotationRules,
  byName,
  nameOf,
  parseBoolean,
  parseCount,
  parseJson,
  serverWritten,
} from "./annotation-rules.ts";
import { RESOURCE_ANNOTATIONS } from "./resource-annotations.ts";

const INGRESS: Readonly<Record<string, IngressTraffic>> = {
  all: IngressTraffic.ALL,
  internal: IngressTraffic.INTERNAL_ONLY,
  "internal-and-cloud-load-balancing": IngressTraffic.INTERNAL_LOAD_BALANCER,
  none: IngressTraffic.NONE,
};
const MODES: Readonly<Record<string, ServiceScaling_ScalingMode>> = {
  automatic: ServiceScaling_ScalingMode.AUTOMATIC,
  manual: ServiceScaling_ScalingMode.MANUAL,
};

/** Service annotations of v1 and the fields of run.v2.Service that they stand for. */
export const SERVICE_ANNOTATIONS: AnnotationRules<Service> = {
  "serving.knative.dev/creator": serverWritten(({ creator }) => creator || undefined),
  "serving.knative.dev/lastModifier": serverWritten(({ lastModifier }) => lastModifier || undefined),
  "run.googleapis.com/urls": serverWritten(({ urls }) => (urls.length > 0 ? JSON.stringify(urls) : undefined)),
  "run.googleapis.com/ingress-status": serverWritten(({ ingress }) => nameOf(INGRESS, ingress)),
  "run.googleapis.com/build-id": serverWritten(({ buildConfig }) => lastSegment(buildConfig?.name ?? "") || undefined),
  // Shown from the record, since no v2 field holds it.
  "run.googleapis.com/operation-id": serverWritten(),
  ...RESOURCE_ANNOTATIONS,
  "run.googleapis.com/description": text("description"),
  "run.googleapis.com/invoker-iam-disabled": flag("invokerIamDisabled"),
  "run.googleapis.com/default-url-disabled": flag("defaultUriDisabled"),
  "run.googleapis.com/ingress": {
    read: (value, service, key) => void (service.ingress = byName(INGRESS, value, key)),
    write: ({ ingress }) => nameOf(INGRESS, ingress),
  },
  "run.googleapis.com/custom-audiences": {
    read: (value, service, key) => void (service.customAudiences = parseJson(value, "list", key)),
    write: ({ customAudiences }) => (customAudiences.length > 0 ? JSON.stringify(customAudiences) : undefined),
  },
  "run.googleapis.com/scalingMode": {
    read: (value, service, key) => void (scalingOf(service).scalingMode = byName(MODES, value.toLowerCase(), key)),
    write: ({ scaling }) => scaling && nameOf(MODES, scaling.scalingMode),
  },
  "run.googleapis.com/manualInstanceCount": {
    read: (value, service, key) => void (scalingOf(service).manualInstanceCount = parseCount(value, key)),
    write: ({ scaling }) => scaling?.manualInstanceCount?.toString(),
  },
  "run.googleapis.com/minScale": scale("minInstanceCount"),
  "run.googleapis.com/maxScale": scale("maxInstanceCount"),
  "run.googleapis.com/build-name": build("name"),
  "run.googleapis.com/build-source-location": build("sourceLocation"),
  "run.googleapis.com/build-function-target": build("functionTarget"),
  "run.googleapis.com/build-image-uri": build("imageUri"),
  "run.googleapis.com/build-base-image": build("baseImage"),
  "run.googleapis.com/build-worker-pool": build("workerPool"),
  "run.googleapis.com/build-service-account": build("serviceAccount"),
  "run.googleapis.com/build-enable-automatic-updates": {
    read: (value, service, key) => void (buildOf(service).enableAutomaticUpdates = parseBoolean(value, key)),
    write: ({ buildConfig }) => buildConfig && String(buildConfig.enableAutomaticUpdates),
  },
  "run.googleapis.com/build-environment-variables": {
    read: (value, service, key) => void (buildOf(service).environmentVariables = parseJson(value, "map", key)),
    write: ({ buildConfig }) => {
      const variables = buildConfig?.environmentVariables ?? {};
      return Object.keys(variables).length > 0 ? JSON.stringify(variables) : undefined;
    },
  },
};

/** Service annotations for settings that homerun does not act on. */
export const UNSUPPORTED_SERVICE_ANNOTATIONS: ReadonlySet<string> = new Set([
  "run.googleapis.com/binary-authorization",
  "run.googleapis.com/binary-authorization-breakglass",
  "run.googleapis.com/iap-enabled",
  "run.googleapis.com/max-surge",
  "run.googleapis.com/max-unavailable",
  "run.googleapis.com/multi-region-settings",
  "run.googleapis.com/regions",
  "run.googleapis.com/threat-detection",
]);

function text(field: "description"): AnnotationRule<Service> {
  return {
    read: (value, service) => void (service[field] = value),
    write: (service) => service[field] || undefined,
  };
}

function flag(field: "invokerIamDisabled" | "defaultUriDisabled"): AnnotationRule<Service> {
  return {
    read: (value, service, key) => void (service[field] = parseBoolean(value, key)),
    write: (service) => (service[field] ? "true" : undefined),
  };
}

function scale(field: "minInstanceCount" | "maxInstanceCount"): AnnotationRule<Service> {
  return {
    read: (value, service, key) => void (scalingOf(service)[field] = parseCount(value, key)),
    write: ({ scaling }) => (scaling?.[field] ? String(scaling[field]) : undefined),
  };
}

type BuildText =
  | "name"
  | "sourceLocation"
  | "functionTarget"
  | "imageUri"
  | "baseImage"
  | "workerPool"
  | "serviceAccount";

function build(field: BuildText): AnnotationRule<Service> {
  return {
    read: (value, service) => void (buildOf(service)[field] = value),
    write: ({ buildConfig }) => buildConfig?.[field] || undefined,
  };
}

function buildOf(service: Service): BuildConfig {
  return (service.buildConfig ??= create(BuildConfigSchema));
}

function scalingOf(service: Service): ServiceScaling {
  return (service.scaling ??= create(ServiceScalingSchema));
}
