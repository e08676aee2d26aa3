import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../platform/log.ts";
import { runCommand } from "../host/run-command.ts";
import { testTools } from "../host/testing/test-tools.ts";
import { networkNames } from "./names.ts";
import { NetworkError, type Networks } from "./network.ts";
import { createNetworks } from "./networks.ts";
import { startGreeter, startGreeterIn } from "./testing/greeters.ts";
import { probe } from "./testing/probe.ts";
import { createVirtualHost } from "./testing/virtual-host.ts";

const SERVER = fileURLToPath(new URL("testdata/server.ts", import.meta.url));
const tools = await testTools();
const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "homerun-network-"));
  folders.push(folder);
  return folder;
}

function open(dataDir = newFolder(), warmNamespaces = 0): Promise<Networks> {
  return createNetworks({ dataDir, ip: tools.ip, nft: tools.nft, clock: systemClock, log: silentLog, warmNamespaces });
}

/** What the host still has of a data folder's network. */
async function remains(dataDir: string): Promise<string[]> {
  const { key, bridge, table } = networkNames(dataDir);
  const links = await runCommand(tools.ip, ["-br", "link"]);
  const tables = await runCommand(tools.nft, ["list", "tables"]);
  return [
    ...globSync(`/run/netns/homerun-${key}-*`),
    ...links.split("\n").filter((line) => line.startsWith(bridge) || line.startsWith(`hr${key}`)),
    ...tables.split("\n").filter((line) => line.includes(table)),
  ];
}

test("the host reaches a sandbox, other sandboxes do not", async () => {
  await using networks = await open();
  await using one = await networks.acquire();
  await using other = await networks.acquire();
  await using inside = await startGreeterIn(one.namespacePath, "inside");
  const target = `tcp://${one.address}:${inside.port}`;
  assert.deepEqual(await probe("/proc/self/ns/net", [target]), [`inside to ${networks.gateway}`]);
  assert.deepEqual(await probe(other.namespacePath, [target], 300), ["unreachable"]);
  assert.deepEqual(await probe(one.namespacePath, [`tcp://127.0.0.1:${inside.port}`]), ["inside to 127.0.0.1"]);
});

test("a sandbox reaches the services at their well-known addresses, and nothing else of the host", async () => {
  await using networks = await open();
  const { gateway } = networks;
  await using lease = await networks.acquire();
  await using metadata = await startGreeter(gateway, "metadata");
  await using dns = await startGreeter(gateway, "dns");
  await using https = await startGreeter(gateway, "https");
  await using everywhere = await startGreeter("0.0.0.0", "private");
  await using loopback = await startGreeter("127.0.0.1", "private");
  const known = [
    "tcp://169.254.169.254:80",
    `tcp://${gateway}:53`,
    `udp://${gateway}:53`,
    `tcp://${gateway}:443`,
    `tcp://${gateway}:80`,
  ];
  assert.deepEqual(new Set(await probe(lease.namespacePath, known)), new Set(["unreachable"]));

  await networks.setServices({ metadata: metadata.port, dns: dns.port, https: https.port });
  assert.deepEqual(await probe(lease.namespacePath, known), [
    `metadata to ${lease.address}`,
    `dns to ${lease.address}`,
    `dns to ${lease.address}`,
    `https to ${lease.address}`,
    "unreachable",
  ]);
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const others = addresses.filter(({ family }) => family === "IPv4").map(({ address }) => address);
  const forbidden = [
    ...others.map((address) => `tcp://${address}:${everywhere.port}`),
    ...others.map((address) => `udp://${address}:${everywhere.port}`),
    `tcp://${gateway}:${metadata.port}`,
    `tcp://127.0.0.1:${loopback.port}`,
    "tcp://169.254.169.254:8080",
  ];
  const answers = await probe(lease.namespacePath, forbidden);
  assert.deepEqual([...new Set(answers)].sort(), ["refused", "unreachable"]);

  await networks.setServices({ https: https.port });
  assert.equal((await probe(lease.namespacePath, known))[0], "unreachable");
});

