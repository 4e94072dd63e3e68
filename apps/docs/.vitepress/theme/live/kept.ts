// Readers' versions of examples: kept while the tab lives, and carried by links. An example is known by its text as the page has it.

const key = (original: string): string => `live-${digest(original)}`;

/** 32 bits of a text, by FNV-1a. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** An example as the reader left it, or as the page's address gives it. The address has it once: what is made of it later is kept here. */
export function recall(original: string): { readonly text: string; readonly linked: boolean } {
  const name = key(original);
  const [found, carried] = decodeURIComponent(location.hash).split(/=(.*)/s);
  if (found === `#${name}` && carried) {
    try {
      const text = new TextDecoder().decode(Uint8Array.from(atob(carried), (letter) => letter.charCodeAt(0)));
      history.replaceState(history.state, "", location.pathname);
      keep(original, text);
      return { text, linked: true };
    } catch {
      // A link that was cut short: the example as the page has it.
    }
  }
  return { text: stored(() => sessionStorage.getItem(name)) ?? original, linked: false };
}

export function keep(original: string, text: string): void {
  stored(() => (text === original ? sessionStorage.removeItem(key(original)) : sessionStorage.setItem(key(original), text)));
}

/** An address of this page that carries an example. */
export function linkTo(original: string, text: string): string {
  const carried = btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
  return `${location.origin}${location.pathname}#${encodeURIComponent(`${key(original)}=${carried}`)}`;
}

/** Some browsers keep nothing, and throw. */
function stored<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
