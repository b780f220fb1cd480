import { existsSync } from 'node:fs';

/** The Python that has the packages of tools/golden/requirements.txt, if there is one. */
export const python = [process.env.PYTHON ?? '', '.venv/bin/python'].find(existsSync);

/** Why a test that needs Python is skipped, for its title; CI never skips it. */
export const withoutPython =
  python || process.env.CI ? '' : ' (skipped: neither PYTHON nor .venv/bin/python)';
