/** What the order of steps depends on. */
export interface PlannedStep {
  readonly id: string;
  /** Ids of earlier steps, or START. */
  readonly waitFor: readonly string[];
}

/** The entry of waitFor that is always satisfied. */
const START = "-";

/** The graph of a build's steps is not sound; the message is Google's. */
export class InvalidPlanError extends Error {
  override readonly name = "InvalidPlanError";
}

/**
 * For each step the indexes of the steps it comes after. A step waits for what it names, for nothing with "-" alone, and
 * for all steps before it when it names nothing. Only earlier steps can be named, so there is no cycle.
 * Throws an InvalidPlanError. Google: cloud.google.com/build/docs/configuring-builds/configure-build-step-order.
 */
export function planSteps(steps: readonly PlannedStep[]): number[][] {
  const indexes = new Map<string, number>();
  return steps.map(({ id, waitFor }, index) => {
    const after = waitFor.length === 0 ? steps.keys().take(index) : indexesOf(waitFor, indexes, nameOf(index, id));
    if (id === START)
      throw new InvalidPlanError(
        `build step ${nameOf(index, id)}: the ID cannot be "-" which is reserved as a dependency for build steps that should run first`,
      );
    if (indexes.has(id)) throw new InvalidPlanError(`build step ${nameOf(index, id)}: the ID is not unique`);
    if (id !== "") indexes.set(id, index);
    return [...new Set(after)];
  });
}

/** A step as Google's log and errors name it: `#0`, or `#0 - "id"`. */
export function nameOf(index: number, id: string): string {
  return id === "" ? `#${index}` : `#${index} - "${id}"`;
}

function indexesOf(waitFor: readonly string[], indexes: ReadonlyMap<string, number>, step: string): number[] {
  return waitFor.flatMap((id) => {
    const index = indexes.get(id);
    if (index === undefined && id !== START)
      throw new InvalidPlanError(`build step ${step} depends on "${id}", which has not been defined`);
    return index ?? [];
  });
}
