/** Works through keys in the order of arrival: at most `limit` at once, one key never twice at the same time. */
export interface KeyedQueue {
  /** Works on `key` as soon as there is room; once more after the present work when it is being worked on. */
  add(key: string): void;
  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void>;
  /** Forgets what waits, takes nothing more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** A queue that calls `work`, which never rejects. */
export function createKeyedQueue(limit: number, work: (key: string) => Promise<void>): KeyedQueue {
  const waiting = new Set<string>();
  const running = new Set<string>();
  const again = new Set<string>();
  let whenIdle: (() => void)[] = [];
  let stopped = false;

  function startWhatFits(): void {
    for (const key of waiting) {
      if (running.size >= limit) return;
      waiting.delete(key);
      running.add(key);
      void work(key).finally(() => end(key));
    }
    if (running.size === 0) tellIdle();
  }

  function end(key: string): void {
    running.delete(key);
    if (again.delete(key)) waiting.add(key);
    startWhatFits();
  }

  function tellIdle(): void {
    const told = whenIdle;
    whenIdle = [];
    for (const tell of told) tell();
  }

  async function idle(): Promise<void> {
    if (waiting.size + running.size > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
  }

  return {
    add(key) {
      if (stopped) return;
      if (running.has(key)) again.add(key);
      else waiting.add(key);
      startWhatFits();
    },
    idle,
    stop() {
      stopped = true;
      waiting.clear();
      again.clear();
      return idle();
    },
  };
}
