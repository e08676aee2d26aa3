// A function that tells what it sees of the sandbox it runs in.
const fs = require("node:fs");
const os = require("node:os");
const v8 = require("node:v8");

const CGROUP_FILES = [
  "memory/memory.limit_in_bytes",
  "cpu/cpu.cfs_quota_us",
  "cpu/cpu.shares",
  "pids/pids.max",
  "memory.max",
  "cpu.max",
  "cpu.weight",
  "pids.max",
];

exports.hello = async (request, response) => {
  const { write } = request.query;
  if (write) for (const file of ["/tmp/mark", "/workspace/mark"]) fs.writeFileSync(file, write);
  response.json({
    ...start(),
    ...limits(),
    ...modules(),
    tmp: fs.readdirSync("/tmp"),
    mark: read("/workspace/mark"),
    root: fs.readdirSync("/"),
    sharedMemory: fs.readdirSync("/dev/shm"),
    etc: [read("/etc/hosts"), read("/etc/resolv.conf")],
    mounts: read("/proc/self/mountinfo").split("\n").filter(Boolean).map(mount),
    files: openFiles(),
    stack: new Error("here").stack,
    uptime: process.uptime(),
    instance: await metadata("instance/id"),
  });
};

function start() {
  const { argv, argv0, execArgv, execPath, title, env, pid, ppid } = process;
  return {
    ...{ argv, argv0, execArgv, execPath, title, env, pid, ppid },
    cwd: process.cwd(),
    commandLine: read("/proc/self/cmdline"),
    program: fs.readlinkSync("/proc/self/exe"),
    processes: fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)),
    network: Object.keys(os.networkInterfaces()),
    host: os.hostname(),
    home: os.homedir(),
    events: process.eventNames(),
  };
}

function limits() {
  const status = /^(Name|Umask|Sig\w+|Cap\w+|NoNewPrivs|Seccomp|Uid|Gid|Groups|NSpid):/;
  return {
    status: read("/proc/self/status").split("\n").filter((line) => status.test(line)),
    resources: read("/proc/self/limits"),
    outOfMemoryScore: read("/proc/self/oom_score_adj"),
    priority: os.getPriority(),
    parallelism: os.availableParallelism(),
    heap: v8.getHeapStatistics().heap_size_limit,
    cgroup: CGROUP_FILES.map((name) => [name, read(`/sys/fs/cgroup/${name}`)]),
  };
}

function modules() {
  return {
    main: require.main.filename,
    children: require.main.children.map(({ filename }) => filename),
    paths: module.paths,
    cache: Object.keys(require.cache),
    globals: Object.keys(globalThis),
  };
}

/** Where, with which options and from where something is mounted. */
function mount(line) {
  const [, , , from, at, options, ...rest] = line.split(" ");
  return [at, options, from, ...rest.slice(rest.indexOf("-") + 1)].join(" ");
}

/** What open files are, without numbers. */
function openFiles() {
  const names = fs.readdirSync("/proc/self/fd").map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/, "N");
    } catch {
      return "gone";
    }
  });
  return [...new Set(names)].sort();
}

function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    return error.code;
  }
}

async function metadata(path) {
  const url = `http://metadata.google.internal/computeMetadata/v1/${path}`;
  const answer = await fetch(url, { headers: { "metadata-flavor": "Google" } });
  return answer.text();
}
