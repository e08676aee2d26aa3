import type { InstanceLogEntry } from "../../instances/serving.ts";

/** Bounds in bytes of text, with something for each entry. */
export interface WaitingLogsLimits {
  /** What one instance may have waiting. */
  readonly ownBytes: number;
  readonly allBytes: number;
  readonly batchBytes: number;
  readonly batchEntries: number;
}

/** Log entries that wait to be written, within a bound of memory; who writes too many of them loses its own. */
export interface WaitingLogs {
  /** How many there are. */
  readonly count: number;
  /** How much of the bound on all of them is used, 0 to 1. */
  readonly fullness: number;
  /** Adds an entry; returns how many had to be dropped for it: the oldest of the instance that has most. */
  add(entry: InstanceLogEntry): number;
  /** Takes some of each instance, in their order; none when none waits. */
  take(): InstanceLogEntry[];
}

interface Queue {
  readonly entries: { readonly entry: InstanceLogEntry; readonly bytes: number }[];
  bytes: number;
}

/** What an entry takes beside its text. */
const ENTRY_BYTES = 500;
/** Dropping some at once, so that the others need not move each time. */
const DROPPED_SHARE = 1 / 4;

export function waitingLogs(limits: WaitingLogsLimits): WaitingLogs {
  const queues = new Map<string, Queue>();
  let count = 0;
  let allBytes = 0;

  const remove = (id: string, queue: Queue, many: number) => {
    const removed = queue.entries.splice(0, many);
    const bytes = removed.reduce((sum, each) => sum + each.bytes, 0);
    count -= removed.length;
    queue.bytes -= bytes;
    allBytes -= bytes;
    if (queue.entries.length === 0) queues.delete(id);
    return removed.map(({ entry }) => entry);
  };
  const drop = (): number => {
    const [id, queue] = [...queues].reduce((most, each) => (each[1].bytes > most[1].bytes ? each : most));
    return remove(id, queue, Math.ceil(queue.entries.length * DROPPED_SHARE)).length;
  };

  return {
    get count() {
      return count;
    },
    get fullness() {
      return allBytes / limits.allBytes;
    },
    add(entry) {
      let queue = queues.get(entry.instanceId);
      if (queue === undefined) queues.set(entry.instanceId, (queue = { entries: [], bytes: 0 }));
      const bytes = bytesOf(entry);
      queue.entries.push({ entry, bytes });
      queue.bytes += bytes;
      count++;
      allBytes += bytes;
      return queue.bytes > limits.ownBytes || allBytes > limits.allBytes ? drop() : 0;
    },
    take() {
      const batch: InstanceLogEntry[] = [];
      const share = Math.ceil(limits.batchEntries / queues.size);
      let left = limits.batchBytes;
      for (const [id, queue] of queues) {
        const most = Math.min(share, limits.batchEntries - batch.length);
        let many = 0;
        while (many < most && many < queue.entries.length && left > 0) left -= queue.entries[many++]!.bytes;
        batch.push(...remove(id, queue, many));
        // The others come first, and then this one again.
        if (queue.entries.length > 0 && queues.delete(id)) queues.set(id, queue);
        if (left <= 0 || batch.length >= limits.batchEntries) break;
      }
      return batch;
    },
  };
}

function bytesOf({ textPayload, jsonPayload }: InstanceLogEntry): number {
  return ENTRY_BYTES + (textPayload?.length ?? 0) + (jsonPayload ? JSON.stringify(jsonPayload).length : 0);
}
