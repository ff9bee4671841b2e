import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/**
 * Makes one script of a module and of all it imports: a page without a network has nowhere to import from. Each module
 * becomes a function that gives its exports. Knows the ways of importing and exporting that are used here, and no others.
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
    const left = /^(?:import|export)\b.*/m.exec(text);
    if (left) throw new Error(`Cannot link ${file.pathname}: it has "${left[0]}"`);
    const exported = Array.from(source.matchAll(exportedNames), ([, exportedName]) => exportedName);
    texts.push(`const ${name} = (() => {\n${text.trim()}\nreturn { ${exported.join(', ')} };\n})();\n`);
    return name;
  }

  link(entry);
  // Types leave blank lines behind, and nobody needs to know what the files were called.
  return `'use strict';\n${texts.join('')}`.replaceAll(/[ \t]+$/gm, '').replaceAll(/\n{2,}/g, '\n');
}

const imports = /^import \{([^}]*)\} from '(\.[^']+)';/gm;
const exportedNames = /^export (?:async )?(?:function|const|class) (\w+)/gm;

/** In a build a module is JavaScript already. */
function readModule(file: URL): string {
  const text = readFileSync(file, 'utf8');
  const script = file.pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
  return script.replaceAll(/^export \{\};$/gm, '').replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '');
}
