import type { Rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { acknowledge } from "../v1/acknowledge.ts";
import { modifyAckDeadline } from "../v1/modifyAckDeadline.ts";
import { publish } from "../v1/publish.ts";
import { pull } from "../v1/pull.ts";
import { seek } from "../v1/seek.ts";
import { streamingPull } from "../v1/streamingPull.ts";

/** The methods that move messages. */
export function messageRpcs(deps: Deps): readonly Rpc[] {
  return [publish(deps), pull(deps), streamingPull(deps), acknowledge(deps), modifyAckDeadline(deps), seek(deps)];
}
