import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { connect } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../../../platform/clock.ts";
import { silentLog } from "../../../platform/log.ts";
import { startDnsServer } from "./dns-server.ts";
import { type HostNames, readHostNames } from "./host-names.ts";
import { readFrames, writeFrame } from "./tcp-frames.ts";

const folder = mkdtempSync(join(tmpdir(), "homerun-dns-"));
after(() => rmSync(folder, { recursive: true }));

const NOWHERE: HostNames = { resolvers: async () => [], fixedAddresses: async () => [] };

function start(names: Record<string, string>, hostNames = NOWHERE) {
  const addressOf = (name: string) => names[name];
  return startDnsServer({ address: "127.0.0.1", addressOf, hostNames, clock: systemClock, log: silentLog });
}

function resolverFor(port: number): Resolver {
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  return resolver;
}

test("answers its own names, and no IPv6 address for them", async () => {
  await using server = await start({ "metadata.google.internal": "169.254.169.254" });
  const resolver = resolverFor(server.port);
  assert.deepEqual(await resolver.resolve4("Metadata.Google.Internal"), ["169.254.169.254"]);
  await assert.rejects(resolver.resolve6("metadata.google.internal"), { code: "ENODATA" });
  await assert.rejects(resolver.resolve4("other.example"), { code: "ESERVFAIL" });
});

test("asks the host's resolvers in order about other names", async () => {
  await using upstream = await start({ "db.example": "192.0.2.7" });
  const resolvers = [
    { address: "127.0.0.1", port: 1 },
    { address: "127.0.0.1", port: upstream.port },
  ];
  await using server = await start({}, { ...NOWHERE, resolvers: async () => resolvers });
  assert.deepEqual(await resolverFor(server.port).resolve4("db.example"), ["192.0.2.7"]);
});

test("serves TCP, several questions on one connection", async () => {
  await using upstream = await start({ "a.example": "192.0.2.7" });
  const resolvers = [{ address: "127.0.0.1", port: upstream.port }];
  await using server = await start({ "b.example": "192.0.2.8" }, { ...NOWHERE, resolvers: async () => resolvers });
  const socket = connect(server.port, "127.0.0.1");
  const answers: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  readFrames(socket, (message) => answers.push(message) === 2 && resolve());
  await once(socket, "connect");
  for (const letter of ["61", "62"]) {
    const name = `01${letter}076578616d706c6500`;
    writeFrame(socket, Buffer.from(`00${letter}01000001000000000000${name}00010001`, "hex"));
  }
  await promise;
  socket.destroy();
  const last = answers.map((answer) => [answer[1], answer.at(-1)]).toSorted((a, b) => a[0]! - b[0]!);
  assert.deepEqual(last, [
    [0x61, 7],
    [0x62, 8],
  ]);
});

test("reads the host's files, without names for the host itself", async () => {
  const [resolvConf, hosts] = [join(folder, "resolv.conf"), join(folder, "hosts")];
  writeFileSync(resolvConf, "# comment\nsearch x\nnameserver 192.0.2.53\nnameserver ::1 # local\nnameserver bad\n");
  writeFileSync(hosts, "127.0.0.1 localhost\n127.0.1.1 me\n192.0.2.9\tRegistry.example  registry # own\n");
  const names = readHostNames(resolvConf, hosts);
  assert.deepEqual(await names.resolvers(), [
    { address: "192.0.2.53", port: 53 },
    { address: "::1", port: 53 },
  ]);
  assert.deepEqual(await names.fixedAddresses("registry.example"), ["192.0.2.9"]);
  assert.deepEqual(await names.fixedAddresses("me"), []);
  await using server = await start({}, { ...NOWHERE, fixedAddresses: names.fixedAddresses });
  assert.deepEqual(await resolverFor(server.port).resolve4("registry"), ["192.0.2.9"]);
});
