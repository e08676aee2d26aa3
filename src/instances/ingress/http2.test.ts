import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, credentials, type ClientDuplexStream, type ServiceError } from "@grpc/grpc-js";
import { deploy, HOST, revision, startFloor, type TestFloor } from "../pool/testing/floor.ts";

const GRPC_CONTAINER = fileURLToPath(new URL("../pool/testdata/grpc-container.ts", import.meta.url));
const bytes = (value: Buffer) => value;

async function read(stream: ClientHttp2Stream): Promise<{ status: number; body: string }> {
  const [headers] = (await once(stream, "response")) as [Record<string, number>];
  return { status: headers[":status"] ?? 0, body: (await stream.toArray()).join("") };
}

async function disposable(session: ClientHttp2Session) {
  await once(session, "connect");
  return { session, [Symbol.dispose]: () => session.destroy() };
}

test("HTTP/2 with prior knowledge reaches an HTTP/1.1 container", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  using client = await disposable(connectHttp2(`http://127.0.0.1:${floor.port}`));
  const get = client.session.request({ ":path": "/", ":authority": HOST });
  assert.deepEqual(await read(get), { status: 200, body: "hello from r1" });
  const post = client.session.request({ ":path": "/echo", ":authority": HOST, ":method": "POST" });
  const trailers = once(post, "trailers") as Promise<[Record<string, string>]>;
  post.end("abc");
  assert.deepEqual(await read(post), { status: 200, body: "abc" });
  assert.equal((await trailers)[0]["x-checksum"], "done");
  const cookies = client.session.request({ ":path": "/cookies", ":authority": HOST });
  const [headers] = (await once(cookies, "response")) as [Record<string, unknown>];
  assert.deepEqual(headers["set-cookie"], ["a=1", "b=2"]);
  const entry = await floor.entry(({ log }) => log === "requests");
  assert.equal(entry.httpRequest?.protocol, "HTTP/2");
});

test("a stream that the caller cancels is cancelled at the container", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  using client = await disposable(connectHttp2(`http://127.0.0.1:${floor.port}`));
  const events = client.session.request({ ":path": "/events", ":authority": HOST });
  await once(events, "data");
  events.close(8);
  await floor.entry(({ textPayload }) => textPayload === "caller gone");
});

test("a connection that ended TLS elsewhere is served as https, byte by byte preface too", async () => {
  await using floor = await startFloor();
  deploy(floor, revision("r1"));
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    floor.floor.ingress.handleConnection(socket, { scheme: "https", remoteAddress: "::ffff:10.9.8.7" }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connectTcp((server.address() as AddressInfo).port, "127.0.0.1");
  for (const part of ["G", "ET /inspect HTTP/1.1\r\n", `Host: ${HOST}\r\nConnection: close\r\n\r\n`]) {
    await new Promise((resolve) => socket.write(part, resolve));
  }
  const text = (await socket.toArray()).join("");
  const { headers } = JSON.parse(text.slice(text.indexOf("\r\n\r\n"))) as { headers: Record<string, string> };
  assert.deepEqual([headers["x-forwarded-proto"], headers["x-forwarded-for"]], ["https", "10.9.8.7"]);
  const entry = await floor.entry(({ log }) => log === "requests");
  assert.equal(entry.httpRequest?.requestUrl, `https://${HOST}/inspect`);
  server.close();
});

async function grpc(floor: TestFloor) {
  deploy(floor, revision("grpc", { args: [GRPC_CONTAINER], port: { number: 8080, protocol: "h2c" } }));
  const client = new Client(`127.0.0.1:${floor.port}`, credentials.createInsecure(), {
    "grpc.default_authority": HOST,
  });
  return { client, [Symbol.dispose]: () => client.close() };
}

function unary(client: Client, method: string, message: Buffer): Promise<Buffer | ServiceError> {
  return new Promise((resolve) =>
    client.makeUnaryRequest(`/test.Echo/${method}`, bytes, bytes, message, (error, answer) =>
      resolve(error ?? answer ?? Buffer.alloc(0)),
    ),
  );
}

test("gRPC calls pass: unary, error, streams both ways at once", async () => {
  await using floor = await startFloor();
  using connection = await grpc(floor);
  const { client } = connection;
  assert.deepEqual(await unary(client, "Unary", Buffer.from("hi")), Buffer.from("hi"));
  const error = await unary(client, "Fail", Buffer.from("hi"));
  assert.deepEqual("code" in error && [error.code, error.details], [9, "not today"]);
  const chat: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest("/test.Echo/Chat", bytes, bytes);
  for (const text of ["eins", "zwei", "drei"]) {
    chat.write(Buffer.from(text));
    const [answer] = (await once(chat, "data")) as [Buffer];
    assert.equal(answer.toString(), text);
  }
  chat.end();
  const [status] = (await once(chat, "status")) as [{ code: number }];
  assert.equal(status.code, 0);
});

test("a request to an HTTP/2 container may be larger than 32 MiB", async () => {
  await using floor = await startFloor({ settings: { maxHttp1Bytes: 1000 } });
  using connection = await grpc(floor);
  const message = Buffer.alloc(100_000, "x");
  assert.deepEqual(await unary(connection.client, "Unary", message), message);
});
