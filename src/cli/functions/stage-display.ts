import { systemClock } from "../../platform/clock.ts";
import type { OperationJson, StageJson } from "./operation.ts";

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 80;
const TITLES: Readonly<Record<string, string>> = {
  ARTIFACT_REGISTRY: "Artifact Registry",
  BUILD: "Build",
  SERVICE: "Service",
  TRIGGER: "Trigger",
};

/** Shows the stages of a deployment with the time each takes. */
export interface StageDisplay extends Disposable {
  update(operation: OperationJson): void;
  /** A step outside the operation, such as the upload. */
  step<Result>(title: string, work: () => Promise<Result>): Promise<Result>;
}

interface Line {
  readonly title: string;
  readonly startMs: number;
  endMs?: number;
}

/** In a terminal the stages under way are redrawn in place; elsewhere each is one line when it is over. */
export function createStageDisplay(output: NodeJS.WriteStream, isQuiet: boolean): StageDisplay {
  const isLive = output.isTTY && !isQuiet;
  const lines = new Map<string, Line>();
  let drawn = 0;
  const draw = () => {
    const text = [...lines.values()].map(render).join("\n");
    output.write(`${drawn ? `\u001B[${drawn}A\r` : ""}\u001B[J${text}\n`);
    drawn = lines.size;
  };
  const timer = isLive ? systemClock.every(FRAME_MS, () => lines.size && draw()) : undefined;
  const begin = (title: string) => {
    if (!lines.has(title)) lines.set(title, { title, startMs: systemClock.nowMs() });
  };
  const end = (title: string) => {
    begin(title);
    const line = lines.get(title)!;
    if (line.endMs !== undefined) return;
    line.endMs = systemClock.nowMs();
    if (!isLive && !isQuiet) output.write(`${render(line)}\n`);
  };
  return {
    update({ metadata }) {
      for (const stage of metadata?.stages ?? []) {
        const title = TITLES[stage.name] ?? stage.name;
        if (isStarted(stage)) begin(title);
        if (stage.state === "COMPLETE") end(title);
      }
      if (isLive && lines.size) draw();
    },
    async step(title, work) {
      begin(title);
      const result = await work();
      end(title);
      return result;
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]();
      if (isLive && lines.size) draw();
    },
  };
}

function isStarted({ state }: StageJson): boolean {
  return state === "IN_PROGRESS" || state === "COMPLETE";
}

function render({ title, startMs, endMs }: Line): string {
  const nowMs = systemClock.nowMs();
  const mark = endMs === undefined ? FRAMES[Math.floor(nowMs / FRAME_MS) % FRAMES.length]! : "✓";
  return `${mark} ${title.padEnd(18)} ${(((endMs ?? nowMs) - startMs) / 1000).toFixed(2).padStart(6)} s`;
}
