import type { RevisionSpec, Serving } from "../../instances/serving.ts";
import type { Log } from "../../platform/log.ts";

/** What the serving floor was told to run for worker pools and instances; a restart loses it, and `start` tells again. */
export interface Placements {
  /** Declares instances for an owner (full name), or changes how many; idempotent. */
  declare(owner: string, spec: RevisionSpec): void;
  /** Stops what was declared for the owner but is not among `wanted` (names of specs), in the background. */
  keepOnly(owner: string, wanted: ReadonlySet<string>): void;
  /** Stops all that was declared for the owner, requests or not, and resolves once it has stopped. */
  remove(owner: string): Promise<void>;
}

/** Placements on the serving floor. */
export function createPlacements(serving: Pick<Serving, "ensureRevision" | "removeRevision">, log: Log): Placements {
  const declared = new Map<string, Set<string>>();
  const stopOthers = async (owner: string, wanted: ReadonlySet<string>, drain: boolean): Promise<void> => {
    const names = declared.get(owner) ?? new Set();
    const unwanted = [...names].filter((name) => !wanted.has(name));
    for (const name of unwanted) names.delete(name);
    if (names.size === 0) declared.delete(owner);
    await Promise.all(unwanted.map((name) => serving.removeRevision(name, { drain })));
  };
  return {
    declare(owner, spec) {
      declared.set(owner, (declared.get(owner) ?? new Set()).add(spec.name));
      serving.ensureRevision(spec);
    },
    keepOnly(owner, wanted) {
      stopOthers(owner, wanted, true).catch((error: unknown) =>
        log.error("instances were not stopped", { owner, error }),
      );
    },
    remove: (owner) => stopOthers(owner, new Set(), false),
  };
}
