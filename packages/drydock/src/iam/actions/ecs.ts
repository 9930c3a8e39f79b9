/** The actions of ECS and ECR (Service Authorization Reference: Amazon Elastic Container Service, Elastic Container Registry). */
import { passing, type ServiceActions } from './action.ts'

const CLUSTER_KEY = { 'ecs:cluster': 'cluster' }
const TASKS = 'ecs-tasks.amazonaws.com'

export const ecsActions: ServiceActions = {
  prefix: 'ecs',
  arns: 'regional',
  tagging: 'ecs:TagResource',
  rows: [
    {
      operations: [
        'DeleteAccountSetting',
        'DeregisterTaskDefinition',
        'DescribeTaskDefinition',
        'ListAccountSettings',
        'ListClusters',
        'ListTaskDefinitionFamilies',
        'ListTaskDefinitions',
        'PutAccountSetting',
        'PutAccountSettingDefault',
      ],
    },
    { operations: ['ListServices'], keys: CLUSTER_KEY },
    { operations: ['CreateCluster'], member: 'clusterName', form: 'cluster/{}', absent: 'default' },
    {
      operations: [
        'DeleteCluster',
        'ListContainerInstances',
        'PutClusterCapacityProviders',
        'UpdateCluster',
        'UpdateClusterSettings',
      ],
      member: 'cluster',
      form: 'cluster/{}',
      absent: 'default',
    },
    { operations: ['DescribeClusters'], member: 'clusters', form: 'cluster/{}', absent: 'default' },
    {
      operations: ['CreateService'],
      member: 'serviceName',
      form: 'service/{cluster=default}/{}',
      keys: CLUSTER_KEY,
    },
    {
      operations: ['DeleteService', 'ListServiceDeployments', 'UpdateService'],
      member: 'service',
      form: 'service/{cluster=default}/{}',
      keys: CLUSTER_KEY,
    },
    {
      operations: ['DescribeServices'],
      member: 'services',
      form: 'service/{cluster=default}/{}',
      keys: CLUSTER_KEY,
    },
    {
      operations: ['ContinueServiceDeployment', 'StopServiceDeployment'],
      member: 'serviceDeploymentArn',
      form: 'service-deployment/{}',
    },
    {
      operations: ['ContinueServiceDeployment', 'StopServiceDeployment'],
      member: 'serviceDeploymentArn',
      form: 'service/{#1}/{#2}',
    },
    {
      operations: ['DescribeServiceDeployments'],
      member: 'serviceDeploymentArns',
      form: 'service-deployment/{}',
    },
    {
      operations: ['DescribeServiceDeployments'],
      member: 'serviceDeploymentArns',
      form: 'service/{#1}/{#2}',
    },
    { operations: ['DescribeServiceRevisions'], member: 'serviceRevisionArns', form: 'service-revision/{}' },
    { operations: ['DescribeServiceRevisions'], member: 'serviceRevisionArns', form: 'service/{#1}/{#2}' },
    {
      operations: ['DescribeTasks'],
      member: 'tasks',
      form: 'task/{cluster=default}/{}',
      keys: CLUSTER_KEY,
    },
    { operations: ['StopTask'], member: 'task', form: 'task/{cluster=default}/{}', keys: CLUSTER_KEY },
    {
      operations: ['ListTasks'],
      member: 'containerInstance',
      form: 'container-instance/{cluster=default}/{}',
      keys: CLUSTER_KEY,
    },
    {
      operations: ['DescribeContainerInstances'],
      member: 'containerInstances',
      form: 'container-instance/{cluster=default}/{}',
      keys: CLUSTER_KEY,
    },
    { operations: ['RegisterTaskDefinition'], member: 'family', form: 'task-definition/{}:*' },
    {
      operations: ['RunTask'],
      member: 'taskDefinition',
      form: 'task-definition/{}',
      revision: ':*',
      keys: CLUSTER_KEY,
    },
    {
      operations: ['DeleteTaskDefinitions'],
      member: 'taskDefinitions',
      form: 'task-definition/{}',
      revision: ':*',
    },
    { operations: ['DescribeCapacityProviders'], member: 'capacityProviders', form: 'capacity-provider/{}' },
    {
      operations: ['ListTagsForResource', 'TagResource', 'UntagResource'],
      member: 'resourceArn',
      form: '{}',
    },
    passing(['RegisterTaskDefinition'], 'taskRoleArn', TASKS),
    passing(['RegisterTaskDefinition'], 'executionRoleArn', TASKS),
    passing(['RunTask'], 'overrides.taskRoleArn', TASKS),
    passing(['RunTask'], 'overrides.executionRoleArn', TASKS),
    passing(['CreateService'], 'role', 'ecs.amazonaws.com'),
  ],
}

export const ecrActions: ServiceActions = {
  prefix: 'ecr',
  arns: 'regional',
  tagging: 'ecr:TagResource',
  rows: [
    { operations: ['GetAuthorizationToken'] },
    {
      operations: [
        'BatchCheckLayerAvailability',
        'BatchDeleteImage',
        'BatchGetImage',
        'CompleteLayerUpload',
        'CreateRepository',
        'DeleteLifecyclePolicy',
        'DeleteRepository',
        'DeleteRepositoryPolicy',
        'DescribeImages',
        'GetDownloadUrlForLayer',
        'GetLifecyclePolicy',
        'GetRepositoryPolicy',
        'InitiateLayerUpload',
        'ListImageReferrers',
        'ListImages',
        'PutImage',
        'PutImageScanningConfiguration',
        'PutImageTagMutability',
        'PutLifecyclePolicy',
        'SetRepositoryPolicy',
        'UploadLayerPart',
      ],
      member: 'repositoryName',
      form: 'repository/{}',
    },
    { operations: ['DescribeRepositories'], member: 'repositoryNames', form: 'repository/{}' },
    {
      operations: ['ListTagsForResource', 'TagResource', 'UntagResource'],
      member: 'resourceArn',
      form: '{}',
    },
  ],
}
