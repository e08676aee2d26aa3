const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Emits what came after the last newline, if anything. */
  flush(): void;
}

/**
 * Cuts a byte stream into lines of text without their newline. A line longer than `maxBytes` comes as several pieces, cut
 * between characters. Google: Cloud Logging quotas, size of a LogEntry (256 KiB).
 */
export function lineSplitter(onLine: (line: string) => void, maxBytes = 256 * 1024): LineSplitter {
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const take = () => {
    const line = pending.length === 1 ? (pending[0] ?? Buffer.alloc(0)) : Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    return line;
  };
  const hold = (part: Buffer) => {
    if (part.length === 0) return;
    pending.push(part);
    pendingBytes += part.length;
    if (pendingBytes > maxBytes) hold(emitPieces(take(), maxBytes, onLine));
  };

  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        hold(chunk.subarray(start, end));
        onLine(withoutCarriageReturn(take()).toString("utf8"));
        start = end + 1;
      }
      hold(chunk.subarray(start));
    },
    flush() {
      if (pendingBytes > 0) onLine(withoutCarriageReturn(take()).toString("utf8"));
    },
  };
}

/** Emits full pieces of `line` and returns the rest, which is not longer than `maxBytes`. */
function emitPieces(line: Buffer, maxBytes: number, onLine: (line: string) => void): Buffer {
  let start = 0;
  while (line.length - start > maxBytes) {
    const end = characterBoundary(line, start + maxBytes, start);
    onLine(line.toString("utf8", start, end));
    start = end;
  }
  return line.subarray(start);
}

/** The last index not after `index` at which a UTF-8 character begins; `index` itself when the bytes are not UTF-8. */
function characterBoundary(bytes: Buffer, index: number, start: number): number {
  for (let candidate = index; candidate > Math.max(start, index - 4); candidate--) {
    if (((bytes[candidate] ?? 0) & 0xc0) !== 0x80) return candidate;
  }
  return index;
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
