import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A server that says something to everyone who connects. */
export interface Greeter extends AsyncDisposable {
  readonly port: number;
}

/** Says `greeting` over TCP, and over UDP on the same port, together with the address it sees: "greeting to ADDRESS". */
export async function startGreeter(host: string, greeting: string): Promise<Greeter> {
  const tcp = createServer((socket) => socket.end(`${greeting} to ${socket.remoteAddress?.replace("::ffff:", "")}`));
  tcp.listen(0, host);
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket("udp4");
  udp.on("message", (_, sender) => udp.send(`${greeting} to ${sender.address}`, sender.port, sender.address));
  udp.bind(port, host);
  await once(udp, "listening");
  return {
    port,
    async [Symbol.asyncDispose]() {
      udp.close();
      tcp.close();
      await once(tcp, "close");
    },
  };
}

const REMOTE_SCRIPT = `
const server = require("node:net").createServer((socket) => socket.end(process.argv[1] + " to " + socket.remoteAddress.replace("::ffff:", "")));
server.listen(0, () => process.stdout.write(String(server.address().port)));
`;

/** The same, over TCP only, from inside a network namespace. */
export async function startGreeterIn(namespacePath: string, greeting: string): Promise<Greeter> {
  const args = [`--net=${namespacePath}`, process.execPath, "-e", REMOTE_SCRIPT, greeting];
  const child: ChildProcess = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return {
    port: Number(line.toString()),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
