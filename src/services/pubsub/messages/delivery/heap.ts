/** A queue that gives out what has the smallest rank first. */
export interface Heap<Item> {
  readonly size: number;
  push(rank: number, item: Item): void;
  /** The smallest rank; undefined when empty. */
  peekRank(): number | undefined;
  pop(): Item | undefined;
  clear(): void;
}

/** A binary heap. */
export function createHeap<Item>(): Heap<Item> {
  const nodes: { rank: number; item: Item }[] = [];

  function rise(index: number): void {
    const node = nodes[index]!;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (nodes[above]!.rank <= node.rank) break;
      nodes[index] = nodes[above]!;
      index = above;
    }
    nodes[index] = node;
  }

  function sink(): void {
    const node = nodes[0]!;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= nodes.length) break;
      if (below + 1 < nodes.length && nodes[below + 1]!.rank < nodes[below]!.rank) below++;
      if (nodes[below]!.rank >= node.rank) break;
      nodes[index] = nodes[below]!;
      index = below;
    }
    nodes[index] = node;
  }

  return {
    get size() {
      return nodes.length;
    },
    push(rank, item) {
      nodes.push({ rank, item });
      rise(nodes.length - 1);
    },
    peekRank: () => nodes[0]?.rank,
    pop() {
      const first = nodes[0];
      const last = nodes.pop();
      if (first !== last && last) {
        nodes[0] = last;
        sink();
      }
      return first?.item;
    },
    clear: () => void (nodes.length = 0),
  };
}
