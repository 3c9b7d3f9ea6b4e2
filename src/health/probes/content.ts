import type { Content } from '../../terms/health/expectations.ts';
import { excerpt, ProbeFailure } from './failure.ts';

/** @throws ProbeFailure when the text does not hold what it must. */
export function checkContent(what: string, text: string, content: Content | undefined): void {
  if (content?.contains !== undefined && !text.includes(content.contains)) {
    throw new ProbeFailure(`${what} does not contain ${excerpt(content.contains)}: ${excerpt(text)}`);
  }
  if (content?.matches !== undefined && !new RegExp(content.matches, 'm').test(text)) {
    throw new ProbeFailure(`${what} does not match /${content.matches}/: ${excerpt(text)}`);
  }
}

/** One of the codes, written `200`, `2xx` or `200-399`. */
export function codeIsOneOf(code: number, wanted: readonly string[]): boolean {
  return wanted.some((pattern) => {
    const [low, high] = pattern.split('-');
    if (high !== undefined) return code >= Number(low) && code <= Number(high);
    return new RegExp(`^${pattern.replaceAll('x', '\\d')}$`).test(String(code));
  });
}
