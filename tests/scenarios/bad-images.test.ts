import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "../../src/oci/digest.ts";
import { hostArchitecture } from "../../src/oci/manifest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { tarOf } from "../support/archives.ts";
import { type HostileImage, type HostileRegistry, startHostileRegistry } from "../support/hostile-registry.ts";
import { leftoversOf } from "../support/leftovers.ts";
import { answering, deploy, LOCATION } from "../support/real-functions.ts";
import { type RealServer, startRealServer } from "../support/real-server.ts";
import { runningInstances } from "../support/running-sandboxes.ts";
import { pushNodeImage, registryClientOf } from "../support/step-image.ts";
import { until } from "../support/until.ts";
import { warmDataFolder } from "../support/warm-data.ts";

const SERVICES = `/run/v2/${LOCATION}/services`;
const ESCAPED = "/tmp/homerun-bad-images-escaped";
const OTHER_ARCHITECTURE = hostArchitecture() === "arm64" ? "amd64" : "arm64";
const { manifest: IMAGE, index: INDEX, config: CONFIG } = mediaTypes;
const START = "terminated: Application failed to start: ";

/** Answers with where it runs and what the image's last layer holds. */
const APP = `
const { readdirSync } = require("node:fs");
const body = JSON.stringify([process.cwd(), readdirSync("/last")]);
require("node:http").createServer((request, response) => response.end(body)).listen(process.env.PORT);
`;

