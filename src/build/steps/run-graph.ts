/**
 * Runs every node of a graph as soon as the nodes it comes after have ended well: `run` says whether its node has. After
 * the first one that has not, or that rejects, nothing more starts, and the signal of those that run aborts.
 * Resolves once nothing runs any more, with the index of the node that ended it; rejects with the first rejection.
 */
export async function runGraph(
  after: readonly (readonly number[])[],
  run: (index: number, signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  let failed: number | undefined;
  const ended: Promise<boolean>[] = [];
  for (const [index, before] of after.entries()) {
    ended.push(
      Promise.all(before.map((each) => ended[each]!)).then(async (successes) => {
        if (stopped.aborted || successes.includes(false)) return false;
        const success = await run(index, stopped).catch((error: unknown) => {
          stop.abort();
          throw error;
        });
        if (success) return true;
        if (!stopped.aborted) failed ??= index;
        stop.abort();
        return false;
      }),
    );
  }
  const results = await Promise.allSettled(ended);
  const rejected = results.find((result) => result.status === "rejected");
  if (rejected) throw rejected.reason;
  return failed;
}
