import type { ContainerSpec } from "../workload.ts";
import { StartError } from "./start-instance.ts";

/**
 * The containers with each after those it depends on. Throws StartError when one depends on a container that is not
 * there, or by way of others on itself.
 */
export function startOrder(containers: readonly ContainerSpec[]): readonly ContainerSpec[] {
  const byName = new Map(containers.map((container) => [container.name, container]));
  const order = new Set<ContainerSpec>();
  const visit = (container: ContainerSpec, path: readonly ContainerSpec[]) => {
    if (order.has(container)) return;
    if (path.includes(container)) throw circle([...path.slice(path.indexOf(container)), container]);
    for (const name of container.dependsOn) visit(dependency(byName, container, name), [...path, container]);
    order.add(container);
  };
  for (const container of containers) visit(container, []);
  return [...order];
}

function dependency(byName: ReadonlyMap<string, ContainerSpec>, { name }: ContainerSpec, wanted: string) {
  const found = byName.get(wanted);
  if (found !== undefined) return found;
  throw new StartError("RUNTIME", `Container "${name}" depends on container "${wanted}", which does not exist.`);
}

function circle(path: readonly ContainerSpec[]): StartError {
  const names = path.map(({ name }) => `"${name}"`).join(" -> ");
  return new StartError("RUNTIME", `Containers depend on each other in a circle: ${names}.`);
}
