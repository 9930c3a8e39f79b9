"""Makes a table, writes, reads, runs into a condition and a transaction, deletes; prints what it saw as JSON."""
import json

import boto3
from boto3.dynamodb.conditions import Key

resource = boto3.resource('dynamodb')
client = resource.meta.client
table = resource.create_table(
    TableName='by-boto',
    BillingMode='PAY_PER_REQUEST',
    AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
    KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
)
table.wait_until_exists()
table.put_item(Item={'pk': 'a', 'bytes': b'\x00\xff', 'n': 3})
item = table.get_item(Key={'pk': 'a'})['Item']
try:
    table.put_item(Item={'pk': 'a'}, ConditionExpression='attribute_not_exists(pk)')
    refused = False
except client.exceptions.ConditionalCheckFailedException:
    refused = True
client.transact_write_items(TransactItems=[{'Put': {'TableName': 'by-boto', 'Item': {'pk': 'b'}}}])
try:
    condition = {'ConditionExpression': 'attribute_exists(pk)', 'Key': {'pk': 'c'}, 'TableName': 'by-boto'}
    client.transact_write_items(TransactItems=[{'ConditionCheck': condition}])
    reasons = None
except client.exceptions.TransactionCanceledException as error:
    reasons = [reason['Code'] for reason in error.response['CancellationReasons']]
found = table.query(KeyConditionExpression=Key('pk').eq('b'))['Count']
table.delete()
table.wait_until_not_exists()
print(json.dumps({
    'bytes': list(bytes(item['bytes'])),
    'n': int(item['n']),
    'refused': refused,
    'reasons': reasons,
    'found': found,
    'left': client.list_tables()['TableNames'],
}))
