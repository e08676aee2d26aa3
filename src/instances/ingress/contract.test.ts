import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { deploy, HOST, revision, startFloor, type TestFloor } from "../pool/testing/floor.ts";
import { raw } from "./testing/raw.ts";
import { send } from "./testing/send.ts";

const CONTAINER = fileURLToPath(new URL("testdata/trailers-container.ts", import.meta.url));

function floorWith(protocol: "http1" | "h2c", floor: TestFloor): void {
  const env = protocol === "h2c" ? { H2C: "1" } : {};
  deploy(floor, revision("r1", { args: [CONTAINER], port: { number: 8080, protocol }, env }));
}

async function overHttp1({ port }: TestFloor) {
  const request = httpRequest({
    port,
    method: "POST",
    headers: { host: HOST, trailer: "x-sum", "transfer-encoding": "chunked" },
  });
  request.write("body");
  // What says something about a message's framing is no trailer.
  request.addTrailers({ "x-sum": "1", "content-length": "7", host: "other" });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const body = (await response.toArray()).join("");
  return { body, trailers: response.trailers };
}

async function overHttp2({ port }: TestFloor) {
  const client = connectHttp2(`http://127.0.0.1:${port}`);
  const headers = { ":path": "/", ":authority": HOST, ":method": "POST" };
  const stream = client.request(headers, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
  const trailers = once(stream, "trailers") as Promise<[Record<string, string>]>;
  stream.end("body");
  const body = (await stream.toArray()).join("");
  const [{ "x-answer": answer }] = await trailers;
  client.destroy();
  return { body, trailers: { "x-answer": answer } };
}

for (const protocol of ["http1", "h2c"] as const) {
  test(`trailers pass both ways to a container that speaks ${protocol}`, async () => {
    await using floor = await startFloor();
    floorWith(protocol, floor);
    for (const send of [overHttp1, overHttp2]) {
      const { body, trailers } = await send(floor);
      assert.deepEqual(JSON.parse(body), { "x-sum": "1" });
      assert.equal(trailers["x-answer"], "yes");
    }
  });
}

test("fields that HTTP/1.1 may repeat and HTTP/2 may not reach a container that speaks h2c", async () => {
  await using floor = await startFloor();
  floorWith("h2c", floor);
  const fields =
    "User-Agent: a\r\nUser-Agent: b\r\nContent-Type: c\r\nContent-Type: d\r\nHTTP2-Settings: x\r\nTE: trailers";
  const { statuses } = await raw(
    floor.port,
    `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${fields}\r\nConnection: close\r\n\r\n`,
  );
  assert.deepEqual(statuses, [200]);
});

test("cookies that came apart by HTTP/2 are one line by HTTP/1.1; the container's host and body length are the caller's", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1", { args: [fileURLToPath(new URL("testdata/raw-container.ts", import.meta.url))] }));
  const client = connectHttp2(`http://127.0.0.1:${floor.port}`);
  const headers = {
    ":path": "/head",
    ":authority": HOST,
    ":method": "POST",
    cookie: ["a=1", "b=2"],
    "content-length": 2,
  };
  const stream = client.request(headers);
  stream.end("ab");
  const lines = (await stream.toArray()).join("").split("\r\n");
  client.destroy();
  assert.equal(lines[0], "POST /head HTTP/1.1");
  assert.deepEqual(lines.filter((line) => /^(host|cookie|content-length|transfer-encoding):/i.test(line)).toSorted(), [
    `Host: ${HOST}`,
    "content-length: 2",
    "cookie: a=1; b=2",
  ]);
});

test("responses say what Google's front end says; reserved names do not pass", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const asked = { host: HOST, traceparent, "x-google-internal": "1", "x-goog-api-key": "2" };
  const { headers, body } = await send(floor.port, { path: "/inspect", headers: asked });
  assert.equal(headers["server"], "Google Frontend");
  assert.equal(headers["x-cloud-trace-context"], "0af7651916cd43dd8448eb211c80319c;o=1");
  const seen = (JSON.parse(body) as { headers: Record<string, string> }).headers;
  assert.deepEqual([seen["x-google-internal"], seen["x-goog-api-key"]], [undefined, "2"]);
  const missing = await send(floor.port, { headers: { host: "other.run.app" } });
  assert.deepEqual([missing.status, missing.headers["server"]], [404, "Google Frontend"]);
  assert.ok(missing.headers["date"]);
});

test("an event stream comes event by event, over HTTP/2, too", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const client = connectHttp2(`http://127.0.0.1:${floor.port}`);
  const stream = client.request({ ":path": "/events", ":authority": HOST });
  for (let n = 0; n < 3; n++) {
    const [chunk] = (await once(stream, "data")) as [Buffer];
    assert.match(chunk.toString(), /^data: \d+\n\n$/);
  }
  client.destroy();
  await floor.entry(({ textPayload }) => textPayload === "caller gone");
});
