#!/usr/bin/env bash
# Writes .env for compose.yaml, with secrets that nobody else has; one that is there stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -e .env ]; then
    echo ".env is there and stays as it is"
    exit 0
fi
umask 077
random() { head -c "$1" /dev/urandom; }
database=$(random 24 | od -An -tx1 | tr -d ' \n')
root=$(random 24 | od -An -tx1 | tr -d ' \n')
admin=$(random 24 | od -An -tx1 | tr -d ' \n')
webhook=whsec_$(random 32 | base64 | tr -d '\n')
sed -e "s|^MARIADB_PASSWORD=.*|MARIADB_PASSWORD=$database|" \
    -e "s|^MARIADB_ROOT_PASSWORD=.*|MARIADB_ROOT_PASSWORD=$root|" \
    -e "s|^VITRINA_ADMIN_KEY=.*|VITRINA_ADMIN_KEY=$admin|" \
    -e "s|^WEBHOOK_SECRET=.*|WEBHOOK_SECRET=$webhook|" .env.example > .env.part
mv .env.part .env
echo "wrote .env: the stack's secrets; keep it out of git and in your backup"
