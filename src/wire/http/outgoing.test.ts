import assert from "node:assert/strict";
import { createServer } from "node:http";
import { duplexPair } from "node:stream";
import { describe, test } from "node:test";
import { listenHttp, listenRaw } from "../../../tests/support/local-servers.ts";
import { systemClock } from "../../platform/clock.ts";
import { createOutgoing, type Outgoing } from "./outgoing.ts";
import { OutgoingError, type OutgoingErrorKind, type OutgoingRequest } from "./outgoing-request.ts";

const POST = { method: "POST", headers: {}, timeoutMs: 10_000 } as const;
const NOWHERE = { api: "http://127.0.0.1:1", ingress: "http://127.0.0.1:1" };

describe("requests on users' behalf", () => {
  test("functions are called at ingress, with the host of their URL", async () => {
    await using server = await listenHttp((request, response) => {
      response.setHeader("x-saw", `${request.method} ${request.headers.host} ${request.url}`).end("done");
    });
    await using outgoing = open({ addresses: { ...NOWHERE, ingress: server.url } });
    for (const host of [
      "hello-1.us-central1.run.app",
      "us-central1-p.cloudfunctions.net",
      "hello-1.us-central1.run.localhost:8485",
    ]) {
      const answer = await outgoing.send({ ...POST, url: `https://${host}/a%20b?c=d`, body: "{}" });
      assert.deepEqual(
        [answer.status, answer.headers["x-saw"], answer.body.toString()],
        [200, `POST ${host} /a%20b?c=d`, "done"],
      );
    }
  });

  test("ingress is called inside the process where that is possible, over connections that are kept", async () => {
    const server = createServer((request, response) => setImmediate(() => response.end(request.headers.host)));
    let connections = 0;
    const connectIngress = () => {
      const [ours, theirs] = duplexPair();
      server.emit("connection", theirs);
      connections++;
      return ours;
    };
    await using outgoing = open({ connectIngress });
    for (const host of ["a.run.app", "b.run.app", "c.run.app", "d.run.app", "e.run.app"]) {
      assert.equal((await outgoing.send({ ...POST, url: `https://${host}/` })).body.toString(), host);
    }
    // A connection is ready for the next request one turn of the event loop later.
    assert.ok(connections <= 2, `${connections} connections`);
  });

  test("Google's APIs are this server's, and see that it is not the machine's owner who calls", async () => {
    await using server = await listenHttp((request, response) => {
      response.end(`${request.headers.host} ${request.headers["sec-fetch-site"]}`);
    });
    await using outgoing = open({ addresses: { ...NOWHERE, api: server.url } });
    const { host, port } = new URL(server.url);
    const ask = async (url: string) => (await outgoing.send({ ...POST, url })).body.toString();
    assert.equal(await ask("https://pubsub.googleapis.com/v1/x"), "pubsub.googleapis.com cross-site");
    assert.equal(await ask(`${server.url}/v1/x`), `${host} cross-site`);
    assert.equal(await ask(`http://localhost:${port}/v1/x`), `localhost:${port} cross-site`);
  });

  test("fields of the connection are its own", async () => {
    await using server = await listenHttp((request, response) => response.end(JSON.stringify(request.headers)));
    await using outgoing = open();
    const headers = {
      Host: "evil",
      Connection: "close",
      "Content-Length": "5",
      "Transfer-Encoding": "chunked",
      TE: "trailers",
      "X-Kept": "yes",
    };
    const { body } = await outgoing.send({ ...POST, url: server.url, headers, body: "abc" });
    const { host, "x-kept": kept, "content-length": length } = JSON.parse(body.toString()) as Record<string, string>;
    assert.deepEqual([host, kept, length], [new URL(server.url).host, "yes", "3"]);
  });

  test("local servers are called as they are, whatever they answer", async () => {
    await using server = await listenHttp((request, response) => {
      assert.equal(request.headers["sec-fetch-site"], undefined);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await using outgoing = open();
    assert.equal((await outgoing.send({ ...POST, url: server.url })).status, 302);
  });

  test("only so much of a body is read, even of one that never ends", async () => {
    await using server = await listenHttp((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, "x")));
      };
      response.on("drain", more);
      more();
    });
    await using outgoing = open();
    const answer = await outgoing.send({ ...POST, url: server.url, maxBodyBytes: 1000 });
    assert.deepEqual([answer.status, answer.body.length, answer.truncated], [200, 1000, true]);
  });

  test("the time limit covers hanging, dripping and connections that are taken and left", async () => {
    await using hanging = await listenHttp(() => {});
    await using dripping = await listenHttp((_, response) => void response.write("a"));
    await using outgoing = open();
    await rejects(outgoing, { url: hanging.url, timeoutMs: 50 }, "TIMEOUT");
    await rejects(outgoing, { url: dripping.url, timeoutMs: 50 }, "TIMEOUT");
    await rejects(outgoing, { url: hanging.url, signal: AbortSignal.timeout(20) }, "ABORTED");
    await rejects(outgoing, { url: hanging.url, signal: AbortSignal.abort() }, "ABORTED");
  });

  test("what is no HTTP, or breaks off, is an error", async () => {
    await using garbage = await listenRaw((socket) => socket.write("SSH-2.0-nonsense\r\n\r\n"));
    await using resetting = await listenRaw((socket) => socket.destroy());
    await using short = await listenRaw((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
    await using upgrading = await listenRaw((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
    );
    await using flood = await listenRaw((socket) => socket.write(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(100_000)}`));
    await using endless = await listenRaw((socket) => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)));
    await using outgoing = open();
    for (const { url } of [garbage, resetting, short, upgrading, flood, endless])
      await rejects(outgoing, { url }, "BROKEN");
  });

  test("an interim response that nothing follows is told", async () => {
    await using processing = await listenRaw((socket) => socket.end("HTTP/1.1 102 Processing\r\n\r\n"));
    await using outgoing = open();
    const error = await rejects(outgoing, { url: processing.url }, "BROKEN");
    assert.equal(error.interimStatus, 102);
  });

  test("nobody is called who is not there, or must not be", async () => {
    await using outgoing = open();
    await rejects(outgoing, { url: "http://127.0.0.1:1/" }, "UNREACHABLE");
    for (const host of [
      "169.254.169.254",
      "[fe80::1]",
      "[::ffff:169.254.169.254]",
      "2852039166",
      "metadata.google.internal",
    ]) {
      await rejects(outgoing, { url: `http://${host}/computeMetadata/v1/` }, "FORBIDDEN");
    }
    for (const url of ["ftp://127.0.0.1/", "/relative", ""]) await rejects(outgoing, { url }, "MALFORMED");
    await rejects(outgoing, { url: "http://127.0.0.1:1/", headers: { "x-bad": "a\nb" } }, "MALFORMED");
  });
});

function open(options: Partial<Parameters<typeof createOutgoing>[0]> = {}): Outgoing {
  return createOutgoing({ addresses: NOWHERE, clock: systemClock, ...options });
}

async function rejects(
  outgoing: Outgoing,
  request: Partial<OutgoingRequest> & { readonly url: string },
  kind: OutgoingErrorKind,
): Promise<OutgoingError> {
  const error = await outgoing.send({ ...POST, ...request }).then(
    ({ status }) => assert.fail(`answered ${status}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OutgoingError, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}
