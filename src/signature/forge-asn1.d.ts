/** What @types/node-forge does not know: this entry of the package, and the option that leaves bit strings alone. */
declare module 'node-forge/lib/asn1.js' {
  import type { asn1 as forge } from 'node-forge';

  const asn1: Pick<typeof forge, 'oidToDer' | 'toDer' | 'create'> & {
    derToOid(bytes: string): string;
    equals(one: forge.Asn1, other: forge.Asn1): boolean;
    create(tagClass: number, type: number, constructed: boolean, value: readonly forge.Asn1[] | string): forge.Asn1;
    fromDer(bytes: string, options: { decodeBitStrings: boolean }): forge.Asn1;
  };
  export default asn1;
}
