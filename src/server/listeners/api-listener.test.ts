import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type BootedApi, bootApi } from "../../../tests/support/boot-api.ts";
import { Locations } from "../../gen/google/cloud/location/locations_pb.js";
import { Projects } from "../../gen/google/cloud/resourcemanager/v3/projects_pb.js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { cloudresourcemanager } from "../../services/cloudresourcemanager/module.ts";

describe("the API port", () => {
  let api: BootedApi;
  let ca: string;
  before(async () => {
    api = await bootApi((deps) => [cloudresourcemanager(deps)]);
    ca = await readFile(join(api.dataDir, "tls", "ca.pem"), "utf8");
  });
  after(() => api[Symbol.asyncDispose]());

  const port = () => Number(new URL(api.url).port);

  test("speaks gRPC without TLS, with the same errors as REST in status details", async () => {
    const client = new Client(api.grpcAddress, credentials.createInsecure());
    const locations = await unary(client, Locations.method.listLocations, { name: "projects/demo" });
    assert.ok(locations.locations.some((location) => location.locationId === "us-central1"));
    const refused: ServiceError = await unary(client, Projects.method.getProject, {
      name: "projects/999999999999",
    }).then(
      () => assert.fail("an unknown project number must be refused"),
      (error: ServiceError) => error,
    );
    assert.equal(refused.code, 7);
    const [details] = refused.metadata.get("grpc-status-details-bin");
    assert.equal(fromBinary(StatusSchema, details as Buffer).message, refused.details);
    client.close();
  });

  test("ends TLS for Google's hosts behind CONNECT, with certificates of its own authority", async () => {
    await using tunnel = await openTunnel(port(), "cloudresourcemanager.googleapis.com:443");
    const secure = await startTls(tunnel.socket, "cloudresourcemanager.googleapis.com", ca);
    assert.equal(secure.alpnProtocol, "http/1.1");
    const body = await get(secure, "cloudresourcemanager.googleapis.com", "/v1/projects/through-the-proxy");
    assert.equal((JSON.parse(body) as { projectId: string }).projectId, "through-the-proxy");
  });

  test("takes gRPC through the proxy from clients that know HTTP/2 only", async () => {
    await using tunnel = await openTunnel(port(), "cloudresourcemanager.googleapis.com:443");
    const secure = await startTls(tunnel.socket, "cloudresourcemanager.googleapis.com", ca, ["h2"]);
    assert.equal(secure.alpnProtocol, "h2");
    const session = connectHttp2("https://cloudresourcemanager.googleapis.com", { createConnection: () => secure });
    const stream = session.request({
      ":method": "POST",
      ":path": `/${Locations.typeName}/ListLocations`,
      "content-type": "application/grpc",
      te: "trailers",
    });
    // An empty message: uncompressed, no bytes.
    stream.end(Buffer.alloc(5));
    stream.resume();
    const [trailers] = (await once(stream, "trailers")) as [IncomingHttpHeaders];
    assert.equal(trailers["grpc-status"], "0");
    session.destroy();
  });

  test("lets other hosts through untouched, by CONNECT and in absolute form", async () => {
    const other = createServer((request, response) => response.end(`other saw ${request.url}`));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const otherPort = (other.address() as AddressInfo).port;
    await using tunnel = await openTunnel(port(), `127.0.0.1:${otherPort}`);
    assert.equal(await get(tunnel.socket, "127.0.0.1", "/by-connect"), "other saw /by-connect");
    const absolute = await new Promise<IncomingMessage>((resolve, reject) => {
      const path = `http://127.0.0.1:${otherPort}/absolute`;
      httpRequest({ host: "127.0.0.1", port: port(), path }, resolve).on("error", reject).end();
    });
    assert.equal(await text(absolute), "other saw /absolute");
    other.close();
    other.closeAllConnections();
  });

  test("answers a tunnel to a host that cannot be reached with 502", async () => {
    await assert.rejects(openTunnel(port(), "127.0.0.1:1"), /502/);
  });

  test("finds an API by the Host header and by path prefix", async () => {
    const byHost = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { host: "cloudresourcemanager.googleapis.com" };
      httpRequest({ host: "127.0.0.1", port: port(), path: "/v1/projects/by-host", headers }, resolve)
        .on("error", reject)
        .end();
    });
    assert.equal((JSON.parse(await text(byHost)) as { projectId: string }).projectId, "by-host");
    const byPrefix = await api.json("GET", "/cloudresourcemanager/v3/projects/by-prefix");
    assert.equal(byPrefix.body["projectId"], "by-prefix");
    assert.equal((await api.json("GET", "/nowhere/v3/projects")).status, 404);
  });
});

type Unary = typeof Locations.method.listLocations | typeof Projects.method.getProject;

function unary<Method extends Unary>(client: Client, method: Method, request: { name: string }) {
  type Answer = ReturnType<typeof fromBinary<Method["output"]>>;
  return new Promise<Answer>((resolve, reject) => {
    client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (message: Parameters<typeof toBinary<Method["input"]>>[1]) =>
        Buffer.from(toBinary<Method["input"]>(method.input, message)),
      (bytes) => fromBinary<Method["output"]>(method.output, bytes),
      create<Method["input"]>(method.input, request as never),
      (error, answer) => (error ? reject(error) : resolve(answer!)),
    );
  });
}

function openTunnel(proxyPort: number, authority: string) {
  return new Promise<{ socket: Socket } & AsyncDisposable>((resolve, reject) => {
    const socket = connect(proxyPort, "127.0.0.1");
    socket.once("error", reject);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    socket.once("data", (chunk: Buffer) => {
      const [status = ""] = chunk.toString().split("\r\n");
      if (!status.includes(" 200 ")) return reject(new Error(status));
      resolve({ socket, [Symbol.asyncDispose]: async () => void socket.destroy() });
    });
  });
}

function startTls(socket: Socket, servername: string, ca: string, ALPNProtocols = ["h2", "http/1.1"]) {
  return new Promise<TLSSocket>((resolve, reject) => {
    const secure = connectTls({ socket, servername, ca, ALPNProtocols }, () => resolve(secure));
    secure.once("error", reject);
  });
}

async function get(socket: Socket, host: string, path: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ createConnection: () => socket, host, path, headers: { connection: "close" } }, resolve)
      .on("error", reject)
      .end();
  });
  return text(response);
}
