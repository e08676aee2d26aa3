import { connect, type Socket } from "node:net";

/** What a connection of plain bytes brought. */
export interface RawAnswer {
  readonly text: string;
  /** Status codes of all responses in it. */
  readonly statuses: readonly number[];
}

/** Writes bytes as they are on a connection of its own and reads until the server closes it. */
export async function raw(port: number, ...parts: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  for (const part of parts) socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
  const text = await textOf(socket);
  return { text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)) };
}

/** All that comes until the connection closes. */
export async function textOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

/** Writes one piece after the other until the server closes the connection; gives the bytes that it took. */
export function flood(
  port: number,
  start: string | Buffer,
  piece: (count: number) => string | Buffer,
): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<number>();
  let count = 0;
  const more = () => {
    if (!socket.destroyed && socket.writable) socket.write(piece(count++), more);
  };
  socket.on("error", () => undefined);
  socket.once("close", () => resolve(socket.bytesWritten));
  socket.once("end", () => socket.destroy());
  socket.resume();
  socket.write(start, more);
  return promise;
}
