# The words that every example is written in: what it starts, says, sees and expects. Sourced by each `steps.sh`, which
# sets `checkout`.

export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_DEFAULT_OUTPUT=text AWS_PAGER=

folder=$(mktemp -d)
engine='' background=''

# Ends what was started here, whatever happened.
end_all() {
  [ -z "$background" ] || kill "$background" 2>/dev/null || true
  [ -z "$engine" ] || { kill "$engine" && wait "$engine"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap end_all EXIT

step() { printf '\n▸ %s\n' "$1"; }
saw() { printf '  %s\n' "$1"; }

fail() {
  printf '\nThis is where it ends: %s\n' "$1" >&2
  exit 1
}

# need PROGRAM…
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is not installed"
  done
}

# expect WHAT SEEN WANTED
expect() {
  [ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
  saw "$1: $2"
}

# until_seen WHAT COMMAND…: asks again and again, for two minutes.
until_seen() {
  local what=$1 give_up=$((SECONDS + 120))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$give_up" ] || fail "it did not come to pass that $what"
    sleep "${pause:-1}"
  done
  saw "$what"
}

# Told by the option: the aws CLI of version 1 overlooks AWS_ENDPOINT_URL for SQS, and would ask AWS.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }

capstan() { node "$checkout/packages/cli/bin/capstan.js" "$@"; }

# Starts Drydock with Capstan in it, unless AWS_ENDPOINT_URL names one. Its one line is in $folder/ready then.
start_capstan() {
  if [ -z "${AWS_ENDPOINT_URL:-}" ]; then
    : >"$folder/ready"
    node "$checkout/packages/cli/bin/capstan.js" dev --port 0 --empty --json >"$folder/ready" 2>"$folder/log" &
    engine=$!
    until grep -q endpoint "$folder/ready"; do
      kill -0 "$engine" 2>/dev/null || fail "capstan dev ended: $(cat "$folder/log")"
      sleep 0.1
    done
    AWS_ENDPOINT_URL=$(ready endpoint)
    export AWS_ENDPOINT_URL
  fi
  step "Capstan runs on Drydock at $AWS_ENDPOINT_URL"
}

# ready FIELD: of the line that `capstan dev` printed.
ready() { sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/" "$folder/ready"; }

# push FOLDER NAME:TAG
push() { capstan image push "$1" "$2" | sed 's/^/  /'; }

# is_stable CLUSTER SERVICE: whether ECS has completed its one deployment.
is_stable() {
  [ "$(aws ecs describe-services --cluster "$1" --services "$2" \
    --query 'services[0].deployments[].rolloutState')" = COMPLETED ]
}
