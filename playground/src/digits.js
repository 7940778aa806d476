// The images that come with the page, in a file of their own that is loaded when they are needed.
import { element } from './element.js';

let loading = null;

/** {bytes, train, test}: label and 784 pixels of each image. */
export function digits() {
  loading ??= new Promise((resolve, reject) => {
    document.head.append(element('script', {
      src: 'digits.js', error: () => reject(new Error('digits.js is missing beside the page')),
      load: () => resolve(unpack(window.gradusDigits)),
    }));
  });
  return loading;
}

async function unpack({ packed, train, test }) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return { bytes: new Uint8Array(await new Response(stream).arrayBuffer()), train, test };
}
