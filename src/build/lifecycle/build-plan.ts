/** A dependency that a buildpack asks for (buildpack.md, "Build Plan"). */
export interface Require {
  readonly name: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** One of the alternatives that a buildpack's detection offers. */
export interface PlanOption {
  readonly provides: readonly { readonly name: string }[];
  readonly requires: readonly Require[];
}

export interface GroupElement {
  readonly id: string;
  readonly version: string;
  readonly optional: boolean;
}

/** A buildpack that passed detection, with its alternatives in order of preference; never empty. */
export interface Candidate<Element extends GroupElement = GroupElement> {
  readonly element: Element;
  readonly options: readonly PlanOption[];
}

/** A dependency with the buildpacks that provide it and everything that was asked of them. */
export interface PlanEntry {
  readonly name: string;
  readonly providers: readonly string[];
  readonly requires: readonly Require[];
}

export interface ResolvedPlan<Element extends GroupElement = GroupElement> {
  readonly group: readonly Element[];
  readonly entries: readonly PlanEntry[];
}

/** What tells buildpacks apart in a plan: ID@VERSION. */
export function elementKey(element: { readonly id: string; readonly version: string }): string {
  return `${element.id}@${element.version}`;
}

/**
 * Finds the first combination of alternatives, left to right and depth first, in which everything required is provided
 * before and everything provided is required after; undefined when there is none (buildpack.md, "Detection"). Calls
 * `note` with a line per combination and per buildpack that does not fit it.
 */
export function resolvePlan<Element extends GroupElement>(
  candidates: readonly Candidate<Element>[],
  note: (line: string) => void = () => {},
): ResolvedPlan<Element> | undefined {
  let count = 0;
  for (const trial of trials(candidates)) {
    note(`Resolving plan... (try #${++count})`);
    const resolved = runTrial(trial, note);
    if (resolved) return resolved;
  }
  return undefined;
}

interface Choice<Element extends GroupElement> {
  readonly element: Element;
  readonly option: PlanOption;
  /** Whether the buildpack may be left out: an optional one whose other alternatives have all been tried. */
  readonly omissible: boolean;
}

function* trials<Element extends GroupElement>(
  candidates: readonly Candidate<Element>[],
): Iterable<readonly Choice<Element>[]> {
  const [first, ...rest] = candidates;
  if (!first) {
    yield [];
    return;
  }
  const { element, options } = first;
  for (const [index, option] of options.entries()) {
    const omissible = element.optional && index === options.length - 1;
    for (const tail of trials(rest)) yield [{ element, option, omissible }, ...tail];
  }
}

function runTrial<Element extends GroupElement>(
  trial: readonly Choice<Element>[],
  note: (line: string) => void,
): ResolvedPlan<Element> | undefined {
  let remaining = trial;
  for (;;) {
    if (remaining.length === 0) {
      note("fail: no viable buildpacks in group");
      return undefined;
    }
    const dependencies = collect(remaining);
    const unmet = unmetOf(dependencies);
    if (unmet.size === 0) return toPlan(remaining, dependencies);
    const left = remaining.filter(({ element }) => unmet.has(elementKey(element)));
    for (const { element, omissible } of left)
      note(`${omissible ? "skip" : "fail"}: ${elementKey(element)} ${unmet.get(elementKey(element))}`);
    if (left.some(({ omissible }) => !omissible)) return undefined;
    remaining = remaining.filter(({ element }) => !unmet.has(elementKey(element)));
  }
}

/** What is wrong with buildpacks, by their keys. */
function unmetOf(dependencies: readonly Dependency[]): Map<string, string> {
  return new Map(
    dependencies.flatMap(({ name, early, unused }) => [
      ...unused.map((key): [string, string] => [key, `provides unused ${name}`]),
      ...early.map((key): [string, string] => [key, `requires ${name}`]),
    ]),
  );
}

interface Dependency {
  readonly name: string;
  readonly providers: string[];
  readonly requires: Require[];
  /** Buildpacks that provide it and that no later one has required it from, so far. */
  unused: string[];
  /** Buildpacks that require it before anyone provides it. */
  readonly early: string[];
}

function collect(trial: readonly Choice<GroupElement>[]): Dependency[] {
  const dependencies = new Map<string, Dependency>();
  const get = (name: string): Dependency => {
    const fresh: Dependency = { name, providers: [], requires: [], unused: [], early: [] };
    const dependency = dependencies.get(name) ?? fresh;
    dependencies.set(name, dependency);
    return dependency;
  };
  for (const { element, option } of trial) {
    for (const { name } of option.provides) get(name).unused.push(elementKey(element));
    for (const require of option.requires) addRequire(get(require.name), elementKey(element), require);
  }
  return [...dependencies.values()];
}

function addRequire(dependency: Dependency, key: string, require: Require): void {
  dependency.providers.push(...dependency.unused);
  dependency.unused = [];
  if (dependency.providers.length === 0) dependency.early.push(key);
  else dependency.requires.push(require);
}

function toPlan<Element extends GroupElement>(
  trial: readonly Choice<Element>[],
  dependencies: readonly Dependency[],
): ResolvedPlan<Element> {
  const entries = dependencies
    .filter(({ requires }) => requires.length > 0)
    .map(({ name, providers, requires }) => ({ name, providers, requires }));
  return { group: trial.map(({ element }) => element), entries };
}
