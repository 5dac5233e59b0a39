#!/usr/bin/env bash
# Runs compose.yaml for real, in a project, with volumes and on ports of its own, and takes all of it away again:
# searches from outside, kills workers, scales them, restarts MariaDB, takes the stack down and up, and adds a second server.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! docker compose version >/dev/null 2>&1; then
    echo "docker with Compose 2 is needed: https://docs.docker.com/engine/install/" >&2
    exit 2
fi
if ! docker info >/dev/null 2>&1; then
    echo "no container engine answers: start Docker, or name one with DOCKER_HOST" >&2
    exit 2
fi

# Secrets of this run alone; no .env is read.
MARIADB_PASSWORD=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
MARIADB_ROOT_PASSWORD=$MARIADB_PASSWORD
WEBHOOK_SECRET=whsec_$(head -c 32 /dev/urandom | base64 | tr -d '\n')
SERVER_PORT=${CHECK_SERVER_PORT:-18000}
FRONTEND_PORT=${CHECK_FRONTEND_PORT:-17860}
VITRINA_VERSION=check
VITRINA_DEMO=true
export MARIADB_PASSWORD MARIADB_ROOT_PASSWORD WEBHOOK_SECRET SERVER_PORT FRONTEND_PORT VITRINA_VERSION VITRINA_DEMO
export DOCKER_BUILDKIT=1
server=http://127.0.0.1:$SERVER_PORT
page=http://127.0.0.1:$FRONTEND_PORT
scratch=$(mktemp -d)
chmod 755 "$scratch" # the import reads it as another user
passed=0

files=(--file compose.yaml)
compose() { docker compose "${files[@]}" --env-file /dev/null --project-name vitrina-check --progress quiet "$@"; }
finish() {
    local code=$?
    if [ "$code" -ne 0 ]; then
        echo "== it failed; the last words of the services:" >&2
        compose ps --all >&2 || true
        compose logs --tail 20 >&2 || true
    fi
    compose down --volumes --remove-orphans --timeout 10 || true
    docker image rm vitrina:check vitrina-frontend:check vitrina-store:check >/dev/null 2>&1 || true
    rm -rf "$scratch"
    exit "$code"
}
trap finish EXIT

ok() { passed=$((passed + 1)); echo "ok   $1"; }
fail() { echo "FAIL $1" >&2; exit 1; }
# expect WHAT PATTERN ANSWER
expect() { if grep -q -- "$2" <<<"$3"; then ok "$1"; else fail "$1: no $2 in: ${3:0:600}"; fi; }
# until_ok SECONDS COMMAND…: tries until it succeeds.
until_ok() {
    local deadline=$((SECONDS + $1)); shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.5
    done
}
words() { curl -sS --max-time 10 "$server/search/text" -H 'Content-Type: application/json' -d "{\"query\":\"$1\"}"; }
found() { words "$1" | grep -q "$2"; }
status() { curl -s -o /dev/null -w '%{http_code}' --max-time 15 "$@"; }
# submit COUNT: so many photos at once; their task ids on standard output.
submit() {
    seq "$1" | xargs -P 8 -I{} curl -sS --max-time 10 -F "file=@$scratch/photo.jpg" "$server/search/image" \
        | grep -o '"task_id":"[^"]*"' | cut -d'"' -f4
}
completed() { curl -sS --max-time 15 -H 'Prefer: wait=10' "$server/tasks/$1/result" | grep -q '"status":"completed"'; }
# all_completed WHAT SECONDS FILE: every task of the file ends well in time.
all_completed() {
    local task count
    count=$(wc -l <"$3")
    while read -r task; do
        until_ok "$2" completed "$task" || fail "$1: task $task: $(curl -sS "$server/tasks/$task/result")"
    done <"$3"
    ok "$1: $count of $count answered"
}

echo "== building and starting"
compose up --detach --build --wait --wait-timeout 300
ok "all services are healthy"

echo "== how the containers run"
for service in mariadb redis server worker frontend; do
    id=$(compose ps --quiet "$service")
    limits=$(docker inspect --format \
        'read-only={{.HostConfig.ReadonlyRootfs}} memory={{.HostConfig.Memory}} cpus={{.HostConfig.NanoCpus}} pids={{.HostConfig.PidsLimit}}' "$id")
    user=$(docker top "$id" -eo pid,uid | awk 'NR == 2 { print $2 }')
    [[ $limits == read-only=true* && $limits != *=0* && $user != 0 ]] || fail "$service: uid $user, $limits"
    ok "$service: uid $user, $limits"
done

