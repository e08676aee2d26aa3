import { clone, equals } from "@bufbuild/protobuf";
import {
  type WorkerPoolRevisionTemplate,
  WorkerPoolRevisionTemplateSchema,
} from "../../../gen/google/cloud/run/v2/worker_pool_revision_template_pb.js";
import { withContainersDefaults, withVolumesDefaults } from "../templates/container-defaults.ts";
import { plainQuantities } from "../templates/quantities.ts";
import { defaultServiceAccount } from "../templates/template-defaults.ts";
import { withVpcAccessDefaults } from "../templates/vpc-access.ts";
import type { WorkerPoolName } from "./names.ts";

/** The template with every default filled in that Cloud Run shows when it is read back. */
export function withTemplateDefaults(
  given: WorkerPoolRevisionTemplate,
  { project, workerPool }: WorkerPoolName,
): WorkerPoolRevisionTemplate {
  const template = clone(WorkerPoolRevisionTemplateSchema, given);
  template.serviceAccount ||= defaultServiceAccount(project);
  template.containers = withContainersDefaults(template.containers, { name: workerPool, servesRequests: false });
  // No request ever comes: instances have their CPU all the time.
  for (const { resources } of template.containers) if (resources) resources.cpuIdle = false;
  template.volumes = withVolumesDefaults(template.volumes);
  if (template.vpcAccess) template.vpcAccess = withVpcAccessDefaults(template.vpcAccess);
  return template;
}

/** Whether two templates make the same revision, whatever name they ask for. */
export function isSameTemplate(one: WorkerPoolRevisionTemplate, other: WorkerPoolRevisionTemplate): boolean {
  return equals(WorkerPoolRevisionTemplateSchema, comparable(one), comparable(other));
}

/** Clients in Go write quantities back in a form of their own: "1" for "1000m". */
function comparable(given: WorkerPoolRevisionTemplate): WorkerPoolRevisionTemplate {
  const template = clone(WorkerPoolRevisionTemplateSchema, given);
  template.revision = "";
  for (const { resources } of template.containers) if (resources) resources.limits = plainQuantities(resources.limits);
  return template;
}
