// A container's main process for tests: the path of a request says what to do.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void;

const { PORT = "8080", HOST = "0.0.0.0", START = "", NAME = "" } = process.env;

/** Status of answers to health checks. */
let health = 200;

const handlers: Record<string, Handler> = {
  "/health": (_request, response) => response.writeHead(health).end(),
  "/sicken": (_request, response, query) => {
    health = Number(query.get("status"));
    response.end();
  },
  "/": (_request, response) => response.end(`hello from ${NAME}`),
  "/pid": (_request, response) => response.end(String(process.pid)),
  "/env": (_request, response) => response.end(JSON.stringify(process.env)),
  "/inspect": (request, response) =>
    response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers })),
  "/slow": (_request, response, query) =>
    void setTimeout(() => response.end(String(process.pid)), Number(query.get("ms"))),
  "/hang": () => undefined,
  "/echo": (request, response) => {
    response.setHeader("trailer", "x-checksum");
    request.pipe(response, { end: false });
    request.once("end", () => {
      response.addTrailers({ "x-checksum": "done" });
      response.end();
    });
  },
  "/count": (request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => (bytes += chunk.length));
    request.once("end", () => response.end(String(bytes)));
  },
  "/refuse": (_request, response) => {
    response.statusCode = 409;
    response.end("not read");
  },
  "/events": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const timer = setInterval(() => response.write(`data: ${Date.now()}\n\n`), 20);
    request.once("close", () => {
      clearInterval(timer);
      console.log("caller gone");
    });
  },
  "/big": (_request, response, query) => {
    response.setHeader("content-length", query.get("bytes") ?? "0");
    response.end(Buffer.alloc(Number(query.get("bytes"))));
  },
  "/cookies": (_request, response) => {
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    response.end();
  },
  "/unlisten": (_request, response) => {
    response.setHeader("connection", "close");
    // Before the answer: who has it may rely on the socket being gone.
    server.close();
    response.end();
  },
  "/malformed": (request) => request.socket.end("HTTP/1.1 200 OK\r\nbad header\u0000: x\r\n\r\n"),
  "/latin": (_request, response) => {
    response.setHeader("x-name", Buffer.from("Jörg 日本").toString("latin1"));
    response.end();
  },
  "/exit": (_request, _response, query) => process.exit(Number(query.get("code"))),
  "/half": (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half");
    setTimeout(() => process.exit(1), 20);
  },
  "/log": (request, response) => {
    request.setEncoding("utf8");
    request.on("data", (text: string) => process.stdout.write(text));
    request.once("end", () => response.end());
  },
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://container");
  const handler = handlers[url.pathname];
  if (handler === undefined) response.writeHead(404).end();
  else handler(request, response, url.searchParams);
});

if (START === "exit") {
  console.error("cannot start: the answer is 42");
  process.exit(3);
}
if (START === "idle") setInterval(() => undefined, 1000);
else setTimeout(listen, Number(START));

process.once("SIGTERM", () => {
  console.log("got SIGTERM");
  process.exit(0);
});

function listen(): void {
  server.on("upgrade", (request, socket, head) => {
    const key = String(request.headers["sec-websocket-key"]);
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    if (head.length > 0) socket.unshift(head);
    socket.on("data", (frame: Buffer) => {
      socket.write(unmasked(frame));
      if (frame[0] === 0x88) socket.end();
    });
    socket.on("end", () => socket.end());
  });
  server.listen(Number(PORT), HOST);
}

/** A client's text frame (short, one per chunk) as a server's frame. RFC 6455, section 5. */
function unmasked(frame: Buffer): Buffer {
  const length = (frame[1] ?? 0) & 0x7f;
  const mask = frame.subarray(2, 6);
  const payload = frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([frame[0] ?? 0, length]), payload]);
}
