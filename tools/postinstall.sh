#!/bin/sh
# Makes the pinned Node.js run: its binary needs libatomic, which a minimal system lacks.
set -eu
node_binary="node_modules/node/bin/node"
[ -x "$node_binary" ] || exit 0
"$node_binary" --version >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "homerun: installing libatomic1, which Node.js needs"
  DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libatomic1 >/dev/null
fi
"$node_binary" --version >/dev/null || {
  echo "homerun: the pinned Node.js does not run here; install the library that it misses (Debian: apt-get install libatomic1)" >&2
  exit 1
}
