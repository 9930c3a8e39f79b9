"""A queue's life by boto3, which verifies the digests of what it gets; prints one JSON object."""
import json
import boto3
from botocore.exceptions import ClientError

sqs = boto3.client("sqs")
url = sqs.create_queue(QueueName="by-boto", Attributes={"VisibilityTimeout": "5"}, tags={"team": "shop"})["QueueUrl"]
sent = sqs.send_message(
    QueueUrl=url,
    MessageBody="hello",
    MessageAttributes={"timestamp": {"DataType": "Number", "StringValue": "1493147359900"}},
)
batch = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(3)])
messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])["Messages"]
for message in messages:
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
left = sqs.receive_message(QueueUrl=url).get("Messages", [])
resource = boto3.resource("sqs").get_queue_by_name(QueueName="by-boto")
try:
    sqs.get_queue_url(QueueName="missing")
    code = None
except ClientError as error:
    code = error.response["Error"]["Code"]
try:
    sqs.get_queue_url(QueueName="missing")
    modelled = False
except sqs.exceptions.QueueDoesNotExist:
    modelled = True
print(json.dumps({
    "bodies": [message["Body"] for message in messages],
    "digest": sent["MD5OfMessageAttributes"],
    "batch": len(batch["Successful"]),
    "left": len(left),
    "arn": resource.attributes["QueueArn"],
    "tags": sqs.list_queue_tags(QueueUrl=url)["Tags"],
    "code": code,
    "modelled": modelled,
}))
