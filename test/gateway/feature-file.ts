import { readFileSync } from 'node:fs';
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator } from '@cucumber/messages';

/** A step of a scenario: its text after the keyword, and optionally a doc string or a table. */
export interface Step {
  readonly text: string;
  readonly docString?: string;
  readonly table?: readonly (readonly string[])[];
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Returns the scenarios of a Gherkin file, with expanded outlines and backgrounds. */
export function scenariosOf(file: string): Scenario[] {
  const newId = IdGenerator.incrementing();
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  const pickles = compile(parser.parse(readFileSync(file, 'utf8')), file, newId);
  return pickles.map(({ name, steps }) => ({
    name,
    steps: steps.map(({ text, argument }) => ({
      text,
      ...(argument?.docString === undefined ? {} : { docString: argument.docString.content }),
      ...(argument?.dataTable === undefined
        ? {}
        : { table: argument.dataTable.rows.map(({ cells }) => cells.map(({ value }) => value)) }),
    })),
  }));
}
