#!/usr/bin/env bash
# The server and the page together, until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
listen=${VITRINA_LISTEN:-127.0.0.1:8000}
page=${VITRINA_PAGE_LISTEN:-127.0.0.1:7860}
demo=${DEMO:-small}
case $demo in
    small) data=${VITRINA_DATA_DIR:-vitrina-data} ;;
    large) data=${VITRINA_DATA_DIR:-vitrina-data-large}; .venv/bin/python data/demo/large.py >/dev/null ;;
    *) echo "DEMO is small or large, not $demo" >&2; exit 1 ;;
esac

"${VITRINA_BIN:-target/release/vitrina}" serve --demo="$demo" --data-dir "$data" --listen "$listen" &
server=$!
PYTHONPATH=frontend-gradio .venv/bin/python -m vitrina_page --server "http://$listen" --listen "$page" \
    --examples data/demo/vendure/examples &
client=$!
stop() { kill -TERM $server $client 2>/dev/null || true; wait $server $client 2>/dev/null || true; }
trap 'stop; exit 0' INT TERM
trap stop EXIT

until curl --silent --fail --output /dev/null "http://$listen/ready"; do
    kill -0 $server 2>/dev/null || { echo "the server did not start: see above" >&2; exit 1; }
    sleep 0.1
done
until curl --silent --fail --output /dev/null "http://$page/"; do
    kill -0 $client 2>/dev/null || { echo "the page did not start: see above" >&2; exit 1; }
    sleep 0.2
done
echo
echo "  API   http://$listen        (documentation: http://$listen/docs)"
echo "  page  http://$page"
echo "  stop with Ctrl-C"
echo
wait -n $server $client
