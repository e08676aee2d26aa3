import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";

/** The methods of schemas and their revisions. */
export function schemaRpcs(_deps: Deps): readonly Rpc[] {
  return [];
}
