import { durationMs } from "@bufbuild/protobuf/wkt";
import type { RevisionTemplate } from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import { MAX_CONCURRENCY, MAX_REVISION_NAME, MAX_TIMEOUT_SECONDS } from "../limits.ts";
import { metadataViolations } from "./metadata.ts";
import { isCpuIdle, resourceViolations } from "./resources.ts";
import { type TemplatePlace, workloadViolations } from "./workload.ts";
import type { Violation } from "./violations.ts";
import { vpcAccessViolations } from "../templates/vpc-access.ts";

const PLACE: TemplatePlace = { at: "template", servesRequests: true };

const REVISION_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** Faults of a template whose defaults are filled in; `service` is the service's short name. */
export function templateViolations(template: RevisionTemplate, service: string): Violation[] {
  const { containers, executionEnvironment, maxInstanceRequestConcurrency: concurrency, vpcAccess } = template;
  const cpuIdle = isCpuIdle(containers);
  return [
    ...metadataViolations("template.", template),
    ...revisionNameViolations(template.revision, service),
    ...settingViolations(template),
    ...workloadViolations(template, PLACE),
    ...(containers.length > 0
      ? resourceViolations({ at: PLACE.at, containers, executionEnvironment, concurrency, cpuIdle })
      : []),
    ...(vpcAccess ? vpcAccessViolations(vpcAccess, "template.vpc_access") : []),
  ];
}

/** Faults of the name that a template asks for; `service` is the short name of the service or worker pool. Google's words. */
export function* revisionNameViolations(revision: string, service: string): Iterable<Violation> {
  if (revision === "") return;
  const field = "template.revision";
  if (!revision.startsWith(`${service}-`)) {
    const description =
      "The revision name must be prefixed by the name of the enclosing Service or Configuration with a trailing -";
    yield { field, description };
  }
  if (!REVISION_NAME.test(revision) || revision.length > MAX_REVISION_NAME) {
    const description =
      "Resource name must use only lowercase letters, numbers and '-'. Must begin with a letter and cannot end with a '-'. Maximum length is 63 characters.";
    yield { field, description };
  }
}

function* settingViolations(template: RevisionTemplate): Iterable<Violation> {
  const timeoutMs = template.timeout ? durationMs(template.timeout) : 0;
  if (timeoutMs < 1000 || timeoutMs > MAX_TIMEOUT_SECONDS * 1000 || timeoutMs % 1000 !== 0) {
    const description = `must be whole seconds between 1 and ${MAX_TIMEOUT_SECONDS}.`;
    yield { field: "template.timeout", description, protoLevel: true };
  }
  const concurrency = template.maxInstanceRequestConcurrency;
  if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    const description = `must be between 1 and ${MAX_CONCURRENCY}.`;
    yield { field: "template.max_instance_request_concurrency", description, protoLevel: true };
  }
  if (!EMAIL.test(template.serviceAccount)) {
    const description = `Invalid service account email '${template.serviceAccount}'.`;
    yield { field: "template.service_account", description };
  }
  const { minInstanceCount = 0, maxInstanceCount = 0 } = template.scaling ?? {};
  yield* countViolations("template.scaling", minInstanceCount, maxInstanceCount);
}

/** Faults of bounds of instance counts; a maximum of 0 is none. Google's words. */
export function* countViolations(at: string, least: number, most: number): Iterable<Violation> {
  const notNegative = "must be greater or equal than 0.";
  if (least < 0) yield { field: `${at}.min_instance_count`, description: notNegative, protoLevel: true };
  if (most < 0) yield { field: `${at}.max_instance_count`, description: notNegative, protoLevel: true };
  if (most > 0 && least > most) {
    const description = "must be greater or equal than min_instance_count.";
    yield { field: `${at}.max_instance_count`, description, protoLevel: true };
  }
}
