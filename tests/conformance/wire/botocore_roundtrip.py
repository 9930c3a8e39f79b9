"""Every operation of every service, called by botocore with random inputs and answered with random outputs.

An implementation of the protocols that shares nothing with ours or with the JavaScript SDK: botocore's own models make
the values. Usage: botocore_roundtrip.py ENDPOINT [SEED]. Prints one JSON object: what was compared and what differed.
"""
import base64
import datetime
import http.client
import json
import random
import sys

import boto3
from botocore.config import Config

ENDPOINT = sys.argv[1]
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
SERVICES = (
    "ecs ecr elbv2 cloudwatch events servicediscovery route53 dynamodb sts sns sqs lambda ssm logs iam ec2"
).split()

WORDS = ["a", "Ünï ✓", "x<y>&\"z'", "new\nline\ttab", "100%", "a+b c/d?e=f&g", "😀", "]]>"]
HEADER_WORDS = ["a", "b-c", "d e"]
EPOCH_2026 = 1767225600

# botocore adds presigned URLs and checks EndpointId; SQS's query model gives two members one name.
NOT_OURS = {"PresignedUrl", "MessageSystemAttributeNames", "AttributeNames", "EndpointId"}
# Here botocore itself changes or adds members.
CHANGED_BY_CLIENT = {
    "RunInstances",
    "GetConsoleOutput",
    "Invoke",
    "CopySnapshot",
    "StopDurableExecution",
    "SendDurableExecutionCallbackFailure",
}


class Values:
    """Random values for the shapes of one service."""

    def __init__(self, service):
        # botocore cuts the ids of Route 53 at their last slash.
        self.words = [word for word in WORDS if service != "route53" or "/" not in word]
        self.slash = "" if service == "route53" else "/"

    def make(self, shape, depth=0, in_header=False, name=""):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, depth, in_header)
        if kind == "list":
            return [self.make(shape.member, depth + 1, in_header) for _ in range(1 + RANDOM.randrange(2))]
        if kind == "map":
            return {f"k-{RANDOM.randrange(99)}": self.make(shape.value, depth + 1, in_header)}
        return self.scalar(shape, kind, in_header, name)

    def structure(self, shape, depth, in_header):
        members = {name: each for name, each in shape.members.items() if is_ours(name, each)}
        if getattr(shape, "is_tagged_union", False):
            choices = list(members.items())
            members = dict([RANDOM.choice(choices) if depth < 6 else choices[0]])
        made = {}
        for name, member in members.items():
            if self.is_wanted(shape, name, member, depth, len(members)):
                made[name] = self.member(member, depth, in_header, name)
        if not made and members and depth < 12:
            name, member = next(iter(members.items()))
            made[name] = self.make(member, depth + 1, in_header, name)
        return made

    def is_wanted(self, shape, name, member, depth, count):
        is_required = (
            name in shape.required_members
            or member.serialization.get("location") in ("uri", "statusCode")
            or member.metadata.get("idempotencyToken")
            or count == 1
        )
        return depth <= 12 if is_required else depth <= 3 and RANDOM.random() >= 0.3

    def member(self, member, depth, in_header, name):
        location = member.serialization.get("location")
        if location == "statusCode":
            return 200
        if location == "uri" and member.type_name == "string":
            return f"l{RANDOM.randrange(99)}{self.slash}x y:z%"
        return self.make(member, depth + 1, in_header or location in ("header", "headers"), name)

    def scalar(self, shape, kind, in_header, name):
        if kind == "string":
            return self.text(shape, in_header, name)
        if kind in ("integer", "long"):
            return RANDOM.randrange(100000)
        if kind in ("float", "double"):
            return float(RANDOM.randrange(1000))
        if kind == "boolean":
            return RANDOM.random() < 0.5
        if kind == "timestamp":
            return datetime.datetime.fromtimestamp(EPOCH_2026 + RANDOM.randrange(10**6), datetime.timezone.utc)
        if kind == "blob":
            return bytes([RANDOM.randrange(256), 0, 255])
        raise ValueError(f"no value for {kind}")

    def text(self, shape, in_header, name):
        if name in ("MaxItems", "MaxResults"):
            return str(RANDOM.randrange(99))
        if shape.serialization.get("jsonvalue"):
            return '{"a":1}'
        return RANDOM.choice(HEADER_WORDS if in_header else self.words)


def is_ours(name, member):
    is_stream = getattr(member, "is_eventstream", False) or member.serialization.get("eventstream")
    return name not in NOT_OURS and not is_stream


def tagged(value):
    """JSON has no dates or bytes: they travel as $date and $bytes."""
    if isinstance(value, datetime.datetime):
        return {"$date": int(value.timestamp() * 1000)}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if hasattr(value, "read"):
        return tagged(value.read())
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key != "ResponseMetadata"}
        return {key: tagged(each) for key, each in kept.items() if not hasattr(each, "_event_generator")}
    if isinstance(value, list):
        return [tagged(each) for each in value]
    if isinstance(value, str) and value.isdigit():
        return int(value)  # MaxItems of Route 53 is text to botocore and a number to the JavaScript models.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


CONTROL = http.client.HTTPConnection(ENDPOINT.removeprefix("http://"))


def control(reply=None):
    """Sets what the next call is answered with, or asks what the last one was called with."""
    body = None if reply is None else json.dumps(tagged(reply))
    CONTROL.request("GET" if body is None else "POST", "/__control", body)
    return json.load(CONTROL.getresponse())


def connect(service):
    config = Config(
        parameter_validation=False,
        inject_host_prefix=False,
        retries={"max_attempts": 0},
        disable_request_compression=True,
    )
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", config=config, **keys)


def main():
    compared = 0
    problems = []

    def compare(what, sent, got):
        nonlocal compared
        compared += 1
        if sent != got:
            problems.append({"what": what, "sent": sent, "got": got})

    for service in SERVICES:
        client = connect(service)
        values = Values(service)
        for method, operation in client.meta.method_to_api_mapping.items():
            if operation in CHANGED_BY_CLIENT:
                continue
            model = client.meta.service_model.operation_model(operation)
            sent = values.make(model.input_shape) if model.input_shape else {}
            reply = values.make(model.output_shape) if model.output_shape else {}
            control(reply)
            try:
                received = getattr(client, method)(**sent)
            except Exception as error:  # whatever it is, it belongs into the report
                problems.append({"what": f"{service} {operation}", "error": f"{type(error).__name__}: {error}"})
                continue
            compare(f"{service} {operation} input", tagged(sent), control() or {})
            compare(f"{service} {operation} output", tagged(reply), tagged(received))
    print(json.dumps({"compared": compared, "problems": problems}))


main()
