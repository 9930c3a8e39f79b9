/** Attributes of a service itself, apart from those of its instances. */
import type * as client from '@aws-sdk/client-servicediscovery'
import type { Handlers } from '../wire/handlers.ts'
import { invalid, tooManyAttributes } from './errors.ts'
import { findService } from './find.ts'
import type { DiscoveryOperationContext } from './state.ts'

/** Cloud Map API Reference: ServiceAttributes; UpdateServiceAttributes. */
const MOST_ATTRIBUTES = 30
const LONGEST_KEY = 255
const LONGEST_VALUE = 1024

export const attributeOperations = {
  GetServiceAttributes({ ServiceId }, context) {
    const { arn, attributes } = findService(context.state, ServiceId)
    return {
      ServiceAttributes: {
        ServiceArn: arn,
        ResourceOwner: context.accountId,
        Attributes: { ...attributes },
      },
    }
  },

  UpdateServiceAttributes({ ServiceId, Attributes = {} }, { state }) {
    const service = findService(state, ServiceId)
    for (const [key, value] of Object.entries(Attributes)) {
      if (key === '' || key.length > LONGEST_KEY) throw invalid(`The attribute key '${key}' is not valid.`)
      if (value.length > LONGEST_VALUE) throw invalid(`The value of attribute '${key}' is too long.`)
    }
    const attributes = { ...service.attributes, ...Attributes }
    if (Object.keys(attributes).length > MOST_ATTRIBUTES) throw tooManyAttributes()
    service.attributes = attributes
    return {}
  },

  DeleteServiceAttributes({ ServiceId, Attributes = [] }, { state }) {
    const service = findService(state, ServiceId)
    const kept = Object.entries(service.attributes).filter(([key]) => !Attributes.includes(key))
    service.attributes = Object.fromEntries(kept)
    return {}
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>
