import type { AddressWords } from '../terms/address.ts';
import type { StepFields } from './buffer.ts';

/** Takes what a service is compiled to. */
export interface Sink {
  /** A step; the object is filled anew for the next one. */
  step(fields: StepFields): void;
  /** The address has these bits of enum known. */
  known(address: AddressWords, known: number): void;
  /** ARP and ND for the address are answered on the segment. */
  answer(address: AddressWords, segment: number): void;
  /** Why the service cannot be compiled, and what to try. */
  problem(message: string): void;
}
