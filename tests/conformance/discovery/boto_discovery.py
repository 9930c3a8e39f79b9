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
try:
    sd.create_service(Name="web", NamespaceId=namespace)
    existing = None
except sd.exceptions.ServiceAlreadyExists as error:
    existing = error.response["ServiceId"]
print(json.dumps({
    "found": [[each["InstanceId"], each["HealthStatus"], each["Attributes"]] for each in found["Instances"]],
    "revision": sd.discover_instances_revision(NamespaceName="by-boto", ServiceName="web")["InstancesRevision"],
    "pages": [n["Name"] for page in sd.get_paginator("list_namespaces").paginate() for n in page["Namespaces"]],
    "existing": existing == service["Id"],
}))
