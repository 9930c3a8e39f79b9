#!/usr/bin/env bash
# Two services behind one load balancer, a rolling update under load, and a bad image under the same load: with the aws
# CLI, curl and wrk. Ends with 0 only if no request of the update failed and the bad image was rolled back by itself.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
checkout=$here/../..
# shellcheck source=steps.sh
source "$here/steps.sh"

start_capstan
listen
step 'Two repositories, with web 1.0.0 and admin 1.0.0'
push "$checkout/examples/web/v1" web:1.0.0
push "$here/admin" admin:1.0.0

step 'A load balancer with two target groups and rules'
web_group=$(create_target_group web)
admin_group=$(create_target_group admin)
balancer=$(aws elbv2 create-load-balancer --name shop --subnets subnet-12345678 subnet-23456789 \
  --query 'LoadBalancers[0].LoadBalancerArn')
host=$(aws elbv2 describe-load-balancers --load-balancer-arns "$balancer" --query 'LoadBalancers[0].DNSName')
listener=$(aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol HTTP --port 80 \
  --default-actions "Type=forward,TargetGroupArn=$web_group" --query 'Listeners[0].ListenerArn')
create_rule 10 "$(path '/admin/*')" "$(forward_to "$admin_group")"
create_rule 20 "$(header X-Preview yes)" "$(forward_to "$web_group" 1 "$admin_group" 1)"
create_rule 30 "$(path /old)" "$(redirect_to /version)"
saw "$host"

step 'Without a target it answers 503'
expect 'the page' "$(status_of /)" 503

step 'Two services of ECS behind it; one is enrolled by its tags'
aws ecs create-cluster --cluster-name shop >/dev/null
create_service web "$web_group" --tags key=capstan:track,value=semver:1.x key=capstan:bake,value=5s
create_service admin "$admin_group"
create_alarm web-5xx "$balancer" "$web_group"
until_seen 'ECS completes web' is_stable shop web
until_seen 'ECS completes admin' is_stable shop admin

step 'The rules lead to the one and the other'
expect '/version' "$(page /version)" '1.0.0'
expect '/admin/users' "$(page /admin/users)" 'admin /admin/users'
expect '/old' "$(ask /old --output /dev/null --write-out '%{http_code} %{redirect_url}')" \
  "301 http://$host:80/version"
expect '/version with X-Preview: yes, again and again' "$(pages 30 /version --header 'X-Preview: yes')" '1.0.0 admin'

step 'web 1.1.0 is pushed while wrk asks all the time'
start_load
push "$checkout/examples/web/v2" web:1.1.0
good=$(digest_of 1.1.0)
until_seen 'ECS completes the deployment of 1.1.0' is_deployed "$good"
end_load
expect '/version' "$(page /version)" '1.1.0'
expect 'requests that failed' "$failed" 0

step 'Capstan counts it as good: it did well for as long as capstan:bake says'
until_seen 'the event Capstan Deployment Verified' is_told Verified "$good"
saw "$(field_of sentence)"

step 'web 1.2.0 is pushed under the same load: it passes its health check, and answers 500 after a while'
start_load
push "$checkout/examples/web/v3" web:1.2.0
bad=$(digest_of 1.2.0)
until_seen 'the event Capstan Deployment Rolled Back' is_told 'Rolled Back' "$good"
saw "$(field_of sentence)"
until_seen 'ECS is back on 1.1.0' is_deployed "$good"
end_load
expect '/version' "$(page /version)" '1.1.0'
expect 'the digest in quarantine' "$(quarantined)" "$bad"
[ "$errors" -gt 0 ] || fail 'the bad image answered no request with an error'
print_window

step 'The same image by another tag is not deployed either'
push "$checkout/examples/web/v3" web:1.2.1
expect '1.2.1' "$(digest_of 1.2.1)" "$bad"
until_seen 'the decision to skip it' is_skipped quarantined
expect '/version' "$(page /version)" '1.1.0'

step 'The end: all of it was seen'
