import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';

const pages = ['.', 'docs', 'docs/design'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
const text = (page: string): string => readFileSync(page, 'utf8');
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => text(join('src', name)))
  .join('\n');

test.each(pages)('%s names metrics that there are', (page) => {
  const named = text(page).match(/\bhopline_[a-z_]+\b(?!\.[a-z])/g) ?? [];
  const stems = named.map((name) => name.replace(/_$|_(total|bucket|sum|count|seconds)$/, ''));
  expect(stems.filter((name) => !sources.includes(name))).toEqual([]);
});

test.each(pages)('%s: no blank line breaks a table', (page) => {
  const lines = text(page).split('\n');
  const begins = lines.flatMap((line, place) =>
    line.startsWith('|') && !lines[place - 1]?.startsWith('|') ? [place] : [],
  );
  const headless = begins.filter((place) => !/^\|[\s:|-]+\|$/.test(lines[place + 1] ?? ''));
  expect(headless.map((place) => `${page}:${place + 1}: ${lines[place]}`)).toEqual([]);
});

test.each(pages)('%s links to what is there', (page) => {
  const links = [...text(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link!);
  const local = links.filter((link) => !/^[a-z]+:/.test(link));
  expect(local.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
});

/** Commands of the docs, as words: those in blocks, line by line, and those in backticks. */
function commandsOf(page: string): string[][] {
  const quoted = [...text(page).matchAll(/`((?:sudo |bin\/)?hopline [^`]+)`/g)].map(([, line]) => line!);
  const blocks = text(page)
    .split('\n')
    .filter((line) => /^( {4})?(sudo |bin\/)?hopline /.test(line));
  return [...quoted, ...blocks].map((line) =>
    line
      .trim()
      .replace(/^(sudo )?(bin\/)?hopline /, '')
      .replace(/\s{2,}.*|\s#.*/, '')
      .split(/[\s,]+/),
  );
}

/** What is wrong with a command, without running it. */
function problemOf(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) break;
    command = next;
  }
  if (command === program && /^[a-z]/.test(words[0] ?? '')) return `there is no command ${words[0]}`;
  const known = [...program.options, ...command.options].flatMap(({ long, short }) => [long, short]);
  const unknown = words.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word.split('=')[0]!));
  const strange = unknown.filter((word) => word !== '--help' && word !== '-h');
  return strange.length === 0 ? undefined : `${command.name()} has no option ${strange}`;
}

test.each(pages)('%s names commands and options that there are', (page) => {
  const program = buildProgram();
  const problems = commandsOf(page).flatMap((words) => {
    const problem = problemOf(program, words);
    return problem === undefined ? [] : [`hopline ${words.join(' ')}: ${problem}`];
  });
  expect(problems).toEqual([]);
});
