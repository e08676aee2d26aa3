import { parentPort } from "node:worker_threads";
import { createSandbox, ExhaustedError, type FunctionInput, type Sandbox, type UserFunction } from "./sandbox.ts";

/** What the thread is asked: to call functions one after the other, or, without a message, to check what they declare. */
export interface Job {
  readonly functions: readonly UserFunction[];
  readonly input?: FunctionInput;
}

/** What became of the message after each function, up to the first that did not pass it on. */
export interface JobResult {
  readonly steps: readonly Step[];
  /** The thread must not be used any more. */
  readonly isExhausted: boolean;
}

export type Step =
  | { readonly kind: "message"; readonly data: string; readonly attributes: Record<string, string> }
  | { readonly kind: "filtered" }
  | { readonly kind: "failed"; readonly reason: string };

const sandbox = await createSandbox();
// oxlint-disable-next-line require-post-message-target-origin -- Threads have no origin.
const answer = (message: "ready" | JobResult) => parentPort?.postMessage(message);
parentPort?.on("message", (job: Job) => answer(run(sandbox, job)));
answer("ready");

function run(machine: Sandbox, { functions, input }: Job): JobResult {
  const steps: Step[] = [];
  try {
    let current = input;
    for (const each of functions) {
      if (!current) {
        machine.check(each);
        continue;
      }
      const step = stepOf(machine.call(each, current), current);
      steps.push(step);
      if (step.kind !== "message") break;
      current = { message: { data: step.data, attributes: step.attributes }, metadata: current.metadata };
    }
    return { steps, isExhausted: false };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isUsual = error instanceof Error && error.name === "Error";
    return { steps: [...steps, { kind: "failed", reason }], isExhausted: error instanceof ExhaustedError || !isUsual };
  }
}

/** What a function returned, if it is what Pub/Sub documents; attributes that are left out stay as they are. */
function stepOf(result: unknown, { message }: FunctionInput): Step {
  if (result === null) return { kind: "filtered" };
  if (typeof result !== "object") return failed("The function must return a message or null.");
  const { data, attributes = message.attributes } = result as Record<string, unknown>;
  if (typeof data !== "string") return failed("The data of a message must be a string.");
  if (!isAttributes(attributes)) return failed("The attributes of a message must be an object of strings.");
  return { kind: "message", data, attributes };
}

function isAttributes(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each === "string");
}

function failed(reason: string): Step {
  return { kind: "failed", reason };
}
