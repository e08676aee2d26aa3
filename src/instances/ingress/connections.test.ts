import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { silentLog } from "../../platform/log.ts";
import { createIngress, type IngressDeps } from "./ingress.ts";

/** Ingress without any service. */
async function openIngress(maxConnections: number) {
  const deps = {
    clock: systemClock,
    ids: randomIds,
    log: silentLog,
    routes: { find: () => undefined },
    poolOf: () => undefined,
    authorizeInvoker: async () => "ALLOWED",
    isInternalAddress: () => false,
    writeLog: () => undefined,
    maxHttp1Bytes: 1024,
    maxConnections,
  };
  const ingress = createIngress(deps as unknown as IngressDeps);
  const { port } = await ingress.listen({ port: 0 });
  return { port, [Symbol.asyncDispose]: () => ingress[Symbol.asyncDispose]() };
}

test("beyond the limit the connection ends that has waited longest, and new callers are served", async () => {
  await using ingress = await openIngress(20);
  const idle = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const socket = connect(ingress.port, "127.0.0.1");
      socket.on("error", () => undefined);
      await once(socket, "connect");
      // Half a request counts as waiting, too.
      if (n % 2 === 0) socket.write("GET / HTTP/1.1\r\nHost: x\r\nX: ");
      return socket.resume();
    }),
  );
  const ended = new Promise((resolve) => idle[0]!.once("close", resolve));
  const response = await fetch(`http://127.0.0.1:${ingress.port}/`);
  assert.deepEqual([response.status, (await response.text()).includes("Page not found")], [404, true]);
  await ended;
  for (const socket of idle) socket.destroy();
});

test("HTTP/2 connections without requests make room, too", async () => {
  await using ingress = await openIngress(5);
  const sessions = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const session = connectHttp2(`http://127.0.0.1:${ingress.port}`);
      session.on("error", () => undefined);
      const stream = session.request({ ":path": "/", ":authority": "x" });
      await once(stream.resume(), "end");
      return session;
    }),
  );
  for (let n = 0; n < 5; n++) {
    const response = await fetch(`http://127.0.0.1:${ingress.port}/`, { headers: { connection: "close" } });
    assert.equal(response.status, 404);
    await response.arrayBuffer();
  }
  for (const session of sessions) session.destroy();
});
