import { engine, getBackend } from '@tensorflow/tfjs-core';

interface Graphics {
  /** Of the WebGL backend. */
  getGPGPUContext?(): { gl: WebGLRenderingContext };
  /** Of the WebGPU backend. */
  device?: GPUDevice;
}

/**
 * Tells if the graphics card is taken away from the active backend: tfjs then waits for its results
 * for ever.
 *
 * @returns whether it is gone already, and so the reason of an error
 */
export function watchGraphics(tell: () => void): () => boolean {
  const backend = engine().backend as Graphics;
  backend.device?.lost.then(tell);
  if (getBackend() !== 'webgl') return () => false;
  const { gl } = backend.getGPGPUContext!();
  gl.canvas.addEventListener('webglcontextlost', tell);
  return () => gl.isContextLost();
}