/** Each one is tried as a new revision of a service that serves, and must leave it serving. */
describe("an image", () => {
  let dataDir: string;
  let server: RealServer;
  let registry: HostileRegistry;
  let url: string;

  before(async () => {
    registry = await startHostileRegistry();
    dataDir = await warmDataFolder();
    server = await startRealServer({ dataDir });
    url = await deploy(server, "steady", { code: answering("steady") });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Expects that a revision of the image is not ready for this reason, and says why in these words. */
  async function fails(image: string, reason: string, message: RegExp): Promise<void> {
    const name = `${SERVICES}/steady`;
    const template = { containers: [{ image, resources: { cpuIdle: true } }] };
    const answer = await server.json("PATCH", `${name}?updateMask=template`, { template });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { body } = await server.json("POST", `/run/v2/${String(answer.body["name"])}:wait`, { timeout: "60s" });
    const service = (await server.json("GET", name)).body;
    const revision = (await server.json("GET", `/run/v2/${String(service["latestCreatedRevision"])}`)).body;
    const ready = (revision["conditions"] as Record<string, string>[]).find(({ type }) => type === "Ready")!;
    assert.match(ready["message"]!, message);
    assert.equal(ready["reason"] ?? ready["revisionReason"], reason);
    assert.match(JSON.stringify(body["error"]), /Revision 'steady-.*' is not ready and cannot serve traffic/);
    assert.deepEqual(await server.call(url), { status: 200, body: "steady" });
  }

  const missing = (image: string, message: RegExp) => fails(image, "CONTAINER_MISSING", message);
  const unhealthy = (image: string, message: RegExp) => fails(image, "HEALTH_CHECK_CONTAINER_ERROR", message);

  /** An image of one layer with these files, which runs a command. */
  async function imageOf(tag: string, content: Record<string, string>, more: Partial<HostileImage> = {}, mode = 0o755) {
    const entries = Object.entries(content).map(([name, text]) => ({ header: { name, mode }, content: text }));
    return registry.image(tag, { ...layerOf(await tarOf(entries)), ...more });
  }

  const run = (Entrypoint: unknown, more: Record<string, unknown> = {}) => ({ config: { Entrypoint, ...more } });

  test("that is not there is not found", async () => {
    await missing(`${registry.host}/hostile/image:absent`, /^Image '127.*:absent' not found\.$/);
  });

  test("for other processors only is not supported", async () => {
    const { descriptor } = await imageOf("other", { app: "x" });
    const platform = { os: "linux", architecture: OTHER_ARCHITECTURE };
    const manifests = [{ mediaType: IMAGE, ...descriptor, platform }];
    const index = registry.manifest("index", { schemaVersion: 2, mediaType: INDEX, manifests }, INDEX);
    const words = `Container manifest type '${INDEX}' must support ${hostArchitecture()}/linux.`;
    await missing(index, new RegExp(`^Cloud Run does not support image '.*': ${words.replaceAll("+", "\\+")}$`));
  });

  test("with a program that is none of this machine's is told so in Google's words, in the log, too", async () => {
    const { reference } = await imageOf("exec", { app: "\x7fELF garbage" }, run(["/app"]));
    await unhealthy(reference, new RegExp(`listen on the port[\\s\\S]*${START}failed to load /app: exec format error`));
    const texts = await until(async () => {
      const { body } = await server.json("POST", "/logging/v2/entries:list", {
        resourceNames: ["projects/homerun-local"],
        filter: `logName:"system" AND (textPayload:"terminated" OR textPayload:"exec likely")`,
      });
      const entries = (body["entries"] ?? []) as { textPayload: string; severity: string }[];
      return entries.length === 2 && entries.map(({ textPayload, severity }) => `${severity} ${textPayload}`);
    });
    assert.deepEqual(texts, [
      `ERROR ${START}failed to load /app: exec format error`,
      "ERROR Application exec likely failed",
    ]);
  });

  test("whose program is not there or may not be run is told so", async () => {
    const why = (words: string) => new RegExp(`${START}failed to load ${words}`);
    const none = await imageOf("none", { app: "x" });
    await unhealthy(none.reference, new RegExp(`${START}no command is given`));
    const absent = await imageOf("absent-program", { app: "x" }, run(["/absent"]));
    await unhealthy(absent.reference, why("/absent: no such file or directory"));
    const unknown = await imageOf("unknown-program", { app: "x" }, run(["absent"]));
    await unhealthy(unknown.reference, why("absent: no such file or directory"));
    const closed = await imageOf("closed", { app: "x" }, run(["/app"]), 0o644);
    await unhealthy(closed.reference, why("/app: permission denied"));
    const script = await imageOf("script", { app: "#!/bin/absent\n" }, run(["/app"]));
    await unhealthy(script.reference, why("/app: no such file or directory"));
  });

  test("whose user is unknown is told so", async () => {
    const { reference } = await imageOf("user", { app: "x" }, run(["/app"], { User: "stranger" }));
    await unhealthy(reference, new RegExp(`${START}The image's user "stranger" is not in its /etc/passwd`));
  });

  test("with damaged layers is not imported", async () => {
    const layer = await tarOf([{ header: { name: "app" }, content: "x".repeat(100_000) }]);
    const failed = (words: string) => new RegExp(`^Container import failed: layer sha256:[0-9a-f]*: .*${words}`);
    const cut = registry.image("cut", { layers: [layer.subarray(0, -20)], ...diffIdsOf(layer) });
    await missing(cut.reference, failed("unexpected end of file"));
    const text = Buffer.from("this is no archive ".repeat(100));
    await missing(
      registry.image("text", { layers: [text], diffIds: [digestOf(text)] }).reference,
      failed("tar header"),
    );
    const other = registry.image("other-content", { layers: [layer], diffIds: [digestOf("other")] });
    await missing(other.reference, failed("unpacks to sha256"));
    const { reference } = await imageOf("lie", { app: "first" });
    registry.blob(await tarOf([{ header: { name: "app" }, content: "lie" }]), registry.layersOf("lie")[0]);
    await missing(reference, failed("has digest [0-9a-f]{64}"));
    const lost = await imageOf("lost", { app: "lost" });
    registry.forget(registry.layersOf("lost")[0]!);
    await missing(lost.reference, failed("status 404"));
  });

  test("with paths and links that lead out of it is not imported", async () => {
    const escapes = await imageOf("escapes", { [`../../../../../../../..${ESCAPED}`]: "x" });
    await missing(escapes.reference, /unsafe path in layer/);
    const link = await tarOf([{ header: { name: "passwd", type: "link", linkname: "/etc/passwd" } }]);
    await missing(registry.image("link", layerOf(link)).reference, /hard link to something that is not/);
    assert.ok(!existsSync(ESCAPED));
  });

  test("with a manifest or configuration that cannot be read is not imported", async () => {
    const index = (more: object) => ({ schemaVersion: 2, mediaType: INDEX, manifests: [], ...more });
    const large = registry.manifest("large", index({ annotations: { x: "x".repeat(17e6) } }), INDEX);
    await missing(large, /^Container import failed: .* is larger than 16777216 bytes$/);
    const first = { schemaVersion: 1, name: "x", fsLayers: [] };
    const schema1 = registry.manifest("schema1", first, "application/vnd.docker.distribution.manifest.v1+prettyjws");
    await missing(schema1, /^Container import failed: schemaVersion must be 2$/);
    const text = registry.manifest("not-json", Buffer.from("text"));
    await missing(text, /^Container import failed: not valid JSON$/);
    const config = { mediaType: CONFIG, ...registry.blob(Buffer.from("text")) };
    const broken = registry.manifest("config", { schemaVersion: 2, mediaType: IMAGE, config, layers: [] });
    await missing(broken, /^Container import failed: image configuration that is no JSON$/);
    const { reference } = await imageOf("types", { app: "x" }, run("/app"));
    await missing(reference, /^Container import failed: image configuration whose Entrypoint is no list of texts$/);
  });

  test("of many platforms, with a zstd layer, a device and a folder that is not there, runs", async () => {
    const name = "us-central1-docker.pkg.dev/homerun-local/gcf-artifacts/platforms";
    const tar = gunzipSync(
      await tarOf([
        { header: { name: "last/app.js" }, content: APP },
        { header: { name: "last/device", type: "block-device", devmajor: 8, devminor: 0, mode: 0o666 } },
      ]),
    );
    const source = zstdCompressSync(tar);
    const descriptor = { mediaType: mediaTypes.layerZstd, digest: digestOf(source), size: source.byteLength };
    const client = registryClientOf(server);
    const layers = [{ descriptor, diffId: digestOf(tar), source }];
    const config = { Entrypoint: ["node", "/last/app.js"], WorkingDir: "/made/on/demand" };
    const other = await pushNodeImage(client, `${name}:other`);
    const right = await pushNodeImage(client, `${name}:right`, { layers, config });
    const entry = async (digest: string, architecture: string) => ({
      mediaType: IMAGE,
      digest,
      size: (await client.getManifest(parseReference(`${name}@${digest}`))).content.byteLength,
      platform: { os: "linux", architecture },
    });
    const others = await Promise.all(Array.from({ length: 40 }, (_, index) => entry(other, `other${index}`)));
    const manifests = [...others, await entry(right, hostArchitecture()), ...others];
    const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
    await client.putManifest(parseReference(`${name}:index`), { mediaType: INDEX, content });
    const containers = [{ image: `${name}:index`, resources: { cpuIdle: true } }];
    const answer = await server.json("PATCH", `${SERVICES}/steady?updateMask=template`, { template: { containers } });
    const { body } = await server.json("POST", `/run/v2/${String(answer.body["name"])}:wait`, { timeout: "60s" });
    assert.equal(body["error"], undefined, JSON.stringify(body));
    const { body: text } = await server.call(url);
    assert.deepEqual(JSON.parse(text), ["/made/on/demand", ["app.js"]]);
  });

  test("leaves nothing behind when it fails", async () => {
    // The instance that served before is on its way out.
    await until(async () => runningInstances(dataDir).length === 1);
    await until(async () => readdirSync(join(dataDir, "sandboxes", "bundles")).length === 1);
    assert.deepEqual(
      readdirSync(join(dataDir, "layers")).filter((name) => name.startsWith(".unpacking")),
      [],
    );
    await server.stop();
    assert.deepEqual(leftoversOf(dataDir), []);
  });
});

function layerOf(layer: Buffer): Pick<HostileImage, "layers" | "diffIds"> {
  return { layers: [layer], ...diffIdsOf(layer) };
}

function diffIdsOf(layer: Buffer) {
  return { diffIds: [digestOf(gunzipSync(layer))] };
}
