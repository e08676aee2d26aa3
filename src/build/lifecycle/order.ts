import { type Buildpack, type BuildpackIndex, type Group, type GroupReference } from "./buildpack.ts";
import { exitCodes, LifecycleError } from "./errors.ts";

export interface OrderElement {
  readonly buildpack: Buildpack;
  readonly optional: boolean;
}

/** Buildpacks that are put before and after those of every group (platform.md, "system.toml"). */
export interface Surrounding {
  readonly pre: Group;
  readonly post: Group;
}

/** An element with the composite buildpacks that it came out of. */
interface Expanding extends OrderElement {
  readonly within: readonly Buildpack[];
}

/**
 * Resolves an order into groups of component buildpacks: composite ones are replaced by each of their groups, depth
 * first and left to right (buildpack.md, "Order Resolution"), and of one id the first in a group counts. What does not
 * fit the execution environment is left out. Groups are made as they are asked for, since there can be very many.
 */
export function* resolveOrder(
  order: readonly Group[],
  find: BuildpackIndex,
  execEnv: string,
  { pre, post }: Surrounding = { pre: [], post: [] },
): Iterable<OrderElement[]> {
  for (const group of order) {
    const isNew = ({ id }: GroupReference): boolean => group.every((reference) => reference.id !== id);
    const surrounded = [...pre.filter(isNew), ...group, ...post.filter(isNew)];
    yield* expand(elementsOf(surrounded, { find, execEnv }, []), { find, execEnv });
  }
}

interface Context {
  readonly find: BuildpackIndex;
  readonly execEnv: string;
}

function elementsOf(group: Group, { find, execEnv }: Context, within: readonly Buildpack[]): Expanding[] {
  return group
    .filter(({ execEnvs }) => fits(execEnvs, execEnv))
    .map(({ id, version, optional }) => ({ buildpack: find(id, version), optional, within }))
    .filter(({ buildpack }) => fits(buildpack.execEnvs, execEnv));
}

function* expand(group: readonly Expanding[], context: Context): Iterable<OrderElement[]> {
  const at = group.findIndex(({ buildpack }) => buildpack.order !== undefined);
  const composite = group[at];
  if (!composite) {
    const ids = group.map(({ buildpack }) => buildpack.id);
    const distinct = group.filter(({ buildpack }, index) => ids.indexOf(buildpack.id) === index);
    if (distinct.length > 0) yield distinct.map(({ buildpack, optional }) => ({ buildpack, optional }));
    return;
  }
  const { buildpack, within, optional } = composite;
  if (within.includes(buildpack))
    throw new LifecycleError(`buildpack '${buildpack.id}' contains itself`, exitCodes.generic);
  const [before, after] = [group.slice(0, at), group.slice(at + 1)];
  for (const inner of buildpack.order ?? [])
    yield* expand([...before, ...elementsOf(inner, context, [...within, buildpack]), ...after], context);
  if (optional) yield* expand([...before, ...after], context);
}

function fits(supported: readonly string[], execEnv: string): boolean {
  return supported.length === 0 || supported.includes(execEnv) || supported.includes("*");
}
