#!/bin/sh
# Captures what `ansible-inventory --list` says of the inventories here, for the tests that compare.
cd "$(dirname "$0")" || exit 1
export ANSIBLE_VAULT_PASSWORD_FILE="$PWD/vault/password"
# beside the folders: a folder of inventories is all of its files
list() { folder=$1; shift; mkdir -p "$folder"; (cd "$folder" && ansible-inventory "$@" --list > "../$folder.expected.json"); }
list ini -i hosts.ini
list yaml -i hosts.yml
list folder -i .
list script-meta -i cloud
list script-hosts -i cloud
list several -i first/hosts -i second/hosts.yml
list list -i 'h1,h2:2222,10.0.0.7,'
list priority -i hosts
ansible-inventory --version > version
sed -i 1q version
