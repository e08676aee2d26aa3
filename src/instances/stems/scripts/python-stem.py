# Stands in the place of the program that starts the Functions Framework, in a Python that was started as the function's
# would be. It imports what that program imports before it loads the function, and then either
# - tells what it found (a study: the sandbox has the function's own image), or
# - waits until the function's image has taken the place of the root file system, and becomes the function's process.
OWN = frozenset(globals())  # what a program finds in its module before it runs

import importlib
import json
import linecache
import os
import re
import sys

FOLDER = "/.stem"
CONTROL = FOLDER + "/control"
SYSTEM_FOLDERS = ("/proc/", "/dev/", "/sys/", FOLDER + "/")
IS_STEM = os.path.exists(CONTROL)
# What the framework imports once it has loaded the function.
SERVER = ("functions_framework._http.gunicorn", "gunicorn.arbiter", "gunicorn.glogging")
SERVER_MODULE = re.compile(r"gunicorn(\.|$)|functions_framework\.(_http\.gunicorn|request_timeout)$")


def look():
    # Describes the process as it was started.
    with open("/proc/self/cmdline") as file:
        args = file.read().split("\0")[:-1]
    return {
        "env": dict(os.environ),
        "args": args,
        "execArgv": sys.orig_argv[1 : -len(sys.argv)],
        "execPath": os.path.realpath(sys.executable),
        "cwd": os.getcwd(),
        "startFiles": start_files(),
    }


def start_files():
    # What was run before any program: lines of .pth files in the folders of packages, and customizing modules.
    files = [
        os.path.join(folder, name)
        for folder in sys.path[1:]
        if os.path.isdir(folder)
        for name in sorted(os.listdir(folder))
        if name.endswith(".pth")
    ]
    for name in ("sitecustomize", "usercustomize"):
        files.append(getattr(sys.modules.get(name), "__file__", None))
    return [os.path.realpath(file) for file in files if file]


def record(names, files):
    # Notes which variables modules look at while they are imported, since whatever they made of them stays, and which
    # files are opened. There is no way back from that: the process of a study ends with it.
    class Recording(type(os.environ)):
        def __getitem__(self, key):
            names.add(key if isinstance(key, str) else os.fsdecode(key))
            return super().__getitem__(key)

        def __iter__(self):
            names.add("*")
            return super().__iter__()

    def note(event, args):
        if event == "open" and isinstance(args[0], str) and os.path.isabs(args[0]):
            files.append(args[0])

    os.environ.__class__ = Recording
    sys.addaudithook(note)


def modules():
    # The files of all modules, in the order in which they were imported.
    files = [getattr(module, "__file__", None) for name, module in sys.modules.items() if name != "__main__"]
    return [os.path.realpath(file) for file in files if isinstance(file, str)]


def state():
    # What else the files that are there decide about.
    names = [name for name in sys.modules]
    spaces = {name: list(m.__path__) for name, m in list(sys.modules.items()) if hasattr(m, "__path__")}
    parts = (sys.path, names, spaces, mapped(), sys.prefix, sys.base_prefix, list(sys.flags))
    return [json.dumps(part) for part in parts]


def mapped():
    # Shared libraries with the rest of what is mapped into memory.
    with open("/proc/self/maps") as file:
        ways = {line.split(maxsplit=5)[5].rstrip("\n") for line in file if len(line.split(maxsplit=5)) == 6}
    return sorted(way for way in ways if way.startswith("/"))


def plain_files(files):
    # Those that are regular files of the root file system, once each and without links.
    real = dict.fromkeys(os.path.realpath(file) for file in files)
    return [file for file in real if not file.startswith(SYSTEM_FOLDERS) and os.path.isfile(file)]


def tell(report):
    text = memoryview((json.dumps({"stem": report}) + "\n").encode())
    while text:
        text = text[os.write(1, text) :]


