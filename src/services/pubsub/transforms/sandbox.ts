import variant from "@jitl/quickjs-singlefile-mjs-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";

/** A function of a user: its name, and the code that declares it. */
export interface UserFunction {
  readonly functionName: string;
  readonly code: string;
}

/** What a function of a user gets; both parts are plain JSON. */
export interface FunctionInput {
  readonly message: { readonly data: string; readonly attributes: Record<string, string> };
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Runs functions in QuickJS, without anything of the world around. Where time or memory ran out, the sandbox is in no state to
 * go on with: it throws an ExhaustedError, and has to go with the thread it is in.
 */
export interface Sandbox {
  /** What the function returns; throws an Error with what it throws, or why it cannot be called. */
  call(userFunction: UserFunction, input: FunctionInput): unknown;
  /** Throws when the code does not declare the function. */
  check(userFunction: UserFunction): void;
}

/** Time, memory or the stack ran out. */
export class ExhaustedError extends Error {
  override name = "ExhaustedError";
}

/**
 * How long a function may take for a message, and the code for its declarations. Google: 500 ms. The thread's own time counts,
 * so that a busy machine fails no function.
 */
const TIME_LIMIT_MS = 500;
const MEMORY_BYTES = 48 * 1024 * 1024;
const STACK_BYTES = 512 * 1024;
/** Functions kept ready at the same time. */
const MAX_MACHINES = 50;

/** Calls a function with JSON and answers JSON, which is all that goes in and out. */
const BRIDGE = `(userFunction, text) => {
  const { message, metadata } = JSON.parse(text);
  const result = userFunction(message, metadata);
  return JSON.stringify(result === undefined ? {} : { result });
}`;

interface Machine extends Disposable {
  call(text: string): string;
}

/** A sandbox; loads QuickJS. */
export async function createSandbox(): Promise<Sandbox> {
  const module = await newQuickJSWASMModuleFromVariant(variant);
  const machines = new Map<string, Machine>();

  function machineOf({ functionName, code }: UserFunction): Machine {
    const key = `${functionName}\n${code}`;
    const known = machines.get(key);
    // The last used is at the end.
    machines.delete(key);
    const machine = known ?? createMachine(module, functionName, code);
    machines.set(key, machine);
    if (machines.size > MAX_MACHINES) {
      const [oldest] = machines.keys();
      machines.get(oldest!)![Symbol.dispose]();
      machines.delete(oldest!);
    }
    return machine;
  }

  return {
    check: (userFunction) => void machineOf(userFunction),
    call: (userFunction, input) =>
      (JSON.parse(machineOf(userFunction).call(JSON.stringify(input))) as { result?: unknown }).result,
  };
}

function createMachine(module: QuickJSWASMModule, functionName: string, code: string): Machine {
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(MEMORY_BYTES);
  runtime.setMaxStackSize(STACK_BYTES);
  let deadlineMs = 0;
  runtime.setInterruptHandler(() => threadMs() > deadlineMs);
  const context = runtime.newContext();
  const owned: QuickJSHandle[] = [];
  const own = (handle: QuickJSHandle) => {
    owned.push(handle);
    return handle;
  };
  const dispose = () => {
    for (const handle of owned) handle.dispose();
    context.dispose();
    runtime.dispose();
  };
  const limited = <Result>(work: () => Result): Result => {
    deadlineMs = threadMs() + TIME_LIMIT_MS;
    return work();
  };
  try {
    const bridge = own(limited(() => evaluate(context, BRIDGE)));
    const script = `${code}\n;typeof ${functionName} === "function" ? ${functionName} : undefined`;
    const userFunction = own(limited(() => evaluate(context, script)));
    if (context.typeof(userFunction) !== "function") throw new Error(`The function ${functionName} is not defined.`);
    return {
      call: (text) => limited(() => callBridge(context, bridge, [userFunction, text])),
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function evaluate(context: QuickJSContext, script: string): QuickJSHandle {
  const result = context.evalCode(script, "udf.js");
  if (result.error) throw errorOf(context, result.error);
  return result.value;
}

function callBridge(context: QuickJSContext, bridge: QuickJSHandle, [userFunction, text]: [QuickJSHandle, string]) {
  using input = context.newString(text);
  const result = context.callFunction(bridge, context.undefined, userFunction, input);
  if (result.error) throw errorOf(context, result.error);
  using output = result.value;
  return context.getString(output);
}

function errorOf(context: QuickJSContext, handle: QuickJSHandle): Error {
  const thrown: unknown = context.dump(handle);
  handle.dispose();
  if (typeof thrown !== "object" || thrown === null) return new Error(String(thrown));
  const { name = "Error", message = "" } = thrown as { name?: string; message?: string };
  if (name === "InternalError" && message === "interrupted")
    return new ExhaustedError(`The function took longer than ${TIME_LIMIT_MS} ms.`);
  return name === "InternalError" ? new ExhaustedError(`${name}: ${message}`) : new Error(`${name}: ${message}`);
}
