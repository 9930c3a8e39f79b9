"""Makes, waits for, invokes and deletes a function; prints what it saw as JSON."""
import io
import json
import zipfile

import boto3

client = boto3.client('lambda')
package = io.BytesIO()
with zipfile.ZipFile(package, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('index.mjs', 'export const handler = async (event) => ({ hello: event.name })')
client.create_function(
    FunctionName='by-boto',
    Role='arn:aws:iam::123456789012:role/test',
    Runtime='nodejs24.x',
    Handler='index.handler',
    Code={'ZipFile': package.getvalue()},
)
client.get_waiter('function_active_v2').wait(FunctionName='by-boto')
answer = client.invoke(FunctionName='by-boto', Payload=json.dumps({'name': 'boto'}), LogType='Tail')
client.update_function_configuration(FunctionName='by-boto', Timeout=5)
client.get_waiter('function_updated_v2').wait(FunctionName='by-boto')
event = client.invoke(FunctionName='by-boto', InvocationType='Event', Payload=b'{}')
client.delete_function(FunctionName='by-boto')
try:
    client.invoke(FunctionName='by-boto')
    code = None
except client.exceptions.ResourceNotFoundException as error:
    code = error.response['Error']['Code']
print(json.dumps({
    'answer': json.load(answer['Payload']),
    'version': answer['ExecutedVersion'],
    'logged': 'LogResult' in answer,
    'event': event['StatusCode'],
    'code': code,
}))
