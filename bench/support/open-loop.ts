import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";

/** How one request ended. */
export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

/** Sends requests to one host at an address, over as many connections as they need. */
export function caller(origin: string, host: string, connections: number) {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  return {
    async call(path = "/"): Promise<Answer> {
      const start = performance.now();
      try {
        const { statusCode, body } = await pool.request({ path, method: "GET", headers: { host } });
        const text = await body.text();
        return { status: statusCode, body: text, ms: performance.now() - start };
      } catch (error) {
        return { status: 0, body: String(error), ms: performance.now() - start };
      }
    },
    close: () => pool.destroy(),
  };
}

const TICK_MS = 10;

/** Starts `rate` requests a second, whether earlier ones are answered or not, until stopped; resolves with all answers. */
export function openLoop(call: () => Promise<Answer>, rate: number): { stop(): Promise<Answer[]> } {
  const answers: Promise<Answer>[] = [];
  const stopped = new AbortController();
  const begin = performance.now();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      const due = ((performance.now() - begin) / 1000) * rate;
      while (answers.length < due) answers.push(call());
      await delay(TICK_MS);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await running;
      return Promise.all(answers);
    },
  };
}
