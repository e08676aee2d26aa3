import { clone, create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Container } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import {
  type RevisionTemplate,
  RevisionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/revision_template_pb.js";
import { RevisionScalingSchema } from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { withContainersDefaults, withVolumesDefaults } from "./container-defaults.ts";
import { DEFAULT_CONCURRENCY, DEFAULT_CPU, DEFAULT_MAX_INSTANCES, DEFAULT_TIMEOUT_SECONDS } from "../limits.ts";
import { parseCpu } from "./quantities.ts";
import { withVpcAccessDefaults } from "./vpc-access.ts";

/** Short name of a service and its project. */
export interface TemplateOwner {
  readonly project: string;
  readonly service: string;
}

/** The template with every default filled in that Cloud Run shows when it is read back. */
export function withTemplateDefaults(
  template: RevisionTemplate,
  { project, service }: TemplateOwner,
): RevisionTemplate {
  const result = clone(RevisionTemplateSchema, template);
  result.containers = withContainersDefaults(result.containers, { name: service, servesRequests: true });
  result.volumes = withVolumesDefaults(result.volumes);
  result.timeout ??= durationFromMs(DEFAULT_TIMEOUT_SECONDS * 1000);
  result.serviceAccount ||= defaultServiceAccount(project);
  result.scaling ??= create(RevisionScalingSchema);
  result.scaling.maxInstanceCount ||= DEFAULT_MAX_INSTANCES;
  result.maxInstanceRequestConcurrency ||= defaultConcurrency(result.containers);
  if (result.vpcAccess) result.vpcAccess = withVpcAccessDefaults(result.vpcAccess);
  return result;
}

/** The service account of revisions that name none: the project's Compute Engine default service account. */
export function defaultServiceAccount(project: string): string {
  return `${projectNumberOf(project)}-compute@developer.gserviceaccount.com`;
}

/** What all containers have counts: Google's "requested CPU". */
function defaultConcurrency(containers: readonly Container[]): number {
  const cpus = containers.map(({ resources }) => parseCpu(resources?.limits["cpu"] ?? DEFAULT_CPU) ?? 1);
  return cpus.reduce((sum, each) => sum + each, 0) < 1 ? 1 : DEFAULT_CONCURRENCY;
}
