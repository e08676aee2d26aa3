/** Something to do at a time, unless it was given up. */
export interface HeapTimer {
  readonly dueMs: number;
  /** Rises with every timer; of two that are due at once the older one comes first. */
  readonly order: number;
  readonly callback: () => void;
  disposed: boolean;
}

/** Timers by the time they are due: adding and taking one costs the logarithm of their number. */
export interface TimerHeap {
  add(timer: HeapTimer): void;
  /** The timer that is due first; undefined when there is none. */
  first(): HeapTimer | undefined;
  /** Takes it out. */
  takeFirst(): HeapTimer | undefined;
  /** Gives a timer up; it is never answered again. */
  dispose(timer: HeapTimer): void;
}

/** Below this many, given up timers are left where they are. */
const WORTH_SWEEPING = 64;

/** A heap without timers. */
export function createTimerHeap(): TimerHeap {
  let heap: HeapTimer[] = [];
  let disposedCount = 0;

  function add(timer: HeapTimer): void {
    heap.push(timer);
    rise(heap, heap.length - 1);
  }

  function takeTop(): HeapTimer | undefined {
    const top = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) {
      heap[0] = last;
      sink(heap);
    }
    return top;
  }

  function first(): HeapTimer | undefined {
    while (heap[0]?.disposed) {
      takeTop();
      disposedCount--;
    }
    return heap[0];
  }

  function sweep(): void {
    const living = heap.filter(({ disposed }) => !disposed);
    heap = [];
    disposedCount = 0;
    for (const timer of living) add(timer);
  }

  return {
    add,
    first,
    takeFirst: () => (first() ? takeTop() : undefined),
    dispose(timer) {
      if (timer.disposed) return;
      timer.disposed = true;
      disposedCount++;
      if (disposedCount > WORTH_SWEEPING && disposedCount > heap.length / 2) sweep();
    },
  };
}

function comesBefore(one: HeapTimer, other: HeapTimer): boolean {
  return one.dueMs === other.dueMs ? one.order < other.order : one.dueMs < other.dueMs;
}

function rise(heap: HeapTimer[], from: number): void {
  for (let index = from; index > 0;) {
    const parent = (index - 1) >> 1;
    if (!comesBefore(heap[index]!, heap[parent]!)) return;
    swap(heap, index, parent);
    index = parent;
  }
}

function sink(heap: HeapTimer[]): void {
  for (let index = 0; ;) {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    let least = index;
    if (left < heap.length && comesBefore(heap[left]!, heap[least]!)) least = left;
    if (right < heap.length && comesBefore(heap[right]!, heap[least]!)) least = right;
    if (least === index) return;
    swap(heap, index, least);
    index = least;
  }
}

function swap(heap: HeapTimer[], one: number, other: number): void {
  [heap[one], heap[other]] = [heap[other]!, heap[one]!];
}
