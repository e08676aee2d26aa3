import { ChannelSchema } from "../../../gen/google/cloud/eventarc/v1/channel_pb.js";
import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";
import { endOperation } from "../operations.ts";
import { ensureTopic, removeTopic } from "../transport/topic.ts";
import { finalFailure } from "../final-failure.ts";
import { readChannel } from "./find.ts";
import { channelOf, fromRow, type StoredChannel, toRow } from "./stored-channel.ts";

const SETTLED: Outcome = { settled: true };

/** Makes or removes the topic of a channel, and ends the operation that asked for it. */
export function reconcileChannel(deps: Deps): Reconcile {
  return async (name) => {
    const stored = await readChannel(deps, name);
    if (stored?.work?.verb === "create") await install(deps, stored);
    if (stored?.work?.verb === "delete") {
      await removeTopic(deps, stored.row, stored.topic);
      await saveGone(deps, stored);
    }
    return SETTLED;
  };
}

async function install(deps: Deps, stored: StoredChannel): Promise<void> {
  try {
    await ensureTopic(deps, stored.row, stored.topic);
  } catch (error) {
    const failure = finalFailure(deps, stored.work!, error);
    if (!failure) throw error;
    return saveGone(deps, stored, failure);
  }
  await deps.store.transact(async (transaction) => {
    const row = await deps.channels.update(transaction, toRow({ ...stored, work: undefined }));
    const message = channelOf(fromRow(row), deps.clock.nowMs());
    await endOperation(deps, transaction, stored.work!, { schema: ChannelSchema, message });
  });
}

async function saveGone(deps: Deps, stored: StoredChannel, failure?: ApiError): Promise<void> {
  await deps.store.transact(async (transaction) => {
    await deps.channels.delete(transaction, stored.row.name);
    await deps.policies.delete(transaction, stored.row.name);
    const result = failure ? { failure } : { schema: ChannelSchema, message: channelOf(stored, deps.clock.nowMs()) };
    await endOperation(deps, transaction, stored.work!, result);
  });
}
