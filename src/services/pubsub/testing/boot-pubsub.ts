import assert from "node:assert/strict";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { createManualClock, type ManualClock } from "../../../platform/manual-clock.ts";
import { pubsub } from "../module.ts";

type Json = Record<string, unknown>;

/** Pub/Sub behind a real socket, called over REST. */
export interface BootedPubsub extends AsyncDisposable {
  readonly clock: ManualClock;
  /** "127.0.0.1:PORT" */
  readonly grpcAddress: string;
  /** Calls a path below /v1/ and checks the status. */
  call(method: string, path: string, body?: Json, status?: number): Promise<Json>;
  /** The message of the error that a call is refused with. */
  refuse(method: string, path: string, body: Json | undefined, status: number): Promise<string>;
  /** Publishes texts; the ids. */
  publish(topic: string, messages: readonly (Json & { data: string })[]): Promise<string[]>;
  /** Pulls what there is now, or waits for something, and acknowledges it. */
  pull(subscription: string, options?: { readonly waits: boolean }): Promise<PulledMessage[]>;
}

export interface PulledMessage {
  readonly data: string;
  readonly attributes: Record<string, string> | undefined;
  readonly messageId: string;
}

export async function bootPubsub(): Promise<BootedPubsub> {
  const clock = createManualClock();
  const api = await bootApi((deps) => [pubsub(deps)], { clock });
  const call = async (method: string, path: string, body?: Json, status = 200): Promise<Json> => {
    const answer = await api.json(method, `/v1/${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };
  return {
    clock,
    grpcAddress: api.grpcAddress,
    call,
    async refuse(method, path, body, status) {
      const { error } = await call(method, path, body, status);
      return (error as { message: string }).message;
    },
    async publish(topic, messages) {
      const encoded = messages.map(({ data, ...rest }) => ({ ...rest, data: Buffer.from(data).toString("base64") }));
      return (await call("POST", `${topic}:publish`, { messages: encoded }))["messageIds"] as string[];
    },
    async pull(subscription, { waits } = { waits: false }) {
      const answer = await call("POST", `${subscription}:pull`, { maxMessages: 100, returnImmediately: !waits });
      const received = (answer["receivedMessages"] ?? []) as { ackId: string; message: Json }[];
      if (received.length > 0)
        await call("POST", `${subscription}:acknowledge`, { ackIds: received.map(({ ackId }) => ackId) });
      return received.map(({ message }) => ({
        data: Buffer.from((message["data"] ?? "") as string, "base64").toString(),
        attributes: message["attributes"] as Record<string, string> | undefined,
        messageId: String(message["messageId"]),
      }));
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}
