/** State of the repository that a release depends on. */
export interface ReleaseState {
  /** Text of package.json. */
  readonly manifest: string;
  /** Text of CHANGELOG.md. */
  readonly changelog: string;
  /** Output of `git status --porcelain`. */
  readonly changes: string;
  /** Tags of the commit. */
  readonly tags: readonly string[];
}

/** Returns every reason not to publish; empty if there is none. */
export function refusals({ manifest, changelog, changes, tags }: ReleaseState): string[] {
  const { version } = JSON.parse(manifest) as { version: string };
  return [
    manifest.includes('OWNER') && 'package.json still has OWNER in place of the owner of the repository',
    changes !== '' && 'there are changes that are not committed',
    !tags.includes(`v${version}`) && `the commit has no tag v${version}`,
    !new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d\\d-\\d\\d\\)$`, 'm').test(changelog) &&
      `CHANGELOG.md has no section "## ${version} (YYYY-MM-DD)"`,
  ].filter((reason) => reason !== false);
}
