import type { Container, Volume } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { Violation } from "./violations.ts";
import { containersViolations } from "./containers.ts";
import { volumeViolations } from "./volumes.ts";

/** Containers and volumes of a template of a revision or a task, with every default filled in. */
export interface TemplateContent {
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

/** Where a template stands and what it is for. */
export interface TemplatePlace {
  /** v2 path of the template below the resource: "template", or "template.template" for jobs. */
  readonly at: string;
  /** True: one of the containers gets requests, and says on which port. */
  readonly servesRequests: boolean;
}

/** Faults of containers, their probes, and volumes; resources are checked on their own (resources.ts). */
export function workloadViolations(content: TemplateContent, place: TemplatePlace): Violation[] {
  const { containers, volumes } = content;
  if (containers.length === 0) {
    return [{ field: `${place.at}.containers`, description: "at least one container is required.", protoLevel: true }];
  }
  return [...containersViolations(containers, volumes, place), ...volumeViolations(volumes, `${place.at}.volumes`)];
}
