# The words that run.sh is written in, besides those of every example: what it makes, asks for and sees.

# shellcheck source=../words.sh
source "$checkout/examples/words.sh"
need node aws curl dig

zone=harbour.test namespace=harbour.internal name=web.$zone inner=web.$namespace ttl=2
# What is waited for here takes milliseconds.
pause=0.2

# Where the DNS server is: of the engine that was started, or as $DNS says, such as 127.0.0.1:5300.
answers_at() {
  [ -z "$engine" ] || DNS=$(ready dns)
  saw "and answers for names at ${DNS:?is to say where the DNS server of \$AWS_ENDPOINT_URL is}"
}

create_zone() {
  aws route53 create-hosted-zone --name "$zone" --caller-reference "$$" >/dev/null
}

# create_discovery_service NAME: in a namespace of its own, whose instances have A records.
create_discovery_service() {
  aws servicediscovery create-private-dns-namespace --name "$namespace" --vpc vpc-12345678 >/dev/null
  until_seen "Cloud Map has the namespace $namespace" is_there_namespace
  aws servicediscovery create-service --name "$1" --namespace-id "$(namespace_id)" \
    --dns-config "RoutingPolicy=MULTIVALUE,DnsRecords=[{Type=A,TTL=$ttl}]" >/dev/null
}

namespace_id() {
  aws servicediscovery list-namespaces --query "Namespaces[?Name=='$namespace'].Id"
}
is_there_namespace() { [ -n "$(namespace_id)" ]; }

# push_version VERSION: the program, with this version in its package.json.
push_version() {
  rm -rf "$folder/web"
  cp -r "$here/web" "$folder/web"
  sed -i.before "s/1\.0\.0/$1/" "$folder/web/package.json"
  rm "$folder/web/package.json.before"
  push "$folder/web" "web:$1"
}

# register FAMILY [--tags …]: the program as a task definition.
register() {
  local family=$1 registry=${AWS_ENDPOINT_URL#*://}
  shift
  aws ecs register-task-definition --family "$family" --network-mode awsvpc --cpu 256 --memory 512 \
    --requires-compatibilities FARGATE --container-definitions "[{\"name\":\"app\",\"image\":\"$registry/web:1.0.0\",
    \"portMappings\":[{\"containerPort\":8080}],\"stopTimeout\":10,
    \"healthCheck\":{\"command\":[\"CMD-SHELL\",\"curl --fail http://localhost:8080/\"],\"interval\":5,\"timeout\":2},
    \"environment\":[{\"name\":\"DNS_TTL\",\"value\":\"$ttl\"}]}]" "$@" >/dev/null
}

network='awsvpcConfiguration={subnets=[subnet-12345678]}'

# create_service NAME TASKS KEY=VALUE…: with these tags.
create_service() {
  local service=$1 tasks=$2
  shift 2
  register "$service"
  aws ecs create-service --cluster shop --service-name "$service" --task-definition "$service" \
    --desired-count "$tasks" --launch-type FARGATE --network-configuration "$network" \
    --tags $(tags_of "$@") >/dev/null
}

# run_task FAMILY KEY=VALUE…: one task of no service; the tags are its task definition's.
run_task() {
  local family=$1
  shift
  register "$family" --tags $(tags_of "$@")
  aws ecs run-task --cluster shop --task-definition "$family" --launch-type FARGATE \
    --network-configuration "$network" >/dev/null
}

tags_of() { printf 'key=%s ' "$@" | sed 's/\(key=[^=]*\)=/\1,value=/g'; }

# dig_for NAME: the addresses, by UDP.
dig_for() { dig "@${DNS%:*}" -p "${DNS#*:}" +short +tries=1 +time=2 "$1" A; }

found() { dig_for "$name" | sort | xargs; }

# finds COUNT [NAME]: whether dig finds so many addresses.
finds() { [ "$(dig_for "${2:-$name}" | wc -l)" -eq "$1" ]; }

# finds_same: whether both names lead to the same addresses.
finds_same() { [ "$(found)" = "$(dig_for "$inner" | sort | xargs)" ]; }

# version_at ADDRESS: what answers there.
version_at() { curl --silent --fail --max-time 2 "http://$1:8080/version"; }

# versions: what answers at the addresses that dig finds, each once.
versions() {
  local address
  for address in $(found); do version_at "$address"; done | sort -u | xargs
}

# finds_version COUNT VERSION
finds_version() { finds "$1" && [ "$(versions)" = "$2" ]; }

# is_deployed VERSION: whether ECS has completed the deployment of the image with this tag.
is_deployed() {
  local digest definition
  digest=$(aws ecr describe-images --repository-name web --image-ids "imageTag=$1" --query 'imageDetails[0].imageDigest')
  definition=$(aws ecs describe-services --cluster shop --services web --query 'services[0].taskDefinition')
  is_stable shop web && [[ $(aws ecs describe-task-definition --task-definition "$definition" \
    --query 'taskDefinition.containerDefinitions[0].image') == *@$digest ]]
}

# Asks for the name ten times a second and calls each address, until it is told to stop; a line for each answer and each
# address.
watch() {
  local address addresses
  until [ -e "$folder/stop" ]; do
    addresses=$(found)
    [ -n "$addresses" ] && echo answer || echo empty
    for address in $addresses; do
      version_at "$address" >/dev/null && echo served || echo "refused $address"
    done
    sleep 0.1
  done
}

start_watch() {
  rm -f "$folder/stop"
  watch >"$folder/watch" &
  background=$!
}

# Ends the watch and tells of it. Sets empty (answers without an address) and refused (addresses where nobody was).
end_watch() {
  touch "$folder/stop"
  wait "$background"
  background=''
  empty=$(count empty)
  refused=$(count refused)
  saw "$(count answer) answers, $(count served) calls of what they named"
}

count() { grep -c "^$1" "$folder/watch" || true; }

# Whoever asked before is led to the old address for this long.
sleep_for_ttl() { sleep "$((ttl + 2))"; }
