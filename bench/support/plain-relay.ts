import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** All connections read into the same memory, as ingress' do: the cheapest way that Node.js has. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

interface Onward {
  readonly socket: Socket;
  /** Who has asked, until the answer comes. */
  caller: Socket | undefined;
}

/**
 * What Node.js can do at most: hands each piece that a caller sends to a connection that is kept to the other side, and
 * the piece that comes back to the caller. It understands nothing of it, so that requests and answers have to be small.
 */
export async function openPlainRelay(host: string, port: number): Promise<{ port: number } & AsyncDisposable> {
  const idle: Onward[] = [];
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const goOn = (): Onward => {
    const callback = (bytes: number) => {
      const { caller } = onward;
      onward.caller = undefined;
      idle.push(onward);
      caller?.write(Buffer.from(SHARED.subarray(0, bytes)));
      return true;
    };
    const socket = connect({ host, port, noDelay: true, onread: { buffer: SHARED, callback } });
    const onward: Onward = { socket, caller: undefined };
    keep(socket);
    socket.once("close", () => {
      const index = idle.indexOf(onward);
      if (index >= 0) idle.splice(index, 1);
    });
    return onward;
  };
  const server = createServer({ noDelay: true }, (caller) => {
    keep(caller);
    caller.on("data", (chunk) => {
      const onward = idle.pop() ?? goOn();
      onward.caller = caller;
      onward.socket.write(chunk);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await once(server.close(), "close");
    },
  };
}
