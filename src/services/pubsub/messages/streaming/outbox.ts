/** What waits to be sent by somebody who comes for it. */
export interface Outbox<Item> {
  put(item: Item): void;
  /** Nothing comes any more: after what is there, `take` says so, or throws. */
  end(error?: unknown): void;
  /** The next item; undefined at the end. Calls `idle` when it has to wait. */
  take(idle: () => void): Promise<Item | undefined>;
}

export function createOutbox<Item>(): Outbox<Item> {
  const items: Item[] = [];
  let ended: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  return {
    put(item) {
      items.push(item);
      wake?.();
    },
    end(error) {
      ended ??= { error };
      wake?.();
    },
    async take(idle) {
      for (;;) {
        if (items.length > 0) return items.shift();
        if (ended?.error !== undefined) throw ended.error;
        if (ended) return undefined;
        const change = new Promise<void>((resolve) => (wake = resolve));
        idle();
        await change;
      }
    },
  };
}
