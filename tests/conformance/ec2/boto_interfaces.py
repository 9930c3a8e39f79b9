"""A task's public address by boto3, as a client finds it; prints one JSON object."""
import json
import sys
import boto3
from botocore.exceptions import ClientError

ecs, ec2 = boto3.client("ecs"), boto3.client("ec2")
task = ecs.describe_tasks(tasks=[sys.argv[1]])["tasks"][0]
details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
interface = boto3.resource("ec2").NetworkInterface(details["networkInterfaceId"])
pages = ec2.get_paginator("describe_network_interfaces").paginate(PaginationConfig={"PageSize": 5})
try:
    ec2.describe_network_interfaces(NetworkInterfaceIds=["eni-00000000000000009"])
    error = None
except ClientError as caught:
    error = caught.response["Error"]
print(json.dumps({
    "public": interface.association_attribute["PublicIp"],
    "isSame": interface.private_ip_address == details["privateIPv4Address"],
    "pages": [len(page["NetworkInterfaces"]) for page in pages],
    "error": error,
}))
