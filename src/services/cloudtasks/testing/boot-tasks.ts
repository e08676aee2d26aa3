import assert from "node:assert/strict";
import { bootWithTestClock } from "../../../../tests/support/boot-with-test-clock.ts";
import { quietLogging } from "../../../../tests/support/quiet-logging.ts";
import { type ReceivedRequest, startTestTarget } from "../../../../tests/support/test-target.ts";
import type { WriteLogEntriesRequest } from "../../../gen/google/logging/v2/logging_pb.js";
import { cloudtasks } from "../module.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** The location of all queues. */
export const PARENT = "projects/demo/locations/us-central1";
/** The queue that is there. */
export const NAME = `${PARENT}/queues/work`;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Boots Cloud Tasks with a queue, a target and a clock that can be advanced. */
export async function bootTasks(queue: Json = {}) {
  const target = await startTestTarget();
  const logs: WriteLogEntriesRequest[] = [];
  const booted = await bootWithTestClock((deps) => [cloudtasks(deps), quietLogging(logs)]);
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await booted.api.json(method, `/v2/${PARENT}/queues${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  await call("POST", "", { name: NAME, ...queue });
  const add = (task: Json = {}, status = 200) =>
    call("POST", "/work/tasks", { task: { httpRequest: { url: target.url }, ...task } }, status);
  return { ...booted, target, logs, call, add };
}

/** The message of an error. */
export const messageOf = (body: Json) => (body["error"] as { message: string }).message;
/** A header of Cloud Tasks. */
export const header = (request: ReceivedRequest | undefined, name: string) => request?.headers[`x-cloudtasks-${name}`];
