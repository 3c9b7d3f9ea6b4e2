import { describe } from 'vitest';
import { refuses } from './refusal.ts';
import { CONFLICTS } from './refusals-conflicts.ts';
import { FABRIC } from './refusals-fabric.ts';
import { HEALTH } from './refusals-health.ts';
import { READING } from './refusals-reading.ts';
import { SERVICES } from './refusals-services.ts';
import { SYNTAX } from './refusals-syntax.ts';

describe('what a definition file cannot say', () => refuses(SYNTAX));
describe('what people read otherwise than the machine', () => refuses(READING));
describe('interfaces, devices and pools that are refused', () => refuses(FABRIC));
describe('services that are refused', () => refuses(SERVICES));
describe('health that is refused', () => refuses(HEALTH));
describe('definitions that nobody could tell apart', () => refuses(CONFLICTS));
