# A function that tells what it sees of the sandbox it runs in.
import gc
import locale
import os
import re
import signal
import socket
import sys
import threading
import traceback
import urllib.request

CGROUP_FILES = [
    "memory/memory.limit_in_bytes",
    "cpu/cpu.cfs_quota_us",
    "cpu/cpu.shares",
    "pids/pids.max",
    "memory.max",
    "cpu.max",
    "cpu.weight",
    "pids.max",
]
LOADING = {"cwd": os.getcwd(), "env": dict(os.environ)}
LOADING_MODULES = sorted(sys.modules)


def hello(request):
    write = request.args.get("write")
    if write:
        for file in ["/tmp/mark", "/workspace/mark"]:
            with open(file, "w") as mark:
                mark.write(write)
    return {
        **start(),
        **limits(),
        **modules(),
        "tmp": os.listdir("/tmp"),
        "mark": read("/workspace/mark"),
        "root": sorted(os.listdir("/")),
        "sharedMemory": os.listdir("/dev/shm"),
        "etc": [read("/etc/hosts"), read("/etc/resolv.conf")],
        "mounts": [mount(line) for line in read("/proc/self/mountinfo").splitlines()],
        "files": open_files(),
        "stack": traceback.format_stack(),
        "instance": metadata("instance/id"),
    }


def start():
    return {
        "argv": sys.argv,
        "origArgv": sys.orig_argv,
        "executable": sys.executable,
        "prefix": [sys.prefix, sys.base_prefix, sys.exec_prefix],
        "flags": list(sys.flags),
        "options": [sys.warnoptions, sys._xoptions, sys.dont_write_bytecode],
        "encodings": [sys.stdout.encoding, sys.stdout.line_buffering, sys.getfilesystemencoding(), locale.getlocale()],
        "hooks": [sys.excepthook is sys.__excepthook__, threading.excepthook is threading.__excepthook__],
        "env": dict(os.environ),
        "parent": os.getppid(),
        "cwd": os.getcwd(),
        "commandLine": [read("/proc/1/cmdline"), read("/proc/self/cmdline")],
        "programs": [os.readlink("/proc/self/exe"), read("/proc/1/comm"), read("/proc/self/comm")],
        "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
        "network": [name for _, name in socket.if_nameindex()],
        "host": socket.gethostname(),
        "home": os.path.expanduser("~"),
        "handlers": {str(number): str(signal.getsignal(number)).split(" at ")[0] for number in signal.valid_signals()},
        "collector": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()],
        "loading": LOADING,
    }


def limits():
    status = re.compile(r"(Name|Umask|Sig\w+|Cap\w+|NoNewPrivs|Seccomp|Uid|Gid|Groups|CoreDumping):")
    return {
        "status": [line for line in read("/proc/self/status").splitlines() if status.match(line)],
        "firstStatus": [line for line in read("/proc/1/status").splitlines() if status.match(line)],
        "resources": read("/proc/self/limits"),
        "outOfMemoryScore": read("/proc/self/oom_score_adj"),
        "priority": os.getpriority(os.PRIO_PROCESS, 0),
        "parallelism": [os.cpu_count(), len(os.sched_getaffinity(0))],
        "cgroup": [[name, read("/sys/fs/cgroup/" + name)] for name in CGROUP_FILES],
    }


def modules():
    main = sys.modules["__main__"]
    return {
        "main": {name: plain(value) for name, value in vars(main).items() if name != "__builtins__"},
        "path": sys.path,
        "finders": [plain(finder) for finder in sys.meta_path],
        "spaces": {name: list(module.__path__) for name, module in sys.modules.items() if hasattr(module, "__path__")},
        "cache": sorted(sys.modules),
        "loadingCache": LOADING_MODULES,
        "builtins": sorted(dir(__builtins__)),
    }


def plain(value):
    return re.sub("0x[0-9a-f]+", "0x", str(value))


def mount(line):
    # Where, with which options and from where something is mounted.
    _, _, _, source, at, options, *rest = line.split(" ")
    return " ".join([at, options, source, *rest[rest.index("-") + 1 :]])


def open_files():
    # What open files are, without numbers.
    names = set()
    for process in ["1", "self"]:
        for number in os.listdir(f"/proc/{process}/fd"):
            try:
                name = re.sub(r"wgunicorn-\w+", "wgunicorn", os.readlink(f"/proc/{process}/fd/{number}"))
                names.add(process + " " + re.sub(r"\d+", "N", name))
            except OSError:
                pass
    return sorted(names)


def read(file):
    try:
        with open(file) as opened:
            return opened.read()
    except OSError as error:
        return os.strerror(error.errno)


def metadata(path):
    url = "http://metadata.google.internal/computeMetadata/v1/" + path
    with urllib.request.urlopen(urllib.request.Request(url, headers={"metadata-flavor": "Google"})) as answer:
        return answer.read().decode()


if "FAIL_FROM_STEM" in os.environ and "/stem-" in read("/proc/self/mountinfo"):
    raise RuntimeError("loaded from a stem")
