/** Does `NO_PROXY` take this server out? As the HTTP client decides it: by name, or as a part of a named domain. */
export function isExempt(noProxy: string, host: string, port: number): boolean {
  if (noProxy.trim() === '*') return true;
  return noProxy.split(/[,\s]/).some((entry) => {
    const [, named, onPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    if (onPort !== undefined && Number(onPort) !== port) return false;
    const name = (named ?? entry).replace(/^\*?\./, '').toLowerCase();
    return name !== '' && `.${host.toLowerCase()}`.endsWith(`.${name}`);
  });
}
