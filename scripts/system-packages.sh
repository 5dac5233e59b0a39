#!/usr/bin/env bash
# Installs the Debian packages that only the tests need, where that is possible: Chromium, MariaDB, Redis.
set -uo pipefail
missing=()
command -v chromium >/dev/null || command -v google-chrome >/dev/null || [ -n "${CHROMIUM:-}" ] || missing+=(chromium)
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || [ -n "${VITRINA_TEST_MARIADB_URL:-}" ] || missing+=(mariadb-server)
command -v redis-server >/dev/null || [ -n "${VITRINA_TEST_REDIS_URL:-}" ] || missing+=(redis-server)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "not installed, and cannot be installed from here: ${missing[*]}; what needs them is skipped" >&2
    exit 0
fi
echo "== installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