echo "== searching from outside"
expect "words find a product" 'Camiseta deportiva roja' "$(words 'camiseta deportiva roja')"
photo=$(curl -sS "$server/products?category=Zapatos&limit=100" | grep -o '"photo":"[^"]*"' | head -n 1 | cut -d'"' -f4)
[ -n "$photo" ] || fail "no demo product has a photo"
curl -sS --fail -o "$scratch/photo.jpg" "$server$photo"
task=$(submit 1)
until_ok 30 completed "$task" || fail "the photo was not answered"
expect "a photo finds its category" '"categories":\["Zapatos"' "$(curl -sS "$server/tasks/$task/result")"
expect "the page answers" '^200$' "$(status "$page/")"
expect "the page passes a product's photo on" '^200$' "$(status "$page$photo")"
expect "the page has the classifier for browsers" '^200$' "$(status "$page/browser/models/efficientnet_lite1/efficientnet_lite1_int8_weights.onnx")"
expect "an unsigned webhook call is refused" '^401$' "$(status "$server/webhook/task_completed" \
    -H 'Content-Type: application/json' -d "{\"task_id\":\"$task\",\"state\":\"failed\",\"error\":\"forged\"}")"

echo "== killing the only worker, then three of them"
submit 40 >"$scratch/tasks" &
sleep 0.3
compose kill --signal SIGKILL worker
wait $!
submit 20 >>"$scratch/tasks"
compose up --detach --wait --wait-timeout 120 --scale worker=3
expect "three workers run" '^3$' "$(compose ps --quiet worker | wc -l)"
all_completed "photos sent while the worker was killed" 120 "$scratch/tasks"
submit 60 >"$scratch/tasks" &
docker kill --signal SIGKILL "$(compose ps --quiet worker | head -n 1)" >/dev/null
wait $!
all_completed "photos sent while one of three was killed" 120 "$scratch/tasks"

echo "== restarting MariaDB"
compose stop mariadb
expect "without MariaDB the server is not ready" '^503$' "$(status "$server/ready")"
expect "without MariaDB the server lives" '^200$' "$(status "$server/health")"
compose start mariadb
until_ok 60 found camiseta 'Camiseta deportiva roja' || fail "words find nothing after MariaDB's restart"
ok "words find products again"
submit 1 >"$scratch/tasks"
all_completed "photos after the restart" 60 "$scratch/tasks"

echo "== importing, then down and up"
echo '{"name": "Farolillo de comprobación", "price": 7.5, "category": "Jardín", "photo": "photo.jpg"}' >"$scratch/new.jsonl"
chmod 644 "$scratch"/*
compose run --rm --no-deps --volume "$scratch:/import:ro" server import /import/new.jsonl --photos /import --replace-demo
until_ok 10 found farolillo 'Farolillo' || fail "the imported product does not show up"
ok "an imported product shows up in the running server"
compose down
compose up --detach --wait --wait-timeout 300
expect "the product outlives down and up" 'Farolillo' "$(words farolillo)"
kept=$(words farolillo | grep -o '"photo":"[^"]*"' | head -n 1 | cut -d'"' -f4)
expect "its photo too" '^200$' "$(status "$server$kept")"

echo "== two servers with one database, one Redis and one object store, and no folder in common"
export SECOND_PORT=${CHECK_SECOND_PORT:-18001} VITRINA_ADMIN_KEY=$WEBHOOK_SECRET VITRINA_PHOTOS=s3://shop/photos
export AWS_ENDPOINT=http://store:5000 AWS_ALLOW_HTTP=true AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=check AWS_SECRET_ACCESS_KEY=check
files=(--file compose.yaml --file scripts/compose-check.yaml)
second=http://127.0.0.1:$SECOND_PORT
compose up --detach --build --wait --wait-timeout 120 store
compose exec -T store python -c 'import urllib.request as r; r.urlopen(r.Request("http://127.0.0.1:5000/shop", method="PUT"))'
compose up --detach --wait --wait-timeout 300
put() { curl -sS --fail --max-time 30 -o /dev/null -X PUT -H "Authorization: Bearer $VITRINA_ADMIN_KEY" "$@"; }
photo_of() { curl -sS --max-time 10 "$1/products/by-key/both" | grep -o '"photo":"[^"]*"' | cut -d'"' -f4; }
put "$server/products/by-key/both" -H 'Content-Type: application/json' -d '{"name": "Farol de dos", "price": 5, "category": "Jardín"}'
id=$(curl -sS "$server/products/by-key/both" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
put "$server/products/$id/photo" -F "file=@$scratch/photo.jpg"
shown=$(photo_of "$second")
[ -n "$shown" ] && [ "$shown" = "$(photo_of "$server")" ] || fail "the second server shows another photo: ${shown:-none}"
ok "a photo that came through one server is shown by the other"
expect "and served by it" '^200$' "$(status "$second$shown")"
task=$(server=$second submit 1)
found_by_photo() { curl -sS --max-time 15 "$second/tasks/$task/result?query=farol" | grep -q 'Farol de dos'; }
until_ok 60 found_by_photo || fail "the second server: $(curl -sS "$second/tasks/$task/result?query=farol")"
ok "and found through it by that photo"

echo
echo "$passed passed"
