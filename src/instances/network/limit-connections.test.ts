import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { limitConnections } from "./limit-connections.ts";

test("an address may have so many connections, and another one as soon as one has ended", async () => {
  const server = createServer();
  limitConnections(server, 2);
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    if (!socket.destroyed) socket.write("hello");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const dial = (localAddress: string) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    const outcome = new Promise<string>((resolve) => {
      socket.once("data", () => resolve("served")).once("close", () => resolve("ended"));
      socket.on("error", () => {});
    });
    return { socket, outcome };
  };
  const first = dial("127.0.0.1");
  const second = dial("127.0.0.1");
  assert.deepEqual(await Promise.all([first.outcome, second.outcome]), ["served", "served"]);
  assert.equal(await dial("127.0.0.1").outcome, "ended");
  const other = dial("127.0.0.2");
  assert.equal(await other.outcome, "served");
  first.socket.destroy();
  let again = dial("127.0.0.1");
  while ((await again.outcome) === "ended") again = dial("127.0.0.1");
  for (const { socket } of [second, other, again]) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
