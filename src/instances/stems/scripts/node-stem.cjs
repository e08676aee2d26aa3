"use strict";
/*
 * Stands in the place of the Functions Framework's main file, as process.argv[1] of a Node.js that was started as the
 * function's would be. It loads what that file loads, and then either
 * - tells what it found (a study: the sandbox has the function's own image), or
 * - waits until the function's image has taken the place of the root file system, and becomes the function's process.
 */
const fs = require("node:fs");
const http = require("node:http");
const Module = require("node:module");
const path = require("node:path");
const timers = require("node:timers");

const FOLDER = "/.stem";
const CONTROL = `${FOLDER}/control`;
const PRACTICE_SOCKET = "/tmp/practice";
const PRACTICE_FUNCTION = `${FOLDER}/index.js`;
const PRACTICE_TIMES = 3;
const PRACTICE_MS = 5000;
const PRACTICE_EVENT = JSON.stringify({ specversion: "1.0", id: "1", source: "practice", type: "practice", data: {} });
/** Modules that look at the names of all variables only to find those of their own. */
const OWN_NAMES = [{ file: /\/node_modules\/debug\/src\/node\.js$/, names: /^debug_/i }];

const isStem = fs.existsSync(CONTROL);

const before = {
  env: { ...process.env },
  args: fs.readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(0, -1),
  execArgv: process.execArgv,
  execPath: process.execPath,
  cwd: process.cwd(),
};
const readNames = new Set();
const realEnv = process.env;
const modules = JSON.parse(fs.readFileSync(`${FOLDER}/preload.json`, "utf8"));
const ownCache = new Set(Object.keys(Module._cache));

if (!isStem) process.env = recording(realEnv);
for (const request of modules) module.require(request);

const practice = practise().catch(() => {});
let isOver = false;
void Promise.race([practice, new Promise((resolve) => timers.setTimeout(resolve, PRACTICE_MS).unref())]).then(() => {
  isOver = true;
});
// From out here, so that nothing of the practice's asynchronous context goes on.
const look = timers.setInterval(() => {
  if (!isOver) return;
  timers.clearInterval(look);
  process.env = realEnv;
  wait();
}, 1);

function wait() {
  delete Module._cache[PRACTICE_FUNCTION];
  const loaded = Object.keys(Module._cache).filter((file) => !ownCache.has(file));
  tell({
    main: module.filename,
    loaded,
    ...(isStem ? {} : { ...before, readNames: [...readNames], links: findLinks() }),
  });
  if (isStem) become(JSON.parse(waitForOrder()));
  else process.exit(0);
}

/**
 * Serves a few requests with a function of its own, as the framework would a user's: what is compiled then need not be
 * compiled when the first request waits. Leaves nothing behind but that. A framework with other functions than these
 * is not practised with.
 */
async function practise() {
  const { getServer } = module.require("./server");
  const { parseOptions } = module.require("./options");
  const { setLatestRes } = module.require("./invoker");
  const { getUserFunction } = module.require("./loader");
  const { userFunction } = await getUserFunction(FOLDER, "practice", "http");
  for (const signature of ["http", "cloudevent"]) {
    const server = getServer(userFunction, parseOptions(["node", "main", `--signature-type=${signature}`], {}));
    await new Promise((resolve) => server.listen(PRACTICE_SOCKET, resolve));
    const type = signature === "http" ? "application/json" : "application/cloudevents+json";
    for (let times = 0; times < PRACTICE_TIMES; times++) {
      await ask("GET", {});
      await ask("POST", { "content-type": type }, PRACTICE_EVENT);
    }
    await new Promise((resolve) => server.close(resolve));
  }
  setLatestRes(null);
}

function ask(method, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: PRACTICE_SOCKET, method, headers, agent: false }, (response) => {
      response.resume().on("end", resolve);
    });
    request.on("error", reject).end(body);
  });
}

/** Notes which variables modules look at while they load: whatever they made of them stays. */
function recording(env) {
  const note = (name) => {
    if (typeof name === "string") readNames.add(name);
  };
  /** The names that whoever lists all variables is after. */
  const listed = () => {
    const callers = (new Error().stack ?? "").match(/\/[^\s:()]+(?=:\d+:\d+)/g) ?? [];
    const caller = callers.find((file) => file !== module.filename);
    return OWN_NAMES.find(({ file }) => caller !== undefined && file.test(caller))?.names;
  };
  return new Proxy(env, {
    get(target, name) {
      note(name);
      return target[name];
    },
    has(target, name) {
      note(name);
      return name in target;
    },
    getOwnPropertyDescriptor(target, name) {
      if (listed()?.test(name) !== false) note(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    ownKeys(target) {
      if (listed() === undefined) note("*");
      return Reflect.ownKeys(target);
    },
  });
}

/** Links on the ways that were looked up, as [path, target]: Node.js remembers where they lead. */
function findLinks() {
  const links = new Map();
  const looked = new Set();
  const look = (way) => {
    const parts = way.split("/").slice(1);
    for (let count = 1; count <= parts.length; count++) {
      const at = `/${parts.slice(0, count).join("/")}`;
      if (looked.has(at)) continue;
      looked.add(at);
      const stat = fs.lstatSync(at, { throwIfNoEntry: false });
      if (stat === undefined) return;
      if (stat.isSymbolicLink()) links.set(at, fs.readlinkSync(at));
    }
  };
  look(process.argv[1]);
  for (const key of Object.keys(Module._pathCache)) {
    const [request, ...folders] = key.split("\0");
    for (const folder of folders) if (folder !== "") look(path.resolve(folder, request));
  }
  return [...links];
}

function tell(report) {
  fs.writeSync(1, `${JSON.stringify({ stem: report })}\n`);
}

/** Blocks the whole process, so that nothing runs in it meanwhile. */
function waitForOrder() {
  const control = fs.openSync(CONTROL, "r");
  const order = fs.readFileSync(control, "utf8");
  fs.closeSync(control);
  return order;
}

function become({ env, cwd }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  // Paths that were looked up in the other root.
  for (const key of Object.keys(Module._pathCache)) delete Module._pathCache[key];
  // Outside of the evaluation of this file, so that no stack trace has it in it. The module is the same, and so are
  // require.main and the parent of what is loaded already.
  setImmediate(() => {
    module.exports = {};
    module.loaded = false;
    module.load(module.filename);
  });
}
