import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
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

  test("ends TLS for clients that name no server, with a certificate for the address", async () => {
    const socket = connect(port(), "127.0.0.1");
    const secure = await new Promise<TLSSocket>((resolve, reject) => {
      const started = connectTls({ socket, ca, host: "127.0.0.1" }, () => resolve(started));
      started.once("error", reject);
    });
    assert.equal(
      (JSON.parse(await get(secure, "localhost", "/v1/projects/by-address")) as { projectId: string }).projectId,
      "by-address",
    );
    secure.destroy();
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

  test("lets nobody through to other hosts who is not on this machine, and takes such a caller for nobody", async () => {
    const outside = await api.listen(addressOfMachine());
    const listener = { port: outside, host: addressOfMachine() };
    await assert.rejects(openTunnel(outside, `127.0.0.1:${port()}`, listener.host), /403/);
    const path = `${api.url}/v1/projects/demo`;
    assert.equal((await send({ ...listener, path })).statusCode, 403);
    await using tunnel = await openTunnel(outside, "cloudresourcemanager.googleapis.com:443", listener.host);
    const secure = await startTls(tunnel.socket, "cloudresourcemanager.googleapis.com", ca);
    const answer = await get(secure, "cloudresourcemanager.googleapis.com", "/v1/projects/demo");
    assert.match(answer, /UNAUTHENTICATED/);
    const forwarded = { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1" };
    assert.equal((await send({ ...listener, path: "/v1/projects/demo", headers: forwarded })).statusCode, 401);
  });

  test("takes a web page of another origin for nobody", async () => {
    const path = "/v1/projects/demo";
    const ask = async (headers: Record<string, string>) =>
      (await send({ host: "127.0.0.1", port: port(), path, headers })).statusCode;
    assert.equal(await ask({ origin: api.url, "sec-fetch-site": "same-origin" }), 200);
    assert.equal(await ask({ host: "localhost:8484" }), 200);
    assert.equal(await ask({ host: "[::1]:8484" }), 200);
    assert.equal(await ask({ origin: "https://page.example" }), 401);
    assert.equal(await ask({ origin: "http://hello-123.us-central1.run.localhost:8485" }), 401);
    assert.equal(await ask({ origin: "null" }), 401);
    assert.equal(await ask({ "sec-fetch-site": "cross-site" }), 401);
    // A name that was bent to this machine: the browser takes the API for the page's own origin.
    const rebound = `page.example:${port()}`;
    assert.equal(await ask({ host: rebound }), 401);
    assert.equal(await ask({ host: rebound, origin: `http://${rebound}`, "sec-fetch-site": "same-origin" }), 401);
  });

  test("refuses what makes no URL, and goes on", async () => {
    const raw = async (head: string) => {
      const socket = connect(port(), "127.0.0.1");
      socket.end(`${head}\r\nConnection: close\r\n\r\n`);
      return (await text(socket)).split("\r\n")[0];
    };
    assert.equal(await raw("GET /v1/projects HTTP/1.1\r\nHost: ["), "HTTP/1.1 400 Bad Request");
    assert.equal(await raw("GET // HTTP/1.1\r\nHost: localhost"), "HTTP/1.1 404 Not Found");
    assert.equal(await raw("GET //evil.example/v1/projects HTTP/1.1\r\nHost: localhost"), "HTTP/1.1 404 Not Found");
    const absolute = "GET http://cloudresourcemanager.googleapis.com:80/v1/projects/demo HTTP/1.1\r\nHost: ";
    assert.equal(await raw(`${absolute}cloudresourcemanager.googleapis.com`), "HTTP/1.1 200 OK");
    assert.equal(await raw(`${absolute}other.googleapis.com`), "HTTP/1.1 400 Bad Request");
    assert.equal(await raw("GET /v1/projects/%zz HTTP/1.1\r\nHost: localhost"), "HTTP/1.1 400 Bad Request");
    assert.equal(await raw("GET http://other.example:99999/ HTTP/1.1\r\nHost: x"), "HTTP/1.1 400 Bad Request");
    assert.equal(await raw("CONNECT other.example:99999 HTTP/1.1\r\nHost: x"), "HTTP/1.1 400 Bad Request");
    assert.equal((await api.json("GET", "/v1/projects/demo")).status, 200);
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

/** An address by which this machine is no loopback caller of its own. */
function addressOfMachine(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outward = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  assert.ok(outward, "the machine has no network");
  return outward.address;
}

function send(options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...options, agent: false }, (response) => resolve(response.resume()));
    request.on("error", reject).end();
  });
}

function openTunnel(proxyPort: number, authority: string, proxyHost = "127.0.0.1") {
  return new Promise<{ socket: Socket } & AsyncDisposable>((resolve, reject) => {
    const socket = connect(proxyPort, proxyHost);
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
