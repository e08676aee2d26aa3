import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";

/** The methods that move messages. */
export function messageRpcs(_deps: Deps): readonly Rpc[] {
  return [];
}
