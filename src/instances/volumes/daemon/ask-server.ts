import type { Answer, FromDaemon, Question, ToDaemon } from "./messages.ts";

/** The daemon's connection to the server that started it. */
export interface ServerConnection {
  /** Resolves with what the server answers; rejects with what it says went wrong. */
  ask<Kind extends keyof Answers>(
    about: Kind,
    question?: Omit<Extract<Question, { about: Kind }>, "about">,
  ): Promise<Answers[Kind]>;
  /** Calls `told` once the message is on its way, or cannot be. */
  tell(message: FromDaemon, told?: () => void): void;
  onMessage(handle: (message: Exclude<ToDaemon, Answer>) => void): void;
  /** Called when the server is gone, however it ended. */
  onLost(handle: () => void): void;
}

interface Answers {
  token: Extract<Answer, { token: string }>;
  secret: Extract<Answer, { data: Uint8Array }>;
}

/** Opens the channel that child_process made; needs a process that was started with one. */
export function connectToServer(): ServerConnection {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let lastId = 0;
  let handleMessage: (message: Exclude<ToDaemon, Answer>) => void = () => {};

  process.on("message", (message: ToDaemon) => {
    if (message.type !== "answer") return handleMessage(message);
    const { resolve, reject } = waiting.get(message.id)!;
    waiting.delete(message.id);
    if ("error" in message) reject(new Error(message.error));
    else resolve(message);
  });
  const tell = (message: FromDaemon, told = () => {}) => {
    if (process.connected) process.send?.(message, undefined, undefined, told);
    else told();
  };
  return {
    ask(about, question) {
      const id = ++lastId;
      const answered = Promise.withResolvers<Answer>();
      waiting.set(id, answered);
      tell({ type: "ask", id, about, ...question } as FromDaemon);
      return answered.promise as Promise<never>;
    },
    tell,
    onMessage: (handle) => void (handleMessage = handle),
    onLost: (handle) => void process.once("disconnect", handle),
  };
}
