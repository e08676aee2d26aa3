import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { listenHttp, listenRaw } from "../../../../tests/support/local-servers.ts";
import { until } from "../../../../tests/support/until.ts";
import { type Subscription, SubscriptionSchema } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { type Clock, systemClock } from "../../../platform/clock.ts";
import { jsonLog } from "../../../platform/log.ts";
import { createManualClock } from "../../../platform/manual-clock.ts";
import { createOutgoing } from "../../../wire/http/outgoing.ts";
import type { DeliveryAttempt } from "./delivery-attempt.ts";
import { MAX_ATTEMPTS_ATTRIBUTE } from "./max-attempts.ts";
import { createPushService } from "./push-service.ts";
import { type MemoryDeliveries, memoryDeliveries, sampleMessage } from "./testing/memory-deliveries.ts";

const NAME = "projects/p/subscriptions/s";
const NOWHERE = { api: "http://127.0.0.1:1", ingress: "http://127.0.0.1:1" };

describe("pushes", () => {
  test("success acknowledges, with a token for the endpoint where one is asked for", async () => {
    await using endpoint = await listenHttp((_, response) => response.writeHead(204).end());
    await using push = startPush();
    const oidcToken = { serviceAccountEmail: "a@p.iam.gserviceaccount.com" };
    push.apply({
      pushConfig: {
        pushEndpoint: `${endpoint.url}/x?y=z`,
        authenticationMethod: { case: "oidcToken", value: oidcToken },
      },
    });
    push.deliveries.publish(sampleMessage("1"));
    await acknowledged(push.deliveries, ["1"]);
    const [request] = endpoint.requests;
    assert.equal(request?.url, "/x?y=z");
    assert.equal(
      request?.headers.authorization,
      `Bearer token of a@p.iam.gserviceaccount.com for ${endpoint.url}/x?y=z`,
    );
    const [attempt] = push.attempts;
    assert.deepEqual([attempt?.outcome, attempt?.status, attempt?.attempt], ["DELIVERED", 204, 1]);
  });

  test("each acknowledging status does, no other", async () => {
    const statuses = [102, 200, 201, 202, 204];
    for (const status of [...statuses, 203, 205, 302, 400, 404, 429, 500, 503]) {
      const line = `HTTP/1.1 ${status} Whatever\r\nContent-Length: 0\r\n${status === 302 ? "Location: /elsewhere\r\n" : ""}\r\n`;
      await using endpoint = await listenRaw((socket) => (status < 200 ? socket.end(line) : socket.write(line)));
      await using push = startPush();
      push.apply({ pushConfig: { pushEndpoint: endpoint.url } });
      push.deliveries.publish(sampleMessage("1"));
      const list = statuses.includes(status) ? push.deliveries.acknowledged : push.deliveries.nacked;
      await until(async () => list.length > 0);
      assert.equal(push.attempts[0]?.status, status);
    }
  });

  test("endpoints that hang, drip, break off or talk nonsense are failures after which it goes on", async () => {
    const bad: ((socket: Socket) => void)[] = [
      () => {},
      (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun"),
      (socket) => socket.destroy(),
      (socket) => socket.write("220 smtp.example ESMTP\r\n"),
      (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
      (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"),
    ];
    for (const misbehave of bad) {
      let calls = 0;
      await using endpoint = await listenRaw((socket) =>
        calls++ === 0 ? misbehave(socket) : socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
      );
      await using push = startPush();
      push.apply({ pushConfig: { pushEndpoint: endpoint.url }, ackDeadlineSeconds: 1 });
      push.deliveries.publish(sampleMessage("1"));
      await acknowledged(push.deliveries, ["1"]);
      assert.deepEqual(
        push.attempts.map(({ outcome }) => outcome),
        ["FAILED", "DELIVERED"],
      );
      assert.notEqual(push.attempts[0]?.detail, "");
    }
  });

  test("a success whose body never ends counts, and only its beginning is read", async () => {
    await using endpoint = await listenHttp((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, "x")));
      };
      response.on("drain", more);
      more();
    });
    await using push = startPush();
    push.apply({ pushConfig: { pushEndpoint: endpoint.url } });
    push.deliveries.publish(sampleMessage("1"));
    await acknowledged(push.deliveries, ["1"]);
  });

  test("without a retry policy all messages wait after a failure, twice as long each time", async () => {
    const clock = createManualClock();
    let status = 500;
    await using endpoint = await listenHttp((_, response) => response.writeHead(status).end());
    await using push = startPush(clock);
    push.apply({ pushConfig: { pushEndpoint: endpoint.url } });
    push.deliveries.publish(sampleMessage("1"));
    for (const [index, pauseMs] of [100, 200, 400, 800].entries()) {
      await until(async () => push.deliveries.nacked.length === index + 1);
      clock.advance(pauseMs - 1);
      assert.equal(endpoint.requests.length, index + 1);
      if (pauseMs === 800) status = 200;
      clock.advance(1);
    }
    await acknowledged(push.deliveries, ["1"]);
    assert.equal(endpoint.requests.length, 5);
  });

  test("with a retry policy the others go on", async () => {
    await using endpoint = await listenHttp(async (request, response) => {
      response.writeHead((await text(request)).includes('"bad"') ? 500 : 200).end();
    });
    await using push = startPush(createManualClock());
    push.apply({ pushConfig: { pushEndpoint: endpoint.url }, retryPolicy: {} });
    push.deliveries.publish(sampleMessage("bad"));
    await until(async () => push.deliveries.nacked.length > 0);
    for (const id of ["1", "2", "3"]) push.deliveries.publish(sampleMessage(id));
    await until(async () => push.deliveries.acknowledged.length === 3);
  });

  test("few are pushed at first, more with each success", async () => {
    const open: ServerResponse[] = [];
    await using endpoint = await listenHttp((_, response) => void open.push(response));
    await using push = startPush();
    push.apply({ pushConfig: { pushEndpoint: endpoint.url }, ackDeadlineSeconds: 600 });
    for (let n = 0; n < 40; n++) push.deliveries.publish(sampleMessage(String(n)));
    let done = 0;
    for (const size of [5, 10, 20, 5]) {
      await until(async () => open.length === size);
      for (const response of open.splice(0)) response.end();
      done += size;
      await until(async () => push.deliveries.acknowledged.length === done);
    }
  });

  test("messages of a key come one after the other, and a failure holds up those behind it", async () => {
    const bodies: string[] = [];
    let failures = 2;
    let together = 0;
    await using endpoint = await listenHttp(async (request, response) => {
      together++;
      assert.equal(together, 1);
      bodies.push((JSON.parse(await text(request)) as { message: { messageId: string } }).message.messageId);
      await new Promise((resolve) => setTimeout(resolve, 2));
      together--;
      response.writeHead(bodies.at(-1) === "2" && failures-- > 0 ? 500 : 200).end();
    });
    await using push = startPush();
    for (const id of ["1", "2", "3", "4"]) push.deliveries.publish(sampleMessage(id, { orderingKey: "k" }));
    push.apply({ pushConfig: { pushEndpoint: endpoint.url }, enableMessageOrdering: true });
    await until(async () => push.deliveries.acknowledged.includes("2"));
    assert.deepEqual(bodies.slice(0, 4), ["1", "2", "2", "2"]);
  });

  test("an event that may be tried once is dropped when it fails", async () => {
    await using endpoint = await listenHttp((_, response) => response.writeHead(500).end("no"));
    await using push = startPush();
    push.apply({ pushConfig: { pushEndpoint: endpoint.url, attributes: { [MAX_ATTEMPTS_ATTRIBUTE]: "1" } } });
    push.deliveries.publish(sampleMessage("1"));
    await acknowledged(push.deliveries, ["1"]);
    assert.deepEqual(
      push.attempts.map(({ outcome, detail }) => [outcome, detail]),
      [["DROPPED", "no"]],
    );
  });

  test("another endpoint counts at once, and none ends pushing", async () => {
    await using first = await listenHttp((_, response) => response.end());
    await using second = await listenHttp((_, response) => response.end());
    await using push = startPush();
    push.apply({ pushConfig: { pushEndpoint: first.url } });
    push.deliveries.publish(sampleMessage("1"));
    await acknowledged(push.deliveries, ["1"]);
    push.apply({ pushConfig: { pushEndpoint: second.url } });
    push.deliveries.publish(sampleMessage("2"));
    await acknowledged(push.deliveries, ["1", "2"]);
    push.apply({ pushConfig: { pushEndpoint: "" } });
    push.deliveries.publish(sampleMessage("3"));
    const leased = await push.deliveries.lease(
      { maxMessages: 1, maxBytes: 1, ackDeadlineSeconds: 10 },
      AbortSignal.timeout(5000),
    );
    assert.equal(leased[0]?.message.messageId, "3");
    assert.deepEqual([first.requests.length, second.requests.length], [1, 1]);
  });
});

