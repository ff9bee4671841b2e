import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/**
 * Links a module and everything it imports into one script, since a page that loads nothing cannot import. Each module
 * becomes a function that returns its exports. Supports only the forms of import and export that the pages use.
 */
export function linkScript(entry: URL): string {
  const linked = new Map<string, string>();
  const texts: string[] = [];

  function link(file: URL): string {
    const known = linked.get(file.href);
    if (known !== undefined) return known;
    const name = `module${linked.size}`;
    linked.set(file.href, name);
    const source = readModule(file);
    const withoutImports = source.replace(imports, (_, names: string, specifier: string) => {
      return `const {${names.replaceAll(' as ', ': ')}} = ${link(new URL(specifier, file))};`;
    });
    const text = withoutImports.replaceAll(/^export (?=(?:async )?(?:function|const|class)\b)/gm, '');
    const unsupported = /^(?:import|export)\b.*/m.exec(text);
    if (unsupported) throw new Error(`Cannot link ${file.pathname}: it has "${unsupported[0]}"`);
    const exported = Array.from(source.matchAll(exportedNames), ([, exportedName]) => exportedName);
    texts.push(`const ${name} = (() => {\n${text.trim()}\nreturn { ${exported.join(', ')} };\n})();\n`);
    return name;
  }

  link(entry);
  // Removed types leave blank lines behind.
  const lines = texts.join('').split('\n');
  const code = lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  return `'use strict';\n${code.join('\n')}\n`;
}

const imports = /^import \{([^}]*)\} from '(\.[^']+)';/gm;
const exportedNames = /^export (?:async )?(?:function|const|class) (\w+)/gm;

/** Reads a module as JavaScript. In a build, it already is. */
function readModule(file: URL): string {
  const text = readFileSync(file, 'utf8');
  const script = file.pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  return script.replaceAll(/^export \{\};$/gm, '').replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '');
}
