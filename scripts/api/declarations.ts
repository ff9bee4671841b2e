import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** One name that is declared in a declaration file. */
export interface Declaration {
  readonly name: string;
  /** The file and the name: equal for the same declaration, however it was reached. */
  readonly key: string;
  /** The text of its statements; a function that is overloaded has several. */
  readonly text: string;
  /** The doc comment of its first statement, if the declarations have comments. */
  readonly doc: string | undefined;
  /** Everything of this package that the text mentions. */
  readonly mentions: () => readonly Declaration[];
}

/** One export of a file. */
export interface Exported {
  readonly name: string;
  readonly isTypeOnly: boolean;
  readonly declaration: Declaration;
}

interface Origin {
  readonly file: string;
  readonly name: string;
}

/** The declaration files of a build that can be reached from an entry. */
export class Declarations {
  readonly #modules = new Map<string, Module>();

  /** Returns every export of a file. */
  exportsOf(file: string): Exported[] {
    const { exported, typesOnly } = this.#module(file);
    return Array.from(exported, ([name, origin]) => ({
      name,
      isTypeOnly: typesOnly.has(name),
      declaration: this.#find(origin),
    }));
  }

  #find({ file, name }: Origin): Declaration {
    const module = this.#module(file);
    const texts = module.declared.get(name);
    if (texts === undefined) {
      const origin = module.exported.get(name) ?? module.imported.get(name);
      if (origin === undefined) throw new Error(`${file} does not declare ${name}`);
      return this.#find(origin);
    }
    const text = texts.join('\n');
    const doc = module.docs.get(name);
    return { name, key: `${file}#${name}`, text, doc, mentions: () => this.#mentioned(module, text) };
  }

  #mentioned(module: Module, text: string): Declaration[] {
    const words = new Set(text.match(/[A-Za-z_$][\w$]*/g));
    const own = [...module.declared.keys()].map((name) => ({ file: module.file, name }));
    const imported = [...module.imported].filter(([local]) => words.has(local)).map(([, origin]) => origin);
    return [...own.filter(({ name }) => words.has(name)), ...imported].map((origin) => this.#find(origin));
  }

  #module(file: string): Module {
    const known = this.#modules.get(file);
    if (known) return known;
    const module = new Module(file);
    this.#modules.set(file, module);
    return module;
  }
}

/** One declaration file: what it declares, imports and exports. */
class Module {
  readonly file: string;
  readonly declared = new Map<string, string[]>();
  readonly docs = new Map<string, string>();
  readonly imported = new Map<string, Origin>();
  readonly exported = new Map<string, Origin>();
  readonly typesOnly = new Set<string>();

  constructor(file: string) {
    this.file = file;
    const text = readFileSync(file, 'utf8');
    if (text.includes('import(')) throw new Error(`${file} has an import() type, which is not followed`);
    for (const statement of parseAst(text, { lang: 'dts' }).body) this.#read(statement, text);
  }

  #read(statement: Statement, text: string): void {
    switch (statement.type) {
      case 'ImportDeclaration':
        return this.#readImport(statement);
      case 'ExportNamedDeclaration':
        return statement.declaration === null ? this.#readExport(statement) : this.#readExported(statement, text);
      case 'ExportAllDeclaration':
      case 'ExportDefaultDeclaration':
        throw new Error(`${this.file} has an ${statement.type}, which is not followed`);
      default:
        this.#declare(namesOf(statement), statement, text);
    }
  }

  #readImport({ source, specifiers }: Extract<Statement, { type: 'ImportDeclaration' }>): void {
    if (!source.value.startsWith('.')) return;
    for (const specifier of specifiers) {
      if (specifier.type !== 'ImportSpecifier') throw new Error(`${this.file} has an import that is not by name`);
      this.imported.set(specifier.local.name, this.#origin(source.value, nameOf(specifier.imported)));
    }
  }

  #readExport({ source, specifiers, exportKind }: Extract<Statement, { type: 'ExportNamedDeclaration' }>): void {
    for (const { local, exported, exportKind: ownKind } of specifiers) {
      if (exportKind === 'type' || ownKind === 'type') this.typesOnly.add(nameOf(exported));
      const origin = source ? this.#origin(source.value, nameOf(local)) : { file: this.file, name: nameOf(local) };
      this.exported.set(nameOf(exported), origin);
    }
  }

  #readExported(statement: Extract<Statement, { type: 'ExportNamedDeclaration' }>, text: string): void {
    const names = namesOf(statement.declaration!);
    this.#declare(names, statement, text);
    for (const name of names) this.exported.set(name, { file: this.file, name });
  }

  #declare(names: readonly string[], { start, end }: Statement, text: string): void {
    const doc = docBefore(text, start);
    for (const name of names) {
      this.declared.set(name, [...(this.declared.get(name) ?? []), text.slice(start, end)]);
      if (doc !== undefined && !this.docs.has(name)) this.docs.set(name, doc);
    }
  }

  #origin(specifier: string, name: string): Origin {
    return { file: resolve(dirname(this.file), specifier.replace(/\.[jt]s$/, '.d.ts')), name };
  }
}

type Statement = ReturnType<typeof parseAst>['body'][number];

/** Returns the doc comment that ends right before a position. */
function docBefore(text: string, position: number): string | undefined {
  const before = text.slice(0, position).trimEnd();
  return before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : undefined;
}

function namesOf(statement: object): string[] {
  const { id, declarations } = statement as { id?: { name: string } | null; declarations?: { id: { name: string } }[] };
  return declarations ? declarations.map((declarator) => declarator.id.name) : id ? [id.name] : [];
}

function nameOf(name: { type: string; name?: string; value?: unknown }): string {
  return name.name ?? String(name.value);
}
