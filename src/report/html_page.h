#pragma once

// Looks and behaviour of the HTML page: in the page itself, so that it can be mailed and opened anywhere.

#include <string_view>

namespace foretime::report {

constexpr std::string_view kPageStyle = R"css(
:root{color-scheme:light dark;--bg:#fcfcfb;--fg:#1d2127;--dim:#6a7280;--line:#e2e4e8;--head:#f3f4f6;--bar:#bcd7f5;--hot:#1f6feb}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e4e7eb;--dim:#98a1ad;--line:#2b3138;--head:#1c2026;--bar:#234a75;--hot:#6cb0ff}}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main{max-width:1200px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:1.5rem;margin:0 0 12px;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:28px 0 8px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0 0 20px}
dt{color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow:auto;max-height:80vh;border:1px solid var(--line);border-radius:8px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:13.5px}
th,td{padding:5px 10px;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}
.n{text-align:right;font-variant-numeric:tabular-nums}
thead th{position:sticky;top:0;background:var(--head);padding:0;z-index:1}
tfoot td{position:sticky;bottom:0;background:var(--head);font-weight:600}
th button{all:unset;box-sizing:border-box;width:100%;padding:6px 10px;cursor:pointer;font-weight:600}
th button:focus-visible{outline:2px solid var(--hot);outline-offset:-2px}
th[aria-sort=ascending] button::after{content:" ▲";color:var(--hot)}
th[aria-sort=descending] button::after{content:" ▼";color:var(--hot)}
tbody tr:hover td{background:var(--head)}
.bar{position:relative;min-width:80px}
.bar i{position:absolute;left:0;top:4px;bottom:4px;background:var(--bar);border-radius:2px}
.bar span{position:relative}
svg{width:100%;max-width:820px;font-size:11px;fill:var(--dim)}
.curve{fill:none;stroke:var(--hot);stroke-width:1.8}
.point{fill:var(--hot);fill-opacity:.6}
.band{fill:var(--bar);opacity:.5}
p{margin:10px 0}
li{overflow-wrap:anywhere}
)css";

// A click sorts, a second one turns it round; rows without a number stay last.
constexpr std::string_view kPageScript = R"js(
for (const table of document.querySelectorAll('table')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, i) => head.firstChild.addEventListener('click', () => {
    const numeric = head.classList.contains('n');
    const first = numeric ? 'descending' : 'ascending';
    const now = head.getAttribute('aria-sort');
    const order = now === 'none' ? first : now === 'ascending' ? 'descending' : 'ascending';
    heads.forEach(other => other.setAttribute('aria-sort', 'none'));
    head.setAttribute('aria-sort', order);
    const sign = order === 'ascending' ? 1 : -1;
    const body = table.tBodies[0];
    const known = row => !numeric || row.cells[i].dataset.n !== undefined;
    const compare = (a, b) => known(a) !== known(b) ? (known(a) ? -1 : 1)
      : !known(a) ? 0
      : sign * (numeric ? row_number(a) - row_number(b)
                        : a.cells[i].textContent.localeCompare(b.cells[i].textContent, undefined, {numeric: true}));
    const row_number = row => Number(row.cells[i].dataset.n);
    body.append(...[...body.rows].sort(compare));
  }));
}
)js";

}  // namespace foretime::report
