# The words that run.sh is written in, besides those of every example: what it makes, asks for and sees.

# shellcheck source=../words.sh
source "$checkout/examples/words.sh"
need node aws curl wrk

# create_target_group NAME: prints its ARN. Checked each five seconds; who leaves has a second to finish.
create_target_group() {
  local arn
  arn=$(aws elbv2 create-target-group --name "$1" --protocol HTTP --port 8080 --target-type ip --vpc-id vpc-12345678 \
    --health-check-path /health --health-check-interval-seconds 5 --health-check-timeout-seconds 2 \
    --healthy-threshold-count 2 --query 'TargetGroups[0].TargetGroupArn')
  aws elbv2 modify-target-group-attributes --target-group-arn "$arn" \
    --attributes Key=deregistration_delay.timeout_seconds,Value=1 >/dev/null
  echo "$arn"
}

# forward_to GROUP [WEIGHT GROUP WEIGHT]
forward_to() {
  local groups="{\"TargetGroupArn\":\"$1\",\"Weight\":${2:-1}}"
  [ $# -lt 4 ] || groups+=",{\"TargetGroupArn\":\"$3\",\"Weight\":$4}"
  echo "[{\"Type\":\"forward\",\"ForwardConfig\":{\"TargetGroups\":[$groups]}}]"
}

redirect_to() { echo "[{\"Type\":\"redirect\",\"RedirectConfig\":{\"Path\":\"$1\",\"StatusCode\":\"HTTP_301\"}}]"; }

path() { echo "[{\"Field\":\"path-pattern\",\"Values\":[\"$1\"]}]"; }
header() { echo "[{\"Field\":\"http-header\",\"HttpHeaderConfig\":{\"HttpHeaderName\":\"$1\",\"Values\":[\"$2\"]}}]"; }

# create_rule PRIORITY CONDITIONS ACTIONS
create_rule() {
  aws elbv2 create-rule --listener-arn "$listener" --priority "$1" --conditions "$2" --actions "$3" >/dev/null
}

# create_service NAME TARGET_GROUP [OPTION…]: two tasks of NAME:1.0.0, registered with the target group.
create_service() {
  local name=$1 group=$2 registry=${AWS_ENDPOINT_URL#*://}
  shift 2
  aws ecs register-task-definition --family "$name" --network-mode awsvpc --cpu 256 --memory 512 \
    --requires-compatibilities FARGATE --container-definitions \
    "[{\"name\":\"$name\",\"image\":\"$registry/$name:1.0.0\",\"portMappings\":[{\"containerPort\":8080}],\"stopTimeout\":10}]" >/dev/null
  aws ecs create-service --cluster shop --service-name "$name" --task-definition "$name" --desired-count 2 \
    --launch-type FARGATE --network-configuration 'awsvpcConfiguration={subnets=[subnet-12345678]}' \
    --load-balancers "targetGroupArn=$group,containerName=$name,containerPort=8080" "$@" >/dev/null
}

# create_alarm NAME BALANCER TARGET_GROUP: after ten seconds in which several requests were answered with 5xx.
create_alarm() {
  aws cloudwatch put-metric-alarm --alarm-name "$1" --namespace AWS/ApplicationELB \
    --metric-name HTTPCode_Target_5XX_Count --statistic Sum --period 10 --evaluation-periods 1 --threshold 3 \
    --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching \
    --dimensions "Name=LoadBalancer,Value=${2#*:loadbalancer/}" "Name=TargetGroup,Value=${3##*:}"
}

# ask PATH [OPTION…]: curl, through the load balancer.
ask() {
  local path=$1
  shift
  curl --silent --show-error --max-time 10 --header "Host: $host" "$@" "$AWS_ENDPOINT_URL$path"
}

status_of() { ask "$1" --output /dev/null --write-out '%{http_code}'; }
page() { ask "$@" --fail; }

# pages TIMES PATH [OPTION…]: the first words of the answers, each once.
pages() {
  local times=$1
  shift
  for _ in $(seq "$times"); do page "$@"; done | cut -d ' ' -f 1 | sort -u | xargs
}

digest_of() {
  aws ecr describe-images --repository-name web --image-ids "imageTag=$1" --query 'imageDetails[0].imageDigest'
}

# The image of the deployment that ECS makes or has made.
is_asked_for() {
  local definition
  definition=$(aws ecs describe-services --cluster shop --services web --query 'services[0].taskDefinition')
  [[ $(aws ecs describe-task-definition --task-definition "$definition" \
    --query 'taskDefinition.containerDefinitions[0].image') == *@$1 ]]
}

is_deployed() { is_stable shop web && is_asked_for "$1"; }

# Capstan tells what it did on the default event bus; a rule brings it to a queue.
listen() {
  queue=$(aws sqs create-queue --queue-name told --query QueueUrl)
  aws events put-rule --name told --event-pattern '{"source":["capstan"]}' >/dev/null
  aws events put-targets --rule told --targets "Id=queue,Arn=$(aws sqs get-queue-attributes --queue-url "$queue" \
    --attribute-names QueueArn --query Attributes.QueueArn)" >/dev/null
}

# is_told TYPE TEXT: whether an event 'Capstan Deployment TYPE' came that has the text in it. Keeps it as $told.
is_told() {
  aws sqs receive-message --queue-url "$queue" --max-number-of-messages 10 --wait-time-seconds 1 \
    --query 'Messages[].[Body]' >>"$folder/told"
  told=$(grep -F "\"Capstan Deployment $1\"" "$folder/told" | grep -F "$2" | head -1)
}

# field_of FIELD: of the event that is_told found.
field_of() { node -p 'JSON.parse(process.argv[1]).detail[process.argv[2]]' "$told" "$1"; }

# is_skipped REASON: whether the latest decision about the service is to do nothing, for this reason.
is_skipped() { [[ $(capstan service plan shop/web --json | tr -d ' \n') == *'"kind":"skip","reason":"'$1'"'* ]]; }

quarantined() {
  capstan service show shop/web --json |
    node -p 'Object.keys(JSON.parse(fs.readFileSync(0, "utf8")).record.quarantine ?? {}).join(" ")'
}

# A constant load on the page: 20 connections, each with a pause of 20 ms after an answer.
start_load() {
  wrk --threads 1 --connections 20 --duration 300 --timeout 10 --script "$here/load.lua" --header "Host: $host" \
    "$AWS_ENDPOINT_URL/version" 20 >"$folder/load" &
  background=$!
}

# Ends the load and tells of it. Sets requests, rate, errors (4xx, 5xx), broken (connections), first and last (of the errors, ms).
end_load() {
  kill -INT "$background"
  wait "$background"
  background=''
  eval "$(sed -n 's/^load: //p' "$folder/load" | tr ' ' '\n')"
  failed=$((errors + broken))
  saw "$requests requests, $rate a second, $failed failed"
}

# When CloudWatch saw the alarm go into ALARM (ms). The aws CLI prints times in seconds or, from version 2 on, as ISO 8601.
alarmed_at() {
  node -p 'process.argv[1] * 1000 || Date.parse(process.argv[1])' "$(aws cloudwatch describe-alarm-history --alarm-name web-5xx \
    --history-item-type StateUpdate --scan-by TimestampAscending \
    --query "AlarmHistoryItems[?contains(HistorySummary, 'to ALARM')] | [0].Timestamp")"
}

# When errors came and what was done about them, counted from the first one.
print_window() {
  local alarm back
  alarm=$(alarmed_at)
  back=$(field_of at)
  saw "   0.0 s  the first error"
  printf '  %6.1f s  %s\n' "$(seconds "$alarm")" 'the alarm web-5xx is in ALARM' \
    "$(seconds "$back")" 'Capstan rolls back' "$(seconds "$last")" 'the last error'
  saw "$errors of $requests requests were answered with an error, $((errors * 100 / requests)) in a hundred"
}

# From the first error to a time (ms), in seconds.
seconds() { node -p '((process.argv[1] - process.argv[2]) / 1000).toFixed(1)' "$1" "$first"; }
