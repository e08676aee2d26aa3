import type { Socket } from "node:net";
import type { SandboxSpec } from "../sandbox.ts";

type Stream = "stdout" | "stderr";

/** What a sandbox writes: held back until the sandbox counts as started, because before that it is the runtime's own. */
export interface Output {
  /** Resolves once every writer has gone and everything was delivered. */
  readonly ended: Promise<void>;
  /** Delivers what was held back, and from then on everything at once. */
  release(): void;
  /** What was held back, as text. */
  heldText(): string;
}

/** Reads both pipes of a sandbox and hands their data to `onOutput`. */
export function readOutput(streams: Record<Stream, Socket>, onOutput: SandboxSpec["onOutput"]): Output {
  let held: { stream: Stream; chunk: Buffer }[] | undefined = [];
  const deliver = (stream: Stream, chunk: Buffer): void => {
    const busy = onOutput(stream, chunk);
    if (!(busy instanceof Promise)) return;
    streams[stream].pause();
    void busy.finally(() => streams[stream].resume());
  };
  const read = (stream: Stream) =>
    new Promise<void>((resolve) => {
      streams[stream].on("data", (chunk: Buffer) => {
        if (held) held.push({ stream, chunk });
        else deliver(stream, chunk);
      });
      streams[stream].on("error", () => {});
      streams[stream].once("close", () => resolve());
    });
  return {
    ended: Promise.all([read("stdout"), read("stderr")]).then(() => {}),
    release() {
      const before = held ?? [];
      held = undefined;
      for (const { stream, chunk } of before) deliver(stream, chunk);
    },
    heldText: () => Buffer.concat((held ?? []).map(({ chunk }) => chunk)).toString(),
  };
}
