"""The look of the operator page: plain CSS, light and dark, narrow and wide."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #f5f6f4; --sheet: #fff; --ink: #1d2420; --soft: #5b665f;
  --edge: #dbe0dc; --main: #2d7a46; --main-ink: #fff; --warn: #a33a2a; --wait: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ground: #151a17; --sheet: #1e2521; --ink: #e6ebe7;
  --soft: #9aa69e; --edge: #343d37; --main: #57b577; --main-ink: #0d1510; --warn: #ef8b7b; --wait: #e0b45c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
header, main { max-width: 1100px; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.25rem; } h1 { margin: 0; font-size: 1.4rem; }
h1 small { color: var(--soft); font-weight: 400; } h2 { margin: 0; font-size: 1.05rem; }
header p, .toolbar p, .who span, small, .none { color: var(--soft); } header p { margin: .2rem 0 1rem; }
main { padding-bottom: 3rem; } a { color: var(--main); }
code { font-size: .85em; overflow-wrap: anywhere; }
.row, .actions, .tabs, .head { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.toolbar { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between; align-items: center; }
.toolbar p { margin: 0; font-size: .9rem; } form { margin: 0; }
.tabs { margin: 1rem 0 .75rem; }
.tabs a { padding: .3rem .7rem; border: 1px solid var(--edge); border-radius: 999px; background: var(--sheet);
  color: var(--ink); text-decoration: none; font-size: .9rem; }
.tabs a[aria-current] { border-color: var(--main); color: var(--main); font-weight: 600; }
.search { margin-bottom: 1rem; } .search label { display: block; font-size: .85rem; color: var(--soft); }
.search input { flex: 1 1 14rem; max-width: 26rem; }
button, summary, input, select { font: inherit; min-height: 2.4rem; padding: .35rem .8rem; color: var(--ink);
  border: 1px solid var(--edge); border-radius: .4rem; background: var(--sheet); }
button, summary { cursor: pointer; } button:hover, summary:hover { border-color: var(--main); }
:focus-visible { outline: 2px solid var(--main); outline-offset: 2px; }
button.main { background: var(--main); border-color: var(--main); color: var(--main-ink); font-weight: 600; }
button.quiet { border-color: transparent; background: transparent; color: var(--warn); }
.card, .empty { background: var(--sheet); border: 1px solid var(--edge); border-radius: .6rem;
  padding: .9rem 1rem; margin-bottom: .75rem; }
.card { scroll-margin-top: 4.5rem; } .card:target { border-color: var(--main); } .empty { text-align: center; padding: 2.5rem 1rem; color: var(--soft); }
.badge { font-size: .8rem; padding: .1rem .6rem; border-radius: 999px; border: 1px solid currentColor; color: var(--soft); }
.badge.awaiting_shipment, .badge.awaiting_payment, .badge.on_hold { color: var(--wait); }
.badge.shipped { color: var(--main); } .badge.cancelled, .badge.rejected_fulfillment { color: var(--warn); }
.who { margin: .3rem 0; } .lines, .shipments { list-style: none; margin: .4rem 0; padding: 0; }
.shipments { border-top: 1px solid var(--edge); padding-top: .4rem; }
.shipments li { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: center; }
.actions { margin-top: .6rem; align-items: flex-start; } details[open] { flex-basis: 100%; }
summary { list-style: none; width: fit-content; } summary::-webkit-details-marker { display: none; }
summary::after { content: " \\25BE"; } details form { display: grid; gap: .6rem; padding: .75rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); align-items: end; }
details label { display: grid; font-size: .85rem; color: var(--soft); }
.notice { position: sticky; top: .5rem; z-index: 1; padding: .6rem 1rem; border-radius: .4rem; border-left: 4px solid var(--main); background: var(--sheet);
  box-shadow: 0 2px 8px rgb(0 0 0 / .2); }
.notice.refused { border-color: var(--warn); }
.pager { display: flex; gap: 1rem; justify-content: center; align-items: center; flex-wrap: wrap; }
.pager span { color: var(--soft); }
"""
