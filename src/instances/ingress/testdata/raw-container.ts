// A container's main process for tests: answers every request with the bytes of its body, whatever they are.
import { createServer } from "node:net";

const { PORT = "8080", HOST = "0.0.0.0" } = process.env;

createServer((socket) => {
  let seen = "";
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    seen += chunk.toString("latin1");
    const end = seen.indexOf("\r\n\r\n");
    const length = Number(/^content-length: (\d+)/im.exec(seen)?.[1] ?? 0);
    if (end < 0 || seen.length < end + 4 + length) return;
    const answer = seen.slice(end + 4, end + 4 + length);
    const head = seen.slice(0, end);
    const [, path = ""] = /^\w+ (\S+)/.exec(seen) ?? [];
    seen = seen.slice(end + 4 + length);
    if (path === "/head") return void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${end}\r\n\r\n${head}`, "latin1");
    if (path === "/endless") return endless();
    if (/^\/(\?|$)/.test(path)) return void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
    socket.write(answer, "latin1");
    if (path === "/close") socket.end();
  });
  const endless = () => {
    socket.write("HTTP/1.1 200 OK\r\n");
    const timer = setInterval(() => socket.write(`X-${"x".repeat(32_000)}: y\r\n`), 1);
    socket.once("close", () => clearInterval(timer));
  };
}).listen(Number(PORT), HOST);
