"""Service deployments by boto3: listed in pages, described, stopped. Prints the end as JSON."""

import json
import sys
import time

import boto3

ecs = boto3.client("ecs", endpoint_url=sys.argv[1])


def register(environment):
    ecs.register_task_definition(
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "web", "image": "web:1", "environment": environment}],
    )


def newest():
    listed = ecs.list_service_deployments(service="web", maxResults=1)
    arn = listed["serviceDeployments"][0]["serviceDeploymentArn"]
    return ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


def wait_for(*statuses):
    for _ in range(120):
        found = newest()
        if found["status"] in statuses:
            return found
        time.sleep(0.25)
    raise TimeoutError(found["status"])


ecs.create_cluster()
register([])
ecs.create_service(
    serviceName="web",
    taskDefinition="web",
    desiredCount=1,
    networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
)
good = wait_for("SUCCESSFUL")["targetServiceRevision"]["arn"]
register([{"name": "DRYDOCK_START_ERROR", "value": "no"}])
ecs.update_service(service="web", taskDefinition="web")
begun = wait_for("IN_PROGRESS")
ecs.stop_service_deployment(serviceDeploymentArn=begun["serviceDeploymentArn"])
ended = wait_for("ROLLBACK_SUCCESSFUL")
revisions = ecs.describe_service_revisions(serviceRevisionArns=[good])["serviceRevisions"]
try:
    ecs.stop_service_deployment(serviceDeploymentArn=begun["serviceDeploymentArn"])
except ecs.exceptions.ConflictException as error:
    refused = error.response["Error"]["Code"]
print(
    json.dumps(
        {
            "isSame": ended["serviceDeploymentArn"] == begun["serviceDeploymentArn"],
            "isBack": ended["rollback"]["serviceRevisionArn"] == good,
            "revision": revisions[0]["taskDefinition"].split(":")[-1],
            "refused": refused,
        }
    )
)
