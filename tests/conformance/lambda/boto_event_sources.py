"""Joins a queue and a function, has a message processed, changes and removes the mapping; prints what it saw as JSON."""
import io
import json
import time
import zipfile

import boto3

functions = boto3.client('lambda')
queues = boto3.client('sqs')
package = io.BytesIO()
with zipfile.ZipFile(package, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('index.mjs', 'export const handler = async (event) => ({ batchItemFailures: [] })')
functions.create_function(
    FunctionName='worker',
    Role='arn:aws:iam::123456789012:role/test',
    Runtime='nodejs24.x',
    Handler='index.handler',
    Code={'ZipFile': package.getvalue()},
)
url = queues.create_queue(QueueName='jobs')['QueueUrl']
arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
made = functions.create_event_source_mapping(
    EventSourceArn=arn,
    FunctionName='worker',
    FunctionResponseTypes=['ReportBatchItemFailures'],
    FilterCriteria={'Filters': [{'Pattern': '{"body":{"n":[{"numeric":[">",0]}]}}'}]},
)


def until(done):
    for _ in range(200):
        value = done()
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError()


def state():
    return functions.get_event_source_mapping(UUID=made['UUID'])['State']


def is_empty():
    names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']
    found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)['Attributes']
    return all(value == '0' for value in found.values())


until(lambda: state() == 'Enabled')
queues.send_message(QueueUrl=url, MessageBody='{"n":1}')
until(is_empty)
updating = functions.update_event_source_mapping(UUID=made['UUID'], BatchSize=3)['State']
until(lambda: state() == 'Enabled')
pages = functions.get_paginator('list_event_source_mappings').paginate(FunctionName='worker')
listed = [mapping['BatchSize'] for page in pages for mapping in page['EventSourceMappings']]
deleting = functions.delete_event_source_mapping(UUID=made['UUID'])['State']


def is_gone():
    try:
        state()
        return False
    except functions.exceptions.ResourceNotFoundException:
        return True


until(is_gone)
print(json.dumps({'made': made['State'], 'updating': updating, 'listed': listed, 'deleting': deleting}))
