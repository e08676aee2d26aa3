import type { Clock } from "../../../platform/clock.ts";
import { failedPrecondition } from "../../../wire/errors.ts";
import { resourceNotFound } from "../resources/errors.ts";
import { CHUNK_MESSAGES, type KeptMarks } from "./delivery/ack-marks.ts";
import { retentionMs } from "./settings.ts";
import type { MessageStore } from "./storage/store.ts";
import type { SubscriptionQueue } from "./subscription-queue.ts";
import type { Topology } from "./topology.ts";

/** A time, ms since the epoch, or a snapshot's full name. */
export type SeekTarget = { readonly timeMs: number } | { readonly snapshot: string };

export interface SeekDeps {
  readonly topology: Topology;
  readonly messages: MessageStore;
  readonly clock: Clock;
}

/** Brings a subscription to a time or a snapshot; rejects when the snapshot is not there, or of another topic. */
export async function seekQueue(deps: SeekDeps, queue: SubscriptionQueue, target: SeekTarget): Promise<void> {
  if ("timeMs" in target) await seekToTime(deps, queue, target.timeMs);
  else await seekToSnapshot(deps, queue, target.snapshot);
}

async function seekToTime({ messages, clock }: SeekDeps, queue: SubscriptionQueue, timeMs: number): Promise<void> {
  const { log, position } = queue;
  const nowMs = clock.nowMs();
  const seqAt = async (ms: number) => (ms > nowMs ? undefined : await messages.seqAt(log.id, ms)) ?? log.end;
  const target = await seqAt(timeMs);
  const ofTopic = log.retentionMs > 0 ? await seqAt(nowMs - log.retentionMs) : log.end;
  const { retainAckedMessages } = position.subscription;
  const own = retainAckedMessages ? await seqAt(nowMs - retentionMs(position.subscription)) : log.end;
  const retained = Math.min(ofTopic, Math.max(own, position.firstSeq));
  await queue.seek(async (now) => marksAfterSeek(now, target, retained));
}

async function seekToSnapshot({ topology, messages }: SeekDeps, queue: SubscriptionQueue, name: string): Promise<void> {
  const snapshot = topology.snapshot(name);
  if (!snapshot) throw resourceNotFound(name);
  if (snapshot.log !== queue.log.id) {
    throw failedPrecondition("The snapshot's topic must be the same as that of the provided subscription.");
  }
  const { chunks } = await messages.marks(snapshot.id);
  await queue.seek(async () => ({ cursor: snapshot.cursor, chunks }));
}

/**
 * Acknowledgements after a seek to a time: all before `target` (the first message of that time), as they are from there up
 * to `retained`, and none from the first message on that is retained whether acknowledged or not.
 */
export function marksAfterSeek(now: KeptMarks, target: number, retained: number): KeptMarks {
  if (target >= retained) return { cursor: target, chunks: new Map() };
  const cursor = Math.max(target, Math.min(now.cursor, retained));
  const chunks = new Map<number, Uint8Array>();
  for (const [number, chunk] of now.chunks) {
    const first = number * CHUNK_MESSAGES;
    if (first >= retained) continue;
    const kept = chunk.slice();
    for (let seq = Math.max(first, retained); seq < first + CHUNK_MESSAGES; seq++) {
      const offset = seq - first;
      kept[offset >> 3]! &= ~(1 << (offset & 7));
    }
    chunks.set(number, kept);
  }
  return { cursor, chunks };
}
