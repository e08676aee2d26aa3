import { candidates, fulfils, type BinaryPackage, type PackagesIndex } from "./packages-index.ts";
import { parseRelations, type Relation } from "./relations.ts";

/** Thrown when the archive cannot satisfy what is asked for. */
export class UnresolvableError extends Error {
  override readonly name = "UnresolvableError";
}

/**
 * The newest packages of these names ("a | b" is the first of them that there is) with everything they depend on, sorted
 * by name. The same indexes give the same answer. Dependencies on a name in `without` count as met: things that only matter while packages are installed.
 */
export function resolvePackages(
  indexes: readonly PackagesIndex[],
  names: readonly string[],
  without: ReadonlySet<string> = new Set(),
): BinaryPackage[] {
  const chosen = new Map<string, BinaryPackage>();
  const todo: (readonly Relation[])[] = names.flatMap((name) => parseRelations(name));
  for (let group = todo.shift(); group !== undefined; group = todo.shift()) {
    if (isMet(group, chosen, without)) continue;
    const found = choose(indexes, group, chosen);
    chosen.set(found.name, found);
    todo.push(...found.depends);
  }
  return [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isMet(
  group: readonly Relation[],
  chosen: ReadonlyMap<string, BinaryPackage>,
  without: ReadonlySet<string>,
): boolean {
  return group.some(
    (relation) => without.has(relation.name) || [...chosen.values()].some((candidate) => fulfils(candidate, relation)),
  );
}

function choose(
  indexes: readonly PackagesIndex[],
  group: readonly Relation[],
  chosen: ReadonlyMap<string, BinaryPackage>,
): BinaryPackage {
  for (const relation of group) {
    // A package is there once; another version of it is no choice.
    const found = candidates(indexes, relation).find(({ name }) => !chosen.has(name));
    if (found) return found;
  }
  const wanted = group.map(({ name, operator, version }) => (operator ? `${name} (${operator} ${version})` : name));
  throw new UnresolvableError(`no package for ${wanted.join(" | ")}`);
}
