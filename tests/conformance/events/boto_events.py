"""Rules, targets and events by boto3; prints one JSON object."""
import json
import boto3
from botocore.exceptions import ClientError

events = boto3.client("events")
sqs = boto3.client("sqs")
url = sqs.create_queue(QueueName="q")["QueueUrl"]
events.put_rule(Name="r", EventPattern=json.dumps({"source": [{"prefix": "shop"}]}))
put = events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:q", "InputPath": "$.detail"}])
sent = events.put_events(Entries=[
    {"Source": "shop.orders", "DetailType": "sold", "Detail": json.dumps({"n": 1})},
    {"Source": "aws.ecs", "DetailType": "sold", "Detail": "{}"},
])
messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
try:
    events.put_rule(Name="bad", EventPattern='{"source":"shop"}')
    code = None
except ClientError as error:
    code = error.response["Error"]["Code"]
print(json.dumps({
    "failed": [put["FailedEntryCount"], sent["FailedEntryCount"]],
    "bodies": [json.loads(message["Body"]) for message in messages],
    "code": code,
    "rules": [rule["Name"] for page in events.get_paginator("list_rules").paginate() for rule in page["Rules"]],
}))
