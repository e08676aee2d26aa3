import { type TrafficTarget, TrafficTargetAllocationType } from "../../../gen/google/cloud/run/v2/traffic_target_pb.js";
import type { Violation } from "./violations.ts";

const TAG = /^[a-z]([-a-z0-9]{0,44}[a-z0-9])?$/;
/** What a DNS label has room for besides "---", the hash and the region's code: TAG---SERVICE-HASH-CODE. */
const MAX_TAG_AND_SERVICE = 46;

/** Faults of the targets among which the traffic of `service` (short name) is shared out. Google: traffic_target.proto. */
export function trafficViolations(targets: readonly TrafficTarget[], service: string): Violation[] {
  return [
    ...sumViolations(targets),
    ...targets.flatMap((target, index) => [...targetViolations(target, index)]),
    ...tagViolations(targets, service),
  ];
}

function sumViolations(targets: readonly TrafficTarget[]): Violation[] {
  const sum = targets.reduce((total, { percent }) => total + percent, 0);
  if (targets.length === 0 || sum === 100) return [];
  return [{ field: "traffic", description: `Traffic percentages must sum to 100, but sum to ${sum}.` }];
}

function* targetViolations({ type, revision, percent }: TrafficTarget, index: number): Iterable<Violation> {
  const field = `traffic[${index}]`;
  const { LATEST: latest, REVISION: byRevision } = TrafficTargetAllocationType;
  if (percent < 0 || percent > 100) {
    yield { field: `${field}.percent`, description: "must be between 0 and 100.", protoLevel: true };
  }
  if (type === byRevision && revision === "") {
    yield { field: `${field}.revision`, description: "required field not present.", protoLevel: true };
  }
  if (type === latest && revision !== "") {
    const description = "must be empty when type is TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST.";
    yield { field: `${field}.revision`, description, protoLevel: true };
  }
}

function* tagViolations(targets: readonly TrafficTarget[], service: string): Iterable<Violation> {
  const seen = new Set<string>();
  for (const [index, { tag }] of targets.entries()) {
    if (tag === "") continue;
    const field = `traffic[${index}].tag`;
    if (!TAG.test(tag)) {
      const description =
        "Tags must use only lowercase letters, numbers and '-', begin with a letter and not end with a '-', and have at most 46 characters.";
      yield { field, description };
    }
    if (tag.length + service.length > MAX_TAG_AND_SERVICE) {
      const description = `The tag '${tag}' and the service's name '${service}' must have at most ${MAX_TAG_AND_SERVICE} characters together.`;
      yield { field, description };
    }
    if (seen.has(tag)) yield { field, description: `Traffic tag '${tag}' is used more than once.` };
    seen.add(tag);
  }
}
