/** Sluice as a TypeScript program: finds its mutants, and tells which of them compile. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../lib/package-root.mjs';
import { mutantsOf } from './mutators.mjs';

/**
 * Opens the program. `mutants(file)` returns the mutants of a file, each with its line number and an id. The id depends
 * on the file, the text of the line, the change, and the number of equal mutants before it. It does not depend on the
 * line number. `compile(mutant)` returns the JavaScript of the file with the mutant, or undefined if TypeScript rejects
 * it.
 */
export function openProgram() {
  const { config } = ts.readConfigFile(join(packageRoot, 'tsconfig.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, packageRoot);
  const texts = new Map();
  const versions = new Map();
  const host = {
    getScriptFileNames: () => fileNames,
    getScriptVersion: (file) => String(versions.get(file) ?? 0),
    getScriptSnapshot: (file) => {
      const text = texts.get(file) ?? ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => packageRoot,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  };
  const service = ts.createLanguageService(host);

  function mutants(file) {
    const path = join(packageRoot, file);
    const program = service.getProgram();
    const sourceFile = program.getSourceFile(path);
    const text = sourceFile.text;
    const seen = new Map();
    return Array.from(mutantsOf(sourceFile, program.getTypeChecker()), (mutant) => {
      const line = sourceFile.getLineAndCharacterOfPosition(mutant.start).line + 1;
      const before = text.slice(mutant.start, mutant.end);
      const content = `${file}\0${mutant.kind}\0${text.split('\n')[line - 1].trim()}\0${before}\0${mutant.text}`;
      const repeat = seen.get(content) ?? 0;
      seen.set(content, repeat + 1);
      const id = createHash('sha256').update(`${content}\0${repeat}`).digest('hex').slice(0, 12);
      return { id, file, line, before, ...mutant };
    });
  }

  function compile({ file, start, end, text: replacement }) {
    const path = join(packageRoot, file);
    const original = readFileSync(path, 'utf8');
    const text = original.slice(0, start) + replacement + original.slice(end);
    const set = (content) => {
      texts.set(path, content);
      versions.set(path, (versions.get(path) ?? 0) + 1);
    };
    set(text);
    try {
      const problems = [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)];
      if (problems.length > 0) return undefined;
      return service.getEmitOutput(path).outputFiles.find(({ name }) => name.endsWith('.js'))?.text;
    } finally {
      set(original);
    }
  }

  return { mutants, compile };
}
