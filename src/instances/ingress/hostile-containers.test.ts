import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { deploy, HOST, revision, startFloor, type TestFloor } from "../pool/testing/floor.ts";
import { send } from "./testing/send.ts";

const CONTAINER = fileURLToPath(new URL("testdata/raw-container.ts", import.meta.url));

let shared: TestFloor;

before(async () => {
  shared = await startFloor();
  deploy(shared, revision("r1", { args: [CONTAINER] }));
});

after(() => shared[Symbol.asyncDispose]());

/** Makes the container answer with these bytes; a connection that breaks is status 0. */
const answerTo = (bytes: string, path = "/raw") =>
  send(shared.port, { path, method: "POST", headers: { host: HOST } }, Buffer.from(bytes, "latin1")).catch(() => ({
    status: 0,
    headers: {} as Record<string, unknown>,
    body: "",
  }));

const OK = "HTTP/1.1 200 OK\r\n";

test("an answer that is no HTTP is a malformed response, and the next request is not touched by it", async () => {
  const malformed = [
    "what\r\n\r\n",
    "HTTP/1.1 99 X\r\n\r\n",
    "HTTP/1.1 abc X\r\n\r\n",
    "HTTP/2 200 OK\r\n\r\n",
    `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`,
    `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${OK}Content-Length: -1\r\n\r\n`,
    `${OK}X : y\r\n\r\n`,
    `${OK}X: y\r\n folded\r\n\r\n`,
    `${OK}X: y\nSet-Cookie: a=b\r\n\r\n`,
    `${OK}X: y\rSet-Cookie: a=b\r\n\r\n`,
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
  ];
  for (const bytes of malformed) {
    const { status, headers } = await answerTo(bytes);
    assert.deepEqual([status, headers["set-cookie"]], [503, undefined], JSON.stringify(bytes));
    const next = await send(shared.port, { headers: { host: HOST } });
    assert.deepEqual([next.status, next.body], [200, "fine"]);
  }
});

test("what an answer has too much is nobody's answer", async () => {
  const evil = `${OK}Content-Length: 4\r\n\r\nevil`;
  const others = async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(shared.port, { headers: { host: HOST } })));
    assert.ok(answers.every(({ body }) => body === "fine"));
  };
  for (const extra of [evil, "x", evil.repeat(5)]) {
    const { status, body } = await answerTo(`${OK}Content-Length: 2\r\n\r\nok${extra}`);
    assert.deepEqual([status, body], [200, "ok"]);
    await others();
    assert.equal((await answerTo(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${extra}`)).body, "ok");
    await others();
    assert.equal((await answerTo(`HTTP/1.1 204 No Content\r\n\r\n${extra}`)).status, 204);
    await others();
  }
});

test("an answer that breaks off is cut off at the caller, too", async () => {
  assert.equal((await answerTo(`${OK}Content-Length: 10\r\n\r\nhalf`, "/close")).status, 0);
  assert.equal((await answerTo(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nha`, "/close")).status, 0);
  assert.equal((await answerTo(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n`)).status, 0);
  const open = await answerTo(`${OK}\r\nuntil the end`, "/close");
  assert.deepEqual([open.status, open.body], [200, "until the end"]);
});

test("a head without end is a malformed response", async () => {
  const { status } = await send(shared.port, { path: "/endless", headers: { host: HOST } });
  assert.equal(status, 503);
});

test("interim answers stay between the hops, and the front end's own fields are not the container's", async () => {
  const { status, headers, body } = await answerTo(
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${OK}Server: nginx\r\nConnection: X-Hop\r\n` +
      "X-Hop: 1\r\nX-Cloud-Trace-Context: forged\r\nContent-Length: 2\r\n\r\nok",
  );
  assert.deepEqual([status, body, headers["server"], headers["x-hop"]], [200, "ok", "Google Frontend", undefined]);
  assert.match(String(headers["x-cloud-trace-context"]), /^[0-9a-f]{32}$/);
  assert.ok(headers["date"]);
});

test("what HTTP/2 has another way to say, or none, does not break a caller's connection", async () => {
  const client = connectHttp2(`http://127.0.0.1:${shared.port}`);
  const ask = async (bytes: string) => {
    const headers = { ":path": "/raw", ":method": "POST", ":authority": HOST, "content-length": bytes.length };
    const stream = client.request(headers);
    stream.end(Buffer.from(bytes, "latin1"));
    const [answer] = (await once(stream, "response")) as [Record<string, unknown>];
    return { headers: answer, body: (await stream.toArray()).join("") };
  };
  const { headers, body } = await ask(
    `${OK}Content-Type: a/b\r\nContent-Type: c/d\r\nHTTP2-Settings: x\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n` +
      "TE: gzip\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX-Y: J\u00f6rg\r\nContent-Length: 2\r\n\r\nok",
  );
  assert.equal(body, "ok");
  assert.equal(headers["content-type"], "a/b, c/d");
  assert.deepEqual(headers["set-cookie"], ["a", "b"]);
  assert.equal((await ask(`${OK}Content-Length: 4\r\n\r\nfine`)).body, "fine");
  client.destroy();
});