test("a sandbox reaches the outside through the host's address, unless confined to the services", async () => {
  await using outside = await createVirtualHost(tools);
  const link = `hrt${outside.path.slice(-9)}`.replaceAll("-", "x");
  await runCommand(
    tools.ip,
    ["-batch", "-"],
    [
      `link add ${link} type veth peer name eth0 netns ${outside.path.split("/").at(-1)}`,
      `addr add 203.0.113.1/30 dev ${link}`,
      `link set ${link} up`,
    ].join("\n"),
  );
  const outsideSetup = ["addr add 203.0.113.2/30 dev eth0", "link set eth0 up", "route add default via 203.0.113.1"];
  await runCommand(outside.ip, ["-batch", "-"], outsideSetup.join("\n"));
  await using server = await startGreeterIn(outside.path, "outside");
  const target = `tcp://203.0.113.2:${server.port}`;

  await using networks = await open();
  await using service = await startGreeter(networks.gateway, "service");
  await networks.setServices({ https: service.port });
  await using free = await networks.acquire();
  assert.deepEqual(await probe(free.namespacePath, [target]), ["outside to 203.0.113.1"]);
  await using inside = await startGreeterIn(free.namespacePath, "inside");
  assert.deepEqual(await probe(outside.path, [`tcp://${free.address}:${inside.port}`], 300), ["unreachable"]);

  const confined = await networks.acquire({ egress: "none" });
  const targets = [target, `tcp://${networks.gateway}:443`];
  assert.deepEqual(await probe(confined.namespacePath, targets), ["unreachable", `service to ${confined.address}`]);
  await confined[Symbol.asyncDispose]();
  const rules = await runCommand(tools.nft, ["list", "set", "inet", networkNames(folders.at(-1)!).table, "confined"]);
  assert.equal(rules.includes(confined.address), false);
});

test("namespaces are prepared ahead and never handed out twice", async () => {
  const dataDir = newFolder();
  await using networks = await open(dataDir, 2);
  const leases = await Promise.all([1, 2, 3].map(() => networks.acquire()));
  assert.equal(new Set(leases.map(({ address }) => address)).size, 3);
  const [first] = leases;
  await first![Symbol.asyncDispose]();
  assert.equal(existsSync(first!.namespacePath), false);
  const next = await Promise.all([1, 2, 3, 4].map(() => networks.acquire()));
  assert.equal(
    next.some(({ namespacePath }) => namespacePath === first!.namespacePath),
    false,
  );
  await networks[Symbol.asyncDispose]();
  assert.deepEqual(await remains(dataDir), []);
  await assert.rejects(networks.acquire(), NetworkError);
});

test("servers side by side get different subnets, and the same one again later", async () => {
  const [one, other] = [newFolder(), newFolder()];
  await using first = await open(one);
  await using second = await open(other);
  assert.notEqual(first.subnet, second.subnet);
  await first[Symbol.asyncDispose]();
  await using again = await open(one);
  assert.equal(again.subnet, first.subnet);
});

test("what a killed server left is removed by the next one", async () => {
  const dataDir = newFolder();
  const server = spawn(process.execPath, [SERVER, dataDir, tools.ip, tools.nft], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const { subnet, path } = JSON.parse(line.toString()) as { subnet: string; path: string };
  server.kill("SIGKILL");
  await once(server, "exit");
  assert.ok(existsSync(path));
  const networks = await open(dataDir);
  assert.equal(networks.subnet, subnet);
  assert.equal(existsSync(path), false);
  await networks[Symbol.asyncDispose]();
  assert.deepEqual(await remains(dataDir), []);
});

test("firewalls that drop by default let sandboxes pass, and are left as they were", async () => {
  await using host = await createVirtualHost(tools);
  const chain = (name: string, rest: string) => `chain ${name} {\n type filter hook ${rest}\n}`;
  const chains = [
    chain("FORWARD", "forward priority 0; policy drop;\n ip daddr 192.0.2.1 drop"),
    chain("INPUT", "input priority 0; policy drop;"),
    chain("OUTPUT", "output priority 0; policy accept;"),
  ];
  await runCommand(host.nft, ["-f", "-"], `table ip filter {\n${chains.join("\n")}\n}\n`);
  const ruleset = () => runCommand(host.nft, ["list", "ruleset"]);
  const original = await ruleset();
  const dataDir = newFolder();
  const { bridge, table } = networkNames(dataDir);
  const leftover = `add rule ip filter INPUT iifname "${bridge}" accept comment "${table}"\n`;
  await runCommand(host.nft, ["-f", "-"], leftover);
  const networks = await createNetworks({
    dataDir,
    ip: host.ip,
    nft: host.nft,
    clock: systemClock,
    log: silentLog,
    warmNamespaces: 0,
  });
  const rules = (await ruleset()).split("table inet")[0]!;
  assert.equal(rules.match(new RegExp(`iifname "${bridge}" accept`, "g"))?.length, 2);
  assert.equal(rules.match(new RegExp(`oifname "${bridge}" accept`, "g"))?.length, 1);
  assert.match(rules, /192\.0\.2\.1 drop\n\s+iifname/, "explicit rules stay before ours");
  await networks[Symbol.asyncDispose]();
  assert.equal(await ruleset(), original);
});
