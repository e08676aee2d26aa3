import type { Container, Volume } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import { MAX_CONTAINERS } from "../limits.ts";
import { mainContainerOf } from "../templates/main-container.ts";
import type { Violation } from "./violations.ts";
import { containerViolations } from "./container.ts";
import { dependencyViolations } from "./dependencies.ts";
import { mountViolations } from "./volume-mounts.ts";
import type { TemplatePlace } from "./workload.ts";

const NAME = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/;

/** Faults of the containers of a template, each by itself and all together. */
export function containersViolations(
  containers: readonly Container[],
  volumes: readonly Volume[],
  { at, servesRequests }: TemplatePlace,
): Violation[] {
  const field = `${at}.containers`;
  return [
    ...countViolations(containers, field),
    ...(servesRequests ? portViolations(containers, field) : []),
    ...nameViolations(containers, field),
    ...containers.flatMap((container, index) => {
      const here = `${field}[${index}]`;
      return [...containerViolations(container, here), ...mountViolations(container, volumes, here)];
    }),
    ...dependencyViolations(containers, field),
    ...baseImageViolations(containers, field),
  ];
}

function* countViolations(containers: readonly Container[], field: string): Iterable<Violation> {
  if (containers.length <= MAX_CONTAINERS) return;
  yield { field, description: `Template should contain at most ${MAX_CONTAINERS} containers.` };
}

/** Google's words. */
function* portViolations(containers: readonly Container[], field: string): Iterable<Violation> {
  const exposed = containers.filter(({ ports }) => ports.length > 0);
  if (exposed.length === 1) return;
  yield { field, description: "Revision template should contain exactly one container with an exposed port." };
}

/** Images of sidecars are not put onto newer base images. */
function baseImageViolations(containers: readonly Container[], field: string): Violation[] {
  const main = mainContainerOf(containers);
  return containers.flatMap((container, index) =>
    container === main || container.baseImageUri === ""
      ? []
      : [{ field: `${field}[${index}].base_image_uri`, description: "is not supported by homerun for sidecars." }],
  );
}

/** A container that is alone needs no name. */
function* nameViolations(containers: readonly Container[], field: string): Iterable<Violation> {
  const names = containers.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (name === "" && names.length === 1) continue;
    const here = `${field}[${index}].name`;
    if (!NAME.test(name)) {
      const description = `Invalid container name '${name}'. Must conform to RFC 1123: only lowercase letters, digits, hyphens, and periods are allowed, must begin and end with a letter or digit, and be less than 64 characters`;
      yield { field: here, description };
    }
    if (names.indexOf(name) !== index) {
      yield { field: here, description: `Container name '${name}' is used more than once.` };
    }
  }
}
