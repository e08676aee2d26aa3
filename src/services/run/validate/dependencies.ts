import type { Container } from "../../../gen/google/cloud/run/v2/k8s.min_pb.js";
import type { Violation } from "./violations.ts";

/** Faults of the order in which containers start; `at` is the path of the containers. */
export function dependencyViolations(containers: readonly Container[], at: string): Violation[] {
  const byName = new Map(containers.map((container) => [container.name, container]));
  const found = containers.flatMap((container, index) => [
    ...ownViolations(container, byName, `${at}[${index}].depends_on`),
  ]);
  if (found.length > 0) return found;
  const inCycle = containers.findIndex((container) => reaches(container, container, byName));
  if (inCycle < 0) return [];
  const description = `Containers must not depend on each other in a circle: '${containers[inCycle]!.name}' depends on itself.`;
  return [{ field: `${at}[${inCycle}].depends_on`, description }];
}

function* ownViolations(
  { dependsOn }: Container,
  byName: ReadonlyMap<string, Container>,
  field: string,
): Iterable<Violation> {
  for (const name of new Set(dependsOn)) {
    const other = byName.get(name);
    if (!other) yield { field, description: `Dependent container '${name}' does not exist` };
    // Google's words.
    else if (!other.startupProbe) {
      yield { field, description: `Dependent container '${name}' must have startup probe specified` };
    }
  }
}

function reaches(from: Container, goal: Container, byName: ReadonlyMap<string, Container>): boolean {
  const seen = new Set<Container>();
  const open = [from];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const name of next.dependsOn) {
      const other = byName.get(name)!;
      if (other === goal) return true;
      if (!seen.has(other)) open.push(other);
      seen.add(other);
    }
  }
  return false;
}
