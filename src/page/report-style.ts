/** Contrasts are those of WCAG AA on both grounds: text 4.5 to 1, what is drawn 3 to 1. Print is always light. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f23;--soft:#57606a;--line:#b6bec6;--box:#f3f5f7;--link:#0b57b0;--no:#2a7a33;--yes:#a35c00;--fix:#b3261e;--bar:#3564a8}
@media (prefers-color-scheme:dark){:root{--ground:#14181c;--text:#e6e9ec;--soft:#a9b3bd;--line:#55606b;--box:#1f252b;--link:#8bbcff;--no:#7fc98a;--yes:#f2b45c;--fix:#f2958f;--bar:#8db4ec}}
@media print{:root{color-scheme:light;--ground:#fff;--text:#000;--soft:#444;--line:#999;--box:#fff;--link:#000;--no:#2a7a33;--yes:#a35c00;--fix:#b3261e;--bar:#3564a8}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--text);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
body{margin:0 auto;max-width:62rem;padding:1rem 1.25rem 4rem;overflow-wrap:break-word}
a{color:var(--link)}
h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.3rem;margin:2.5rem 0 .5rem;border-bottom:2px solid var(--line);padding-bottom:.2rem}
h3{font-size:1.05rem;margin:1.5rem 0 .4rem}
.skip{position:absolute;left:-999rem}
.skip:focus{position:static}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.headline{font-size:1.25rem;font-weight:600;margin:.75rem 0}
.soft{color:var(--soft)}
nav ul,.names,.legend{list-style:none;padding:0;margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem}
.names li{overflow-wrap:anywhere}
.legend svg{vertical-align:-2px}
.box{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;margin:1rem 0}
pre{background:var(--box);border:1px solid var(--line);border-left:4px solid var(--link);border-radius:4px;padding:.6rem .8rem;margin:.4rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:.9em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.93rem}
caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line)}
thead th.text,thead th.name,thead th{border-bottom:2px solid var(--line);overflow-wrap:normal}
tbody th{font-weight:600}
th.count,td.count{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
table.small{width:auto}
th.words,td.words{white-space:nowrap}
th.name,td.name{overflow-wrap:anywhere;min-width:11rem}
th.text,td.text{overflow-wrap:anywhere;min-width:9rem}
code span{display:inline-block;max-width:100%}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.25rem 1.25rem}
dd{margin:0;overflow-wrap:anywhere}
svg.picture{display:block;width:100%;height:auto;margin:.5rem 0}
svg.defs{position:absolute}
svg text{fill:var(--text);font:13px system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
svg .end{text-anchor:end}
svg .middle{text-anchor:middle}
svg .no{fill:var(--no)}
svg .yes{fill:var(--yes)}
svg .fix{fill:var(--fix)}
svg .over{stroke:var(--ground);stroke-width:1.6;fill:none}
svg .bar{fill:var(--bar)}
svg .axis{stroke:var(--soft);fill:none}
svg .grid{stroke:var(--line);stroke-dasharray:2 4;fill:none}
@page{size:A4;margin:14mm}
@media print{html{font-size:9.5pt;line-height:1.35}h2{margin-top:1.4rem}th,td{padding-top:.15rem;padding-bottom:.15rem}td.text{min-width:5rem}td.name,tbody th.name{min-width:8.5rem}caption,thead{break-after:avoid}body{max-width:none;padding:0}nav,.skip{display:none}.scroll{overflow:visible}h2,h3{break-after:avoid}tr,svg.picture,pre,.box{break-inside:avoid}thead{display:table-header-group}a{text-decoration:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
