import { ServiceScaling_ScalingMode } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { MAX_AUDIENCES_LENGTH, MAX_DESCRIPTION, MAX_SERVICE_NAME } from "../limits.ts";
import { lastSegment } from "../names.ts";
import { metadataViolations } from "./metadata.ts";
import { countViolations, templateViolations } from "./template.ts";
import { trafficViolations } from "./traffic.ts";
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
    ...trafficViolations(service.traffic, lastSegment(service.name)),
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
  const audiences = service.customAudiences.join("").length;
  if (audiences > MAX_AUDIENCES_LENGTH) {
    const description = `must have at most ${MAX_AUDIENCES_LENGTH} characters in total.`;
    yield { field: "custom_audiences", description, protoLevel: true };
  }
  yield* scalingViolations(service.scaling);
}

/** Google: vendor_settings.proto, ServiceScaling. */
function* scalingViolations(scaling: Service["scaling"]): Iterable<Violation> {
  if (!scaling) return;
  const { scalingMode, manualInstanceCount, minInstanceCount, maxInstanceCount } = scaling;
  const field = "scaling.manual_instance_count";
  const isManual = scalingMode === ServiceScaling_ScalingMode.MANUAL;
  if (!isManual) yield* countViolations("scaling", minInstanceCount, maxInstanceCount);
  if (manualInstanceCount === undefined) return;
  if (!isManual) yield { field, description: "must only be set when scaling_mode is MANUAL.", protoLevel: true };
  if (manualInstanceCount < 0) yield { field, description: "must be greater or equal than 0.", protoLevel: true };
}