def wait_for_order():
    # Blocks the process, which has no other thread.
    with open(CONTROL) as control:
        return json.loads(control.read())


def become(order):
    for name in list(os.environ):
        del os.environ[name]
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    # What was looked up in the other root.
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    linecache.clearcache()


class Program:
    # Runs the function's own program as this one: in the same module, and with its own frames in what a traceback shows.
    def __enter__(self):
        return self

    def code(self):
        # Leaves nothing of this file in the module.
        with open(__file__, "rb") as file:
            code = compile(file.read(), __file__, "exec", dont_inherit=True)
        names, own = globals(), OWN
        for name in [name for name in names if name not in own]:
            del names[name]
        return code

    def __exit__(self, kind, error, trace):
        if kind is None or issubclass(kind, SystemExit):
            return
        import sys

        hook = sys.excepthook

        def without_this_frame(kind, error, trace):
            sys.excepthook = hook
            hook(kind, error.with_traceback(trace.tb_next), trace.tb_next)

        sys.excepthook = without_this_frame


class Server:
    # Modules of the web server, out of the function's sight until the framework imports them.
    def __init__(self):
        before = dict(sys.modules)
        try:
            for name in SERVER:
                importlib.import_module(name)
        except ImportError:
            pass  # Another version of the framework.
        self.modules = {name: module for name, module in sys.modules.items() if SERVER_MODULE.match(name)}
        values = [value for module in self.modules.values() for value in vars(module).values()]
        used = {getattr(value, "__module__", None) or getattr(value, "__name__", None) for value in values}
        self.used = [module for name, module in before.items() if name in used]

    def hide(self):
        for name in self.modules:
            del sys.modules[name]
            parent, _, own = name.rpartition(".")
            if parent and parent not in self.modules:
                delattr(sys.modules[parent], own)

    def show_when_needed(self):
        # The framework calls this name right after it has loaded the function.
        cli = sys.modules["functions_framework._cli"]
        create_server = getattr(cli, "create_server", None)
        if not self.modules or create_server is None:
            return

        def surroundings(os):
            # The framework itself sets variables that the server does not know.
            return os.getcwd(), {name: value for name, value in os.environ.items() if not name.startswith("FUNCTION_")}

        modules, before = self.modules, surroundings(os)
        seen = [(module, dict(vars(module))) for module in self.used]

        def create_server_with_modules(*args, **options):
            import os
            import sys

            cli.create_server = create_server
            # Unless the function has changed something that the modules looked at or took when they were imported.
            is_same = before == surroundings(os) and all(
                getattr(module, name, None) is value
                for module, values in seen
                for name, value in values.items()
                if callable(value)
            )
            if is_same and not any(name in sys.modules for name in modules):
                sys.modules.update(modules)
                for name, module in modules.items():
                    parent, _, own = name.rpartition(".")
                    if parent:
                        setattr(sys.modules[parent], own, module)
            return create_server(*args, **options)

        cli.create_server = create_server_with_modules


def main():
    names, files = set(), []
    before = look() if not IS_STEM else {}
    with open(FOLDER + "/preload.json") as file:
        preload = json.load(file)
    if not IS_STEM:
        record(names, files)
    for name in preload:
        importlib.import_module(name)
    server = Server()
    loaded = modules()
    if IS_STEM:
        # A kernel that starts a program by its first line calls the process by the program's name.
        with open("/proc/self/comm", "w") as file:
            file.write(os.path.basename(__file__)[:15])
    else:
        compiled = [getattr(module, "__cached__", None) or "" for module in list(sys.modules.values())]
        files = plain_files([*files, *before["startFiles"], *compiled, *mapped()])
        before.update({"readNames": sorted(names), "files": files})
    tell({"main": os.path.realpath(__file__), "loaded": loaded, "state": state(), **before})
    if not IS_STEM:
        os._exit(0)
    server.hide()
    become(wait_for_order())
    server.show_when_needed()


main()
with Program() as program:
    exec(program.code())
