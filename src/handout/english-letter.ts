/** What a letter looks like where nobody gives a template: samples/letters/en.html, which a test compares. */
export const ENGLISH_LETTER = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:" />
    <title>Your activation key</title>
    <style>
      @page { size: A4; margin: 25mm }
      body { max-width: 160mm; margin: 0 auto; font: 12pt/1.5 system-ui, sans-serif }
      section { padding-top: 10mm; break-after: page }
      section:last-of-type { break-after: auto }
      dt { margin-top: 5mm }
      dd { margin: 0; font-size: 14pt }
      dd.key { font: 18pt/1.6 ui-monospace, monospace; overflow-wrap: anywhere }
      svg { width: 40mm; height: 40mm }
    </style>
  </head>
  <body>
    <!-- letter -->
    <section>
      <h1>Your activation key</h1>
      <dl>
        <dt>User</dt>
        <dd>{{username}}</dd>
        <dt>Activation key</dt>
        <dd class="key">{{key}}</dd>
      </dl>
      {{qr}}
      <p>When the app asks for the activation key, type it as it stands here. Blanks are there for reading only.</p>
      <ul>
        <li>It is for you alone. Show it to nobody, whoever asks for it.</li>
        <li>Destroy this letter as soon as your token works.</li>
        <li>If somebody has opened this letter before you, report it at once, and do not use the key.</li>
      </ul>
    </section>
    <!-- /letter -->
  </body>
</html>
`;
