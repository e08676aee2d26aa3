import type { Answer, FromDaemon, Question, ToDaemon } from "./messages.ts";

type Order = Exclude<ToDaemon, Answer>;

/** The daemon's connection to the server that started it. */
export interface ServerConnection {
  /** Resolves with what the server answers for a volume; rejects with what it says went wrong. */
  token(volume: number): Promise<Extract<Answer, { token: string }>>;
  secret(volume: number, version: string): Promise<Extract<Answer, { data: Uint8Array }>>;
  tell(message: FromDaemon): void;
  onOrder(handle: (order: Order) => void): void;
  /** Called when the server is gone, however it ended. */
  onLost(handle: () => void): void;
}

/** Opens the channel that child_process made; needs a process that was started with one. */
export function connectToServer(): ServerConnection {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let lastQuestion = 0;
  let handleOrder: (order: Order) => void = () => {};

  process.on("message", (message: ToDaemon) => {
    if (message.type !== "answer") return handleOrder(message);
    const asked = waiting.get(message.question);
    waiting.delete(message.question);
    if ("error" in message) asked?.reject(new Error(message.error));
    else asked?.resolve(message);
  });

  const tell = (message: FromDaemon) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  const ask = (id: number, about: Question) => {
    const question = ++lastQuestion;
    const answered = Promise.withResolvers<Answer>();
    waiting.set(question, answered);
    tell({ type: "ask", id, question, ...about });
    return answered.promise as Promise<never>;
  };
  return {
    token: (volume) => ask(volume, { about: "token" }),
    secret: (volume, version) => ask(volume, { about: "secret", version }),
    tell,
    onOrder: (handle) => void (handleOrder = handle),
    onLost: (handle) => void process.once("disconnect", handle),
  };
}
