#!/usr/bin/env bash
# A service of three tasks that is found by a name in Route 53 and by one in Cloud Map: tasks come, are replaced by a new version, and go,
# while dig asks again and again and each address that it gets is called. With the aws CLI, dig and curl. Ends with 0 only
# if the name was never without an address while tasks served, and no address led to nobody.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
checkout=$here/../..
# shellcheck source=steps.sh
source "$here/steps.sh"

start_capstan
answers_at

step "A hosted zone of Route 53, $zone; a namespace of Cloud Map, $namespace, with the service web"
create_zone
create_discovery_service web
until_seen "dig finds nothing at $name yet" finds 0

step 'A service of ECS with three tasks; its tags say where it is to be found'
push_version 1.0.0
aws ecs create-cluster --cluster-name shop >/dev/null
create_service web 3 capstan:track=semver:1.x capstan:bake=5s \
  "capstan:dns=$name" "capstan:dns-ttl=$ttl" "capstan:discovery=$namespace/web"
until_seen 'ECS completes web' is_stable shop web
until_seen 'dig finds three addresses' finds 3
until_seen "and the same three at $inner, by Cloud Map" finds_same
expect 'they answer' "$(versions)" '1.0.0'
capstan discovery list | sed 's/^/  /'

step 'web 1.1.0 is pushed; meanwhile dig asks ten times a second, and each address is called'
start_watch
push_version 1.1.0
until_seen 'ECS completes the deployment of 1.1.0' is_deployed 1.1.0
until_seen 'dig finds three addresses, all of 1.1.0' finds_version 3 1.1.0
end_watch
expect 'answers without an address' "$empty" 0
expect 'addresses where nobody was' "$refused" 0

step 'Two of three tasks go'
start_watch
aws ecs update-service --cluster shop --service web --desired-count 1 >/dev/null
until_seen 'dig finds one address' finds 1
until_seen "and the same one at $inner" finds_same
sleep_for_ttl
end_watch
expect 'answers without an address' "$empty" 0
expect 'addresses where nobody was' "$refused" 0

step 'A task that belongs to no service is found as well: the tags of its task definition say where'
run_task worker "capstan:dns=worker.$zone"
until_seen "dig finds worker.$zone" finds 1 "worker.$zone"

step 'Everything is as it should be'
capstan discovery list | sed 's/^/  /'
expect 'capstan discovery plan' "$(capstan discovery plan)" 'Nothing to do.'

step 'The last tasks go, and with them the records'
aws ecs update-service --cluster shop --service web --desired-count 0 >/dev/null
until_seen "dig finds nothing at $name" finds 0
until_seen "nor at $inner" finds 0 "$inner"

step 'The end: all of it was seen'
