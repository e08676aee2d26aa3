import { notModified, preconditionFailed } from "./errors.ts";

/** Preconditions of a request; absent ones always hold. Google: cloud.google.com/storage/docs/request-preconditions. */
export interface Conditions {
  readonly ifGenerationMatch?: bigint | undefined;
  readonly ifGenerationNotMatch?: bigint | undefined;
  readonly ifMetagenerationMatch?: bigint | undefined;
  readonly ifMetagenerationNotMatch?: bigint | undefined;
}

/** Only the conditions of a request that has them among other fields. */
export function conditionsOf(request: Conditions): Conditions {
  const { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch } = request;
  return { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch };
}

interface Versions {
  readonly generation: bigint;
  readonly metageneration: bigint;
}

/** Rejects unless the conditions hold for what is there; `undefined` is an object that does not exist (generation 0). */
export function checkConditions(conditions: Conditions, present: Versions | undefined): void {
  const { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch } = conditions;
  const generation = present?.generation ?? 0n;
  const metageneration = present?.metageneration ?? 0n;
  const holds =
    matches(ifGenerationMatch, generation) &&
    differs(ifGenerationNotMatch, generation) &&
    matches(ifMetagenerationMatch, metageneration) &&
    differs(ifMetagenerationNotMatch, metageneration);
  if (!holds) throw preconditionFailed();
}

/** The same for a read, where a "not match" that fails means that the client has the content already. */
export function checkReadConditions(conditions: Conditions, present: Versions): void {
  const { ifGenerationNotMatch, ifMetagenerationNotMatch, ...others } = conditions;
  checkConditions(others, present);
  if (!differs(ifGenerationNotMatch, present.generation)) throw notModified();
  if (!differs(ifMetagenerationNotMatch, present.metageneration)) throw notModified();
}

function matches(wanted: bigint | undefined, actual: bigint): boolean {
  return wanted === undefined || wanted === actual;
}

function differs(unwanted: bigint | undefined, actual: bigint): boolean {
  return unwanted === undefined || unwanted !== actual;
}
