"""Metrics and alarms by boto3; prints one JSON object."""
import json
import boto3
from botocore.exceptions import ClientError

cloudwatch = boto3.client("cloudwatch")
dimensions = [{"Name": "Service", "Value": "web"}]
cloudwatch.put_metric_data(
    Namespace="shop",
    MetricData=[{"MetricName": "Errors", "Dimensions": dimensions, "Values": [1.0, 2.0], "Counts": [3.0, 1.0], "StorageResolution": 1}],
)
cloudwatch.put_metric_alarm(
    AlarmName="by-boto",
    Namespace="shop",
    MetricName="Errors",
    Dimensions=dimensions,
    Statistic="Sum",
    Period=10,
    EvaluationPeriods=1,
    Threshold=4.5,
    ComparisonOperator="GreaterThanThreshold",
    Tags=[{"Key": "team", "Value": "shop"}],
)
cloudwatch.put_composite_alarm(AlarmName="all", AlarmRule="ALARM(by-boto)")
cloudwatch.set_alarm_state(AlarmName="by-boto", StateValue="ALARM", StateReason="test")
alarms = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]).build_full_result()
resource = boto3.resource("cloudwatch").Alarm("by-boto")
try:
    cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="")
    error = None
except cloudwatch.exceptions.ResourceNotFound as raised:
    error = raised.response["Error"]["Code"]
try:
    cloudwatch.put_metric_alarm(AlarmName="bad", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1.0)
    missing = None
except ClientError as raised:
    missing = raised.response["Error"]["Code"]
print(json.dumps({
    "metrics": [metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="shop")["Metrics"]],
    "states": {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms["MetricAlarms"] + alarms["CompositeAlarms"]},
    "threshold": resource.threshold,
    "tags": cloudwatch.list_tags_for_resource(ResourceARN=resource.alarm_arn)["Tags"],
    "history": len(cloudwatch.describe_alarm_history(AlarmName="by-boto")["AlarmHistoryItems"]),
    "error": error,
    "missing": missing,
}))
