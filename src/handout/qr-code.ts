import encodeQR from 'qr';

/** Modules around it that stay free, as its standard asks for. */
const QUIET = 4;

/** A text, and nothing but it, as a QR code: an `<svg>` to stand in a page. */
export function toQrCode(text: string): string {
  const svg = encodeQR(text, 'svg', { border: QUIET, ecc: 'medium' });
  return svg.replace('<svg ', '<svg role="img" aria-label="QR" shape-rendering="crispEdges" ');
}
