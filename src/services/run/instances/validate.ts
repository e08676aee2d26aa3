import { LaunchStage } from "../../../gen/google/api/launch_stage_pb.js";
import { type Instance, InstanceSchema } from "../../../gen/google/cloud/run/v2/instance_pb.js";
import { ExecutionEnvironment, IngressTraffic } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { MAX_DESCRIPTION, MAX_SERVICE_NAME } from "../limits.ts";
import { assertSupportedFields } from "../validate/supported-fields.ts";
import { metadataViolations } from "../validate/metadata.ts";
import { resourceViolations } from "../validate/resources.ts";
import { workloadViolations } from "../validate/workload.ts";
import { type FieldNaming, type Violation, violationError } from "../validate/violations.ts";
import { vpcAccessViolations } from "../templates/vpc-access.ts";
import { servesRequests, withInstanceDefaults } from "./instance.ts";

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;
const LAUNCH_STAGES = new Set([LaunchStage.ALPHA, LaunchStage.BETA, LaunchStage.GA]);
const AT = "instance";

/** Fields that homerun does not act on in instances. */
const UNSUPPORTED = {
  Instance: [
    "binary_authorization",
    "encryption_key",
    "encryption_key_revocation_action",
    "encryption_key_shutdown_duration",
    "node_selector",
    "gpu_zonal_redundancy_disabled",
    "iap_enabled",
  ],
  Container: ["source_code", "base_image_uri"],
};

const naming: FieldNaming = ({ field, protoLevel }) =>
  protoLevel ? `Violation in CreateInstanceRequest.${field}` : field;

/** Fills in defaults and rejects a wish that is not valid. Google: instance.proto and the messages it holds. */
export function validInstance(wish: Instance): Instance {
  assertSupportedFields(InstanceSchema, wish, AT, UNSUPPORTED);
  const instance = withInstanceDefaults(wish);
  const violations = instanceViolations(instance);
  if (violations.length > 0) throw violationError(violations, naming);
  return instance;
}

/** Rejects an instance id out of pattern, in the words of the v2 API for services. */
export function checkInstanceId(id: string): void {
  if (NAME.test(id) && id.length <= MAX_SERVICE_NAME) return;
  const description = `only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen; must be less than ${MAX_SERVICE_NAME + 1} characters.`;
  const field = "Violation in CreateInstanceRequest.instance_id";
  throw invalidArgument(`${field}: ${description}`, [{ field, description }]);
}

function instanceViolations(instance: Instance): Violation[] {
  const { containers, vpcAccess } = instance;
  // An instance has its CPU always, as those of services with instance-based billing.
  const resources = { executionEnvironment: ExecutionEnvironment.UNSPECIFIED, concurrency: 1, cpuIdle: false };
  return [
    ...metadataViolations(`${AT}.`, instance),
    ...settingViolations(instance),
    ...workloadViolations(instance, { at: AT, servesRequests: servesRequests(instance) }),
    ...(containers.length > 0 ? resourceViolations({ at: AT, containers, ...resources }) : []),
    ...(vpcAccess ? vpcAccessViolations(vpcAccess, `${AT}.vpc_access`) : []),
  ];
}

function* settingViolations(instance: Instance): Iterable<Violation> {
  const { description: text, launchStage, serviceAccount, ingress } = instance;
  if (text.length > MAX_DESCRIPTION) {
    const description = `must be at most ${MAX_DESCRIPTION} characters.`;
    yield { field: `${AT}.description`, description, protoLevel: true };
  }
  if (!LAUNCH_STAGES.has(launchStage)) {
    yield { field: `${AT}.launch_stage`, description: "Launch stage must be ALPHA, BETA or GA.", protoLevel: true };
  }
  if (!EMAIL.test(serviceAccount)) {
    yield { field: `${AT}.service_account`, description: `Invalid service account email '${serviceAccount}'.` };
  }
  if (ingress !== IngressTraffic.NONE && !servesRequests(instance)) {
    yield { field: `${AT}.ingress`, description: "needs a container with an exposed port." };
  }
}
