import { readFileSync } from 'node:fs';

/** The fenced `ts` and `js` blocks of a Markdown page in order, those in HTML comments too. */
export function snippetsOf(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```(?:ts|js)\n(.*?)^```$/gms)].map(([, code]) => code!);
}

/** The relative links and images of a page, with the line that each is on. */
export function linksOf(page: string): { line: number; target: string }[] {
  return readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((text, i) =>
      [...text.matchAll(/\]\(([^)\s]+)\)|<img[^>]*\bsrc="([^"]+)"/g)].map((match) => ({
        line: i + 1,
        target: match[1] ?? match[2]!,
      })),
    )
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** The anchors that a page's headings have, as GitHub makes them. */
export function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
