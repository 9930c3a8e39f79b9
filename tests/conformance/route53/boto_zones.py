"""Route 53 by boto3: a zone, a batch, pages, a refusal, a deletion. Prints what was seen as JSON."""
import json

import boto3
from botocore.exceptions import ClientError

route53 = boto3.client("route53")
zone = route53.create_hosted_zone(Name="example.com", CallerReference="boto")["HostedZone"]["Id"]


def change(action, name, value):
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]


info = change("CREATE", "a.example.com", "192.0.2.1")
change("UPSERT", "*.example.com", "192.0.2.2")
try:
    change("CREATE", "a.example.com", "192.0.2.1")
except route53.exceptions.InvalidChangeBatch as error:
    refused = error.response["Error"]["Message"]
pages = route53.get_paginator("list_resource_record_sets").paginate(
    HostedZoneId=zone, PaginationConfig={"PageSize": 1}
)
names = [f"{each['Name']} {each['Type']}" for page in pages for each in page["ResourceRecordSets"]]
change("DELETE", "a.example.com", "192.0.2.1")
change("DELETE", "\\052.example.com", "192.0.2.2")
route53.delete_hosted_zone(Id=zone)
try:
    route53.get_hosted_zone(Id=zone)
except ClientError as error:
    code = error.response["Error"]["Code"]
print(json.dumps({"status": info["Status"], "refused": refused, "names": names, "code": code}))
