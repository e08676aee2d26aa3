import { durationMs } from "@bufbuild/protobuf/wkt";
import type { RevisionTemplate } from "../../gen/google/cloud/run/v2/revision_template_pb.js";
import { MAX_CONCURRENCY, MAX_REVISION_NAME, MAX_TIMEOUT_SECONDS } from "./limits.ts";
import { containerViolations } from "./validate-container.ts";
import { metadataViolations } from "./validate-metadata.ts";
import { resourceViolations } from "./validate-resources.ts";
import type { Violation } from "./violations.ts";

const REVISION_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** Faults of a template whose defaults are filled in; `service` is the service's short name. */
export function templateViolations(template: RevisionTemplate, service: string): Violation[] {
  const [container] = template.containers;
  if (!container) {
    return [{ field: "template.containers", description: "at least one container is required.", protoLevel: true }];
  }
  return [
    ...metadataViolations("template.", template),
    ...revisionNameViolations(template.revision, service),
    ...settingViolations(template),
    ...containerCountViolations(template),
    ...containerViolations(container),
    ...resourceViolations(template, container),
  ];
}

function* revisionNameViolations(revision: string, service: string): Iterable<Violation> {
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
  if (minInstanceCount < 0 || maxInstanceCount < 1) {
    yield { field: "template.scaling", description: "instance counts must not be negative.", protoLevel: true };
  }
  if (minInstanceCount > maxInstanceCount) {
    const description = "min_instance_count must not be greater than max_instance_count.";
    yield { field: "template.scaling.min_instance_count", description, protoLevel: true };
  }
}

function* containerCountViolations({ containers }: RevisionTemplate): Iterable<Violation> {
  if (containers.length > 1) {
    yield { field: "template.containers[1]", description: "Sidecar containers are not supported by homerun." };
  }
}
