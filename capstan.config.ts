/**
 * The fleet's settings: which services track which images. A service may be named here or by its ECS tags, not both.
 * The example (`default/web`) is enrolled by its tag `capstan:track` = `semver:1.x`, so this file names no service.
 *
 *   'prod/api': 'semver:2.x'
 *   'prod/worker': { track: 'newest:main-', ignore: ['*-debug'] }
 *   'prod/shop': { containers: { web: { track: 'semver:>=3.1 <4' }, sidecar: { track: 'tag:stable' } } }
 */
import { defineConfig } from '@capstan/core/config.ts'

export default defineConfig({ services: {} })
