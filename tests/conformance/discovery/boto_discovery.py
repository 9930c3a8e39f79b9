"""Cloud Map's life by boto3; prints one JSON object."""
import json
import time
import boto3

sd = boto3.client("servicediscovery")


def done(operation_id):
    for _ in range(100):
        operation = sd.get_operation(OperationId=operation_id)["Operation"]
        if operation["Status"] == "SUCCESS":
            return operation["Targets"]
        time.sleep(0.05)
    raise TimeoutError(operation_id)


namespace = done(sd.create_http_namespace(Name="by-boto")["OperationId"])["NAMESPACE"]
service = sd.create_service(Name="web", NamespaceId=namespace, HealthCheckCustomConfig={"FailureThreshold": 1})["Service"]
attributes = {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_PORT": "80"}
done(sd.register_instance(ServiceId=service["Id"], InstanceId="a", Attributes=attributes)["OperationId"])
found = sd.discover_instances(NamespaceName="by-boto", ServiceName="web")
private = done(sd.create_private_dns_namespace(Name="corp.local", Vpc="vpc-1")["OperationId"])["NAMESPACE"]
zone = sd.get_namespace(Id=private)["Namespace"]["Properties"]["DnsProperties"]["HostedZoneId"]
records = {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 10}]}
api = sd.create_service(Name="api", NamespaceId=private, DnsConfig=records)["Service"]
done(sd.register_instance(ServiceId=api["Id"], InstanceId="a", Attributes=attributes)["OperationId"])
route53 = boto3.client("route53")
sets = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName="api.corp.local")["ResourceRecordSets"]
try:
    route53.delete_hosted_zone(Id=zone)
    refused = None
except route53.exceptions.ClientError as error:
    refused = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
try:
    sd.create_service(Name="web", NamespaceId=namespace)
    existing = None
except sd.exceptions.ServiceAlreadyExists as error:
    existing = error.response["ServiceId"]
print(json.dumps({
    "found": [[each["InstanceId"], each["HealthStatus"], each["Attributes"]] for each in found["Instances"]],
    "revision": sd.discover_instances_revision(NamespaceName="by-boto", ServiceName="web")["InstancesRevision"],
    "pages": [n["Name"] for page in sd.get_paginator("list_namespaces").paginate() for n in page["Namespaces"]],
    "records": [[each["Name"], each["SetIdentifier"], each["TTL"], each["ResourceRecords"]] for each in sets],
    "refused": refused,
    "existing": existing == service["Id"],
}))
