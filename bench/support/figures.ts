/** One measured figure, its bar (undefined: for comparison only) and its unit. */
export interface Figure {
  readonly what: string;
  readonly unit: "ms" | "s" | "MiB" | "x" | "/s" | "requests";
  readonly value: number;
  /** Passed when the value is not larger. */
  readonly bar?: number;
  /** Passed when the value is not smaller. */
  readonly least?: number;
  /** The same done without homerun, measured in the same run, and what it is. */
  readonly peer?: { readonly what: string; readonly value: number };
  /** All samples, in the order they were taken. */
  readonly samples?: readonly number[];
}

/** The middle of some samples, or the one below which a share of them lies. */
export function percentile(samples: readonly number[], share = 0.5): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** Takes samples one after the other. */
export async function sample(times: number, take: (index: number) => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < times; index++) samples.push(await take(index));
  return samples;
}

/** How long `work` takes, ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Prints a table for people, then one line of JSON for programs. */
export function report(figures: readonly Figure[]): void {
  const rows = figures.map(({ what, unit, value, bar, least, peer }) => [
    what,
    `${rounded(value)} ${unit}`,
    bar !== undefined ? `${bar} ${unit}` : least !== undefined ? `>= ${least} ${unit}` : "",
    verdict({ bar, least, value }),
    peer ? `${(value / peer.value).toFixed(2)} x ${rounded(peer.value)} ${unit} (${peer.what})` : "",
  ]);
  const head = ["", "measured", "bar", "", "against"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  for (const row of [head, ...rows]) {
    console.log(
      row
        .map((cell, column) =>
          column === 1 || column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join("  ")
        .trimEnd(),
    );
  }
  console.log(`\n${JSON.stringify({ figures: figures.map((figure) => ({ ...figure, ...passed(figure) })) })}`);
}

function passed({ bar, least, value }: Bounds): { pass?: boolean } {
  return bar === undefined && least === undefined ? {} : { pass: value <= (bar ?? value) && value >= (least ?? value) };
}

function verdict(figure: Bounds): string {
  const { pass } = passed(figure);
  return pass === undefined ? "" : pass ? "pass" : "FAIL";
}

interface Bounds {
  readonly value: number;
  readonly bar?: number | undefined;
  readonly least?: number | undefined;
}

function rounded(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
