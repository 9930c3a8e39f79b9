/** EC2's errors: none of them is modelled in its API, so all are known by their code alone. */
import { AwsError } from '../wire/errors.ts'

/** EC2 API Reference, Error codes: InvalidParameterValue. */
export function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message)
}

/** EC2 API Reference, Error codes: InvalidParameterCombination. */
export function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message)
}

/** EC2 API Reference, Error codes: MissingParameter. */
export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
}

/** EC2 API Reference, Error codes: DependencyViolation. */
export function dependencyViolation(message: string): AwsError {
  return new AwsError('DependencyViolation', message)
}

/** What the API has and Drydock has not: refused rather than forgotten. EC2 API Reference, Error codes: UnsupportedOperation. */
export function unsupported(what: string): AwsError {
  return new AwsError('UnsupportedOperation', `${what} is not implemented`)
}

/** EC2 API Reference, Error codes: InvalidNextToken. */
export function invalidToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The specified NextToken is not valid.')
}

/** EC2 API Reference, Common parameters: what a dry run is answered that would have gone well. */
export function dryRun(): AwsError {
  const message = 'Request would have succeeded, but DryRun flag is set.'
  return new AwsError('DryRunOperation', message, { status: 412 })
}
