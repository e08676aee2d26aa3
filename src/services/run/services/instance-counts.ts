import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import type { Service } from "../../../gen/google/cloud/run/v2/service_pb.js";
import {
  type ServiceScaling,
  ServiceScaling_ScalingMode,
} from "../../../gen/google/cloud/run/v2/vendor_settings_pb.js";
import type { RevisionSpec } from "../../../instances/serving.ts";
import { lastSegment } from "../names.ts";

type Counts = Pick<RevisionSpec, "minInstances" | "maxInstances">;

/**
 * How many instances a revision may and must have: the service's counts are divided among revisions by percent, given by
 * short name. Google: vendor_settings.proto, ServiceScaling; Cloud Run, "Set minimum instances", "Set maximum instances".
 */
export function instanceCounts(service: Service, revision: Revision, percents: ReadonlyMap<string, number>): Counts {
  const { scaling: total } = service;
  const { scaling: own } = revision;
  const id = lastSegment(revision.name);
  const manual = manualCountOf(total);
  if (manual !== undefined) return manualCounts(apportioned(manual, percents).get(id), own?.minInstanceCount ?? 0);
  const share = (count: number | undefined) => Math.ceil(((count ?? 0) * (percents.get(id) ?? 0)) / 100);
  const ownMax = own?.maxInstanceCount || Number.MAX_SAFE_INTEGER;
  const maxInstances = Math.min(ownMax, share(total?.maxInstanceCount) || ownMax);
  const minInstances = Math.max(own?.minInstanceCount ?? 0, share(total?.minInstanceCount));
  return { minInstances: Math.min(maxInstances, minInstances), maxInstances };
}

/** How many instances a service has that is scaled by hand; undefined for others. Google: ServiceScaling.ScalingMode. */
export function manualCountOf(scaling: ServiceScaling | undefined): number | undefined {
  if (scaling?.scalingMode !== ServiceScaling_ScalingMode.MANUAL) return undefined;
  return scaling.manualInstanceCount ?? scaling.minInstanceCount;
}

/**
 * Google: Cloud Run, "Traffic splits for manual scaling": a revision that only a tag reaches has its own minimum, or else
 * one instance when it is asked; its traffic's part counts for every other one, and may be none.
 */
function manualCounts(part: number | undefined, ownMin: number): Counts {
  if (part === undefined) return { minInstances: ownMin, maxInstances: Math.max(1, ownMin) };
  return { minInstances: part, maxInstances: part };
}

/** Whole parts of a count by percent that add up to it: what is left over goes to the largest remainders. */
export function apportioned(count: number, percents: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...percents.values()].reduce((sum, percent) => sum + percent, 0);
  const shares = [...percents]
    .filter(([, percent]) => percent > 0)
    .map(([id, percent]) => ({ id, whole: Math.floor((count * percent) / total), rest: (count * percent) % total }));
  const left = count - shares.reduce((sum, { whole }) => sum + whole, 0);
  const favored = new Set(shares.toSorted((a, b) => b.rest - a.rest).slice(0, left));
  return new Map(shares.map((share) => [share.id, share.whole + (favored.has(share) ? 1 : 0)]));
}
