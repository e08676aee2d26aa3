import { IngressTraffic, ServiceScaling_ScalingMode } from "../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { Service } from "../../gen/google/cloud/run/v2/service_pb.js";
import { LaunchStage } from "../../gen/google/api/launch_stage_pb.js";
import { invalidArgument } from "../../wire/errors.ts";
import { MAX_DESCRIPTION, MAX_SERVICE_NAME } from "./limits.ts";
import { lastSegment } from "./names.ts";
import { metadataViolations } from "./validate-metadata.ts";
import { templateViolations } from "./validate-template.ts";
import { trafficViolations } from "./validate-traffic.ts";
import type { Violation } from "./violations.ts";

const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LAUNCH_STAGES = new Set([LaunchStage.ALPHA, LaunchStage.BETA, LaunchStage.GA]);

/** Every fault of a service whose defaults are filled in. Google: service.proto and the messages it holds. */
export function serviceViolations(service: Service): Violation[] {
  const { template } = service;
  if (!template) return [{ field: "template", description: "required field not present.", protoLevel: true }];
  return [
    ...metadataViolations("", service),
    ...settingViolations(service),
    ...templateViolations(template, lastSegment(service.name)),
    ...trafficViolations(service.traffic),
  ];
}

/** Rejects a service id out of pattern, in the words of the v2 API. */
export function checkServiceId(serviceId: string): void {
  if (SERVICE_NAME.test(serviceId) && serviceId.length <= MAX_SERVICE_NAME) return;
  const description =
    "only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen; must be less than 50 characters.";
  const field = "Violation in CreateServiceRequest.service_id";
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function* settingViolations(service: Service): Iterable<Violation> {
  if (service.description.length > MAX_DESCRIPTION) {
    const description = `must be at most ${MAX_DESCRIPTION} characters.`;
    yield { field: "description", description, protoLevel: true };
  }
  if (!LAUNCH_STAGES.has(service.launchStage)) {
    yield { field: "launch_stage", description: "Launch stage must be ALPHA, BETA or GA.", protoLevel: true };
  }
  if (service.ingress === IngressTraffic.NONE) {
    yield { field: "ingress", description: "INGRESS_TRAFFIC_NONE is not supported by homerun." };
  }
  if (service.scaling?.scalingMode === ServiceScaling_ScalingMode.MANUAL) {
    yield { field: "scaling.scaling_mode", description: "Manual scaling is not supported by homerun." };
  }
  const { minInstanceCount = 0, maxInstanceCount = 0 } = service.scaling ?? {};
  if (minInstanceCount < 0 || maxInstanceCount < 0) {
    yield { field: "scaling", description: "instance counts must not be negative.", protoLevel: true };
  }
  if (maxInstanceCount > 0 && minInstanceCount > maxInstanceCount) {
    const description = "min_instance_count must not be greater than max_instance_count.";
    yield { field: "scaling.min_instance_count", description, protoLevel: true };
  }
}
