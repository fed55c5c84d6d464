/** Whether this browser draws WebGL on a GPU. In software MapLibre pans at 3 frames a second, a canvas at 30 and more. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export function hasGpu(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}