function startPush(clock: Clock = systemClock) {
  const deliveries = memoryDeliveries();
  const attempts: DeliveryAttempt[] = [];
  const outgoing = createOutgoing({ addresses: NOWHERE, clock: systemClock });
  const service = createPushService({
    clock,
    outgoing,
    log: jsonLog((line) => process.stderr.write(line), "ERROR", Date.now),
    idTokens: { of: async (email, audience) => `token of ${email} for ${audience}` },
    observe: (attempt) => attempts.push(attempt),
    deliveries: () => deliveries,
  });
  const base: MessageInitShape<typeof SubscriptionSchema> = { name: NAME, ackDeadlineSeconds: 10 };
  return {
    deliveries,
    attempts,
    apply(fields: MessageInitShape<typeof SubscriptionSchema>) {
      const subscription: Subscription = create(SubscriptionSchema, Object.assign({}, base, fields));
      service.apply(subscription);
    },
    async [Symbol.asyncDispose]() {
      service.stop();
      await outgoing[Symbol.asyncDispose]();
    },
  };
}

async function acknowledged(deliveries: MemoryDeliveries, ids: readonly string[]): Promise<void> {
  await until(async () => deliveries.acknowledged.length >= ids.length);
  assert.deepEqual(deliveries.acknowledged, ids);
}
