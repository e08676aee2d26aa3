/** A parser under attack. */
export interface FuzzTarget {
  /** "http1-request-head"; also the folder below corpus/ with inputs that once were trouble. */
  readonly name: string;
  /** Well-formed inputs to start from. */
  readonly seeds: readonly (string | Uint8Array)[];
  /** Words of the language, to be put in anywhere. */
  readonly words: readonly (string | Uint8Array)[];
  /** Size of the largest inputs; 16 KiB unless told. */
  readonly maxBytes?: number;
  /** Most inputs of a short run; 1,000 unless told. */
  readonly inputs?: number;
  /** Feeds one input; throws when the parser does not keep what it promises, and never for an input that is merely bad. */
  readonly run: (input: Buffer) => void | Promise<void>;
}

/** Whether `read` returns, or throws what it says it throws; anything else is a fault and thrown on. */
export async function onlyThrows(
  read: () => unknown,
  isDocumented: (error: unknown) => boolean,
): Promise<{ readonly value: unknown } | undefined> {
  try {
    return { value: await read() };
  } catch (error) {
    if (isDocumented(error)) return undefined;
    throw error;
  }
}
