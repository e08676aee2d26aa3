import type { Server } from "node:net";

/** Ends connections at once that an address opens beyond `most`, so that no instance takes what is for all of them. */
export function limitConnections(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = socket.remoteAddress ?? "";
    const others = open.get(address) ?? 0;
    if (others >= most) return void socket.destroy();
    open.set(address, others + 1);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
