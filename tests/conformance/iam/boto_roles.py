"""A function's role by boto3; prints one JSON object."""
import json
import boto3
from botocore.exceptions import ClientError

iam = boto3.client("iam")
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
iam.create_role(RoleName="door", AssumeRolePolicyDocument=json.dumps(trust))
iam.attach_role_policy(
    RoleName="door", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
attached = iam.get_paginator("list_attached_role_policies").paginate(RoleName="door")
try:
    iam.get_role(RoleName="nobody")
    error = None
except ClientError as caught:
    error = caught.response["Error"]
print(json.dumps({
    "trust": iam.get_role(RoleName="door")["Role"]["AssumeRolePolicyDocument"],
    "attached": [each["PolicyName"] for page in attached for each in page["AttachedPolicies"]],
    "user": iam.get_user()["User"]["Arn"],
    "error": error,
}))
