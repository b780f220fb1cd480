import type { Starter } from './starter.js';

export const webgl: Starter = {
  package: '@tensorflow/tfjs-backend-webgl',
  create: async (factory) => factory(),
  describe: async () => ({
    device: renderer() ?? 'WebGL',
    simd: false,
    threads: 1,
    kernels: 'stock',
  }),
};

/** The graphics card's name, asked of a context of our own that is given back at once. */
function renderer(): string | undefined {
  const gl = canvas()?.getContext('webgl') as WebGLRenderingContext | null | undefined;
  if (!gl) return undefined;
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const name = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return name;
}

function canvas(): HTMLCanvasElement | OffscreenCanvas | undefined {
  if (typeof document !== 'undefined') return document.createElement('canvas');
  return typeof OffscreenCanvas === 'undefined' ? undefined : new OffscreenCanvas(1, 1);
}
