/** The style of the status page. A file of its own, so that the page needs no inline style. */
export const STATUS_STYLE = `:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f5f1, #16181b);
  --card: light-dark(#ffffff, #1f2226);
  --ink: light-dark(#22252a, #e8e6e1);
  --quiet: light-dark(#63676e, #9aa0a8);
  --line: light-dark(#e2dfd6, #32363c);
  --memory: light-dark(#2f7d5b, #5fc79a);
  --shared: light-dark(#b7791f, #e2b04f);
  --source: light-dark(#b4483a, #e0796a);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 60rem;
  padding: 2rem 1.25rem 4rem;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; }
header p { margin: 0.25rem 0 0; color: var(--quiet); }
a { color: inherit; }
section { margin-top: 1.75rem; }
section > h2 { margin: 0 0 0.5rem; font-size: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 0.75rem; }
.tiles div {
  padding: 0.9rem 1rem;
  border: 1px solid var(--line);
  border-radius: 0.6rem;
  background: var(--card);
}
.tiles h2 { margin: 0; color: var(--quiet); font-size: 0.85rem; font-weight: 500; }
.tiles strong { display: block; font-size: 1.6rem; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--quiet); font-size: 0.85rem; }
.bar { display: block; width: 100%; height: 1rem; border-radius: 0.5rem; background: var(--line); }
rect.memory { fill: var(--memory); }
rect.shared { fill: var(--shared); }
rect.source { fill: var(--source); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.5rem 0 0; padding: 0; list-style: none; }
.legend li::before {
  content: '';
  display: inline-block;
  width: 0.7rem;
  height: 0.7rem;
  margin-right: 0.4rem;
  border-radius: 0.2rem;
}
.legend .memory::before { background: var(--memory); }
.legend .shared::before { background: var(--shared); }
.legend .source::before { background: var(--source); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--line); text-align: right; }
thead th { color: var(--quiet); font-size: 0.85rem; font-weight: 500; }
th:first-child { padding-left: 0; text-align: left; font-weight: 500; }
th.words, td.words { text-align: left; }
td.buttons { white-space: nowrap; }
form { display: inline; }
button { margin-left: 0.3rem; font: inherit; font-size: 0.85rem; }
.warning { color: var(--source); }
`
