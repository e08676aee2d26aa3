import { HEXADECIMAL, type Ids } from "../platform/ids.ts";

const LENGTH = 40;

/** A new id of an instance, as long as Cloud Run's and of no meaning. */
export function newInstanceId(ids: Ids): string {
  return ids.text(LENGTH, HEXADECIMAL);
}
