import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import type { Clock } from "../../../platform/clock.ts";
import { readFrames, writeFrame } from "./tcp-frames.ts";

const TIMEOUT_MS = 2000;

export type Protocol = "udp" | "tcp";

export interface Resolver {
  readonly address: string;
  readonly port: number;
}

/** Asks one resolver by the protocol the question came by; rejects when it does not answer within two seconds. */
export async function askResolver(query: Buffer, to: Resolver, protocol: Protocol, clock: Clock): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  using _timeout = clock.after(TIMEOUT_MS, () => reject(new Error(`${to.address} does not answer`)));
  const answered = (message: Buffer) => {
    if (message.length >= 2 && message.readUInt16BE(0) === query.readUInt16BE(0)) resolve(message);
  };
  using _connection = (protocol === "udp" ? sendByUdp : sendByTcp)(query, to, answered, reject);
  return await promise;
}

type Send = (
  query: Buffer,
  to: Resolver,
  onMessage: (message: Buffer) => void,
  onError: (error: Error) => void,
) => Disposable;

/** A socket of its own per question: a random port, and connected, so that nobody else's packet counts as the answer. */
const sendByUdp: Send = (query, { address, port }, onMessage, onError) => {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  socket.on("message", onMessage);
  socket.on("error", onError);
  socket.connect(port, address, () => socket.send(query));
  return { [Symbol.dispose]: () => socket.close() };
};

const sendByTcp: Send = (query, { address, port }, onMessage, onError) => {
  const socket = connect({ host: address, port });
  readFrames(socket, onMessage);
  socket.on("error", onError);
  socket.on("close", () => onError(new Error(`${address} closed the connection`)));
  writeFrame(socket, query);
  return { [Symbol.dispose]: () => socket.destroy() };
};
