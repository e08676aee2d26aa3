import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";

/** The methods of topics, subscriptions and snapshots. */
export function resourceRpcs(_deps: Deps): readonly Rpc[] {
  return [];
}
