import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { gcloudIsHere, openGcloud } from "../support/gcloud.ts";
import { startRealServer } from "../support/real-server.ts";
import { until } from "../support/until.ts";

const LOCATION = "--location=us-central1";
const PARENT = "projects/homerun-local/locations/us-central1";
const MESSAGES = "google.cloud.pubsub.topic.v1.messagePublished";
const ATTACHMENT = "--network-attachment=projects/homerun-local/regions/us-central1/networkAttachments/a";

if (gcloudIsHere()) describe("gcloud eventarc", runSuite);
else console.warn("NOT RUN: gcloud eventarc; gcloud is not on the PATH");

function runSuite(): void {
  test("event types, triggers and channels, with events that arrive", async () => {
    await using server = await startRealServer();
    await using gcloud = await openGcloud(server);
    await using endpoint = await listen();
    const eventarc = (...args: string[]) => gcloud.run("eventarc", ...args, LOCATION);
    const output = async (...args: string[]) => (await eventarc(...args)).stdout.trim();

    const { stdout: types } = await gcloud.run("functions", "event-types", "list", "--gen2");
    assert.match(types, /^google\.cloud\.storage\.object\.v1\.finalized +Cloud Storage: A new object is created/m);

    const to = [`--destination-http-endpoint-uri=${endpoint.url}/created`, ATTACHMENT];
    const made = await eventarc("triggers", "create", "orders", ...to, `--event-filters=type=${MESSAGES}`);
    const [, topic] =
      /Created Pub\/Sub topic \[(projects\/homerun-local\/topics\/eventarc-us-central1-orders-\d{3})\]/.exec(
        made.stderr,
      ) ?? [made.stderr];
    const messages = [{ data: Buffer.from("two eggs").toString("base64") }];
    await server.json("POST", `/pubsub/v1/${topic!}:publish`, { messages });
    const event = await endpoint.next();
    assert.deepEqual(
      [event.url, event.headers["ce-type"]],
      [`/created?__GCP_CloudEventsMode=CUSTOM_PUBSUB_${encodeURIComponent(topic!)}`, MESSAGES],
    );
    assert.match(
      await output("triggers", "list"),
      /^orders +google\.cloud\.pubsub.* +HTTP endpoint: .* +Yes +us-central1$/m,
    );
    const refused = await gcloud.fail(
      "eventarc",
      "triggers",
      "create",
      "x",
      ...to,
      "--event-filters=type=a.b",
      LOCATION,
    );
    assert.match(refused, /INVALID_ARGUMENT: The request was invalid: .* event type "a\.b" is not supported/);
    await eventarc("triggers", "delete", "orders");

    await eventarc("channels", "create", "shop");
    const paid = "shop.order.v1.paid";
    await server.json("POST", `/eventarc/v1/${PARENT}/triggers?triggerId=paid`, {
      channel: `${PARENT}/channels/shop`,
      eventFilters: [{ attribute: "type", value: paid }],
      destination: { httpEndpoint: { uri: endpoint.url } },
    });
    const transport = () => server.json("GET", `/eventarc/v1/${PARENT}/triggers/paid`);
    await until(async () => JSON.stringify((await transport()).body).includes("subscription"));
    const parts = [`--event-type=${paid}`, "--event-id=1", "--event-source=//shop"];
    await eventarc("channels", "publish", "shop", ...parts, '--event-data={"eggs": 2}', "--event-attributes=team=blue");
    const { headers, body } = await endpoint.next();
    assert.deepEqual([headers["ce-type"], headers["ce-team"]], [paid, "blue"]);
    assert.equal(body, '{"eggs": 2}');
  });
}

interface Received extends Pick<IncomingMessage, "url" | "headers"> {
  readonly body: string;
}

/** A server that takes events. */
async function listen() {
  const received: Received[] = [];
  const waiting: ((event: Received) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const event = { url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() };
      const next = waiting.shift();
      if (next) next(event);
      else received.push(event);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The next event that has not been taken yet. */
    next: async () => received.shift() ?? new Promise<Received>((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
