import type { Buildpack, BuildpackIndex, Group } from "./buildpack.ts";

export interface OrderElement {
  readonly buildpack: Buildpack;
  readonly optional: boolean;
}

/**
 * Resolves an order into groups of component buildpacks: composite ones are replaced by each of their groups, depth
 * first and left to right (buildpack.md, "Order Resolution"). What does not fit the execution environment is left out.
 */
export function resolveOrder(order: readonly Group[], find: BuildpackIndex, execEnv: string): OrderElement[][] {
  return order.flatMap((group) => expand(elementsOf(group, find, execEnv), find, execEnv));
}

function elementsOf(group: Group, find: BuildpackIndex, execEnv: string): OrderElement[] {
  return group
    .filter(({ execEnvs }) => fits(execEnvs, execEnv))
    .map(({ id, version, optional }) => ({ buildpack: find(id, version), optional }))
    .filter(({ buildpack }) => fits(buildpack.execEnvs, execEnv));
}

function expand(group: readonly OrderElement[], find: BuildpackIndex, execEnv: string): OrderElement[][] {
  const at = group.findIndex(({ buildpack }) => buildpack.order !== undefined);
  const composite = group[at];
  if (!composite) return group.length > 0 ? [[...group]] : [];
  const [before, after] = [group.slice(0, at), group.slice(at + 1)];
  const replaced = (composite.buildpack.order ?? []).flatMap((inner) =>
    expand([...before, ...elementsOf(inner, find, execEnv), ...after], find, execEnv),
  );
  return composite.optional ? [...replaced, ...expand([...before, ...after], find, execEnv)] : replaced;
}

function fits(supported: readonly string[], execEnv: string): boolean {
  return supported.length === 0 || supported.includes(execEnv) || supported.includes("*");
}
