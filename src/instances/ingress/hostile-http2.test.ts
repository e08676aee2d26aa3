import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { deploy, HOST, revision, startFloor, type TestFloor, until } from "../pool/testing/floor.ts";
import { flood } from "./testing/raw.ts";

const MIB = 1024 * 1024;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

let shared: TestFloor;

before(async () => {
  shared = await startFloor();
  deploy(shared, revision("r1"));
  assert.equal((await shared.fetch("/")).status, 200);
});

after(() => shared[Symbol.asyncDispose]());

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const START = Buffer.concat([PREFACE, frame(4, 0, 0)]);
/** ":method: GET", ":path: /", ":scheme: http" of the static table. */
const GET = Buffer.from([0x82, 0x84, 0x86]);
const othersAreServed = async () => {
  for (let n = 0; n < 5; n++) assert.equal((await shared.fetch("/")).status, 200);
};

async function session(): Promise<ClientHttp2Session> {
  const opened = connectHttp2(`http://127.0.0.1:${shared.port}`);
  opened.on("error", () => undefined);
  await once(opened, "connect");
  return opened;
}

test("a caller that opens streams only to cancel them loses its connection", async () => {
  const client = await session();
  const closed = once(client, "close");
  let count = 0;
  const more = () => {
    for (let n = 0; n < 50 && !client.closed && !client.destroyed; n++, count++) {
      const stream = client.request({ ":path": "/hang", ":authority": HOST });
      stream.on("error", () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
    }
    if (!client.closed && !client.destroyed && count < 100_000) setImmediate(more);
  };
  more();
  await closed;
  assert.ok(count < 20_000, String(count));
  await othersAreServed();
  await until(() => shared.floor.instanceCounts(revision("r1").name).active === 0);
});

test("headers without end, settings, pings and empty frames without measure end the connection", async () => {
  const rss = process.memoryUsage().rss;
  const floods: Record<string, [Buffer, (count: number) => Buffer]> = {
    continuation: [
      Buffer.concat([START, frame(1, 0, 1, GET)]),
      () => frame(9, 0, 1, Buffer.concat([Buffer.from([0x00, 0x01, 0x78, 0x7f, 0x81, 0x07]), Buffer.alloc(256, "y")])),
    ],
    "empty continuation": [
      Buffer.concat([START, frame(1, 0, 1, GET)]),
      () => Buffer.concat(Array.from({ length: 50 }, () => frame(9, 0, 1))),
    ],
    settings: [
      START,
      () => Buffer.concat(Array.from({ length: 100 }, () => frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 1])))),
    ],
    "a setting many times": [
      START,
      () => frame(4, 0, 0, Buffer.concat(Array.from({ length: 2000 }, () => Buffer.from([0, 3, 0, 0, 0, 1])))),
    ],
    resets: [
      START,
      (count) =>
        Buffer.concat([frame(1, 5, 2 * count + 1, GET), frame(3, 0, 2 * count + 1, Buffer.from([0, 0, 0, 8]))]),
    ],
    nonsense: [START, () => frame(8, 0, 0, Buffer.alloc(4))],
  };
  for (const [name, [start, piece]] of Object.entries(floods)) {
    const taken = await flood(shared.port, start, piece);
    assert.ok(taken < 32 * MIB, `${name}: ${taken}`);
  }
  assert.ok(process.memoryUsage().rss - rss < 200 * MIB);
  await othersAreServed();
});

/** The status of a request, or the error that it met. */
async function outcomeOf(client: ClientHttp2Session, headers: Record<string, string>): Promise<number | string> {
  const stream = client.request(headers);
  const [answer] = await (once(stream, "response") as Promise<[Record<string, number>]>).catch(
    (error: NodeJS.ErrnoException) => [error.code ?? "", ""],
  );
  return typeof answer === "string" ? answer : (answer?.[":status"] ?? "");
}

test("a header list over 64 KiB, or of more than a thousand fields, gets nowhere", async () => {
  const many = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`x-${n}`, "y"]));
  for (const headers of [{ "x-long": "y".repeat(70 * 1024) }, many]) {
    const client = await session();
    const outcome = await outcomeOf(client, { ":path": "/", ":authority": HOST, ...headers });
    assert.ok(String(outcome).startsWith("ERR_HTTP2"), String(outcome));
    client.destroy();
  }
  await othersAreServed();
});

test("ten thousand pings unanswered are not kept", async () => {
  const socket = connect(shared.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(START);
  const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame(6, 0, 0, Buffer.alloc(8))));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (let n = 0; n < 100; n++) socket.write(pings);
  // It reads nothing, so that the answers pile up.
  await othersAreServed();
  socket.resume();
  socket.end();
  await closed;
  await othersAreServed();
});

test("an authority that is no host, or a target that is no path, gets nowhere", async () => {
  for (const headers of [
    { ":path": "/", ":authority": "user@host" },
    { ":path": "http://other/", ":authority": HOST },
    { ":path": "pid", ":authority": HOST },
    { ":path": "/", ":authority": `${HOST}/pid?` },
  ]) {
    const client = await session();
    const outcome = await outcomeOf(client, headers);
    assert.ok(outcome === 400 || outcome === "ERR_HTTP2_STREAM_ERROR", String(outcome));
    client.destroy();
  }
});
