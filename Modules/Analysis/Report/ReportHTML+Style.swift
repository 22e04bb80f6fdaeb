extension ReportHTML {
    /// System fonts, light or dark as the reader's system is, and fit for paper.
    static let style = """
        :root { --ink: #1c2330; --soft: #5a6474; --ground: #fff; --raised: #f5f7fa; --line: #d9dee6; --link: #0058a3;
          --warn: #fff6e5; --warn-line: #e69f00; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e3e7ee; --soft: #9aa5b5; --ground: #14181f; --raised: #1d232d; --line: #343c49; --link: #7dbcff;
            --warn: #2b2415; --warn-line: #b98500; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1280px; padding: 24px; color: var(--ink); background: var(--ground);
          font: 15px/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
        h1 { font-size: 28px; line-height: 1.2; margin: 0 0 8px; }
        h2 { font-size: 21px; margin: 44px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--line); }
        h3 { font-size: 16px; margin: 24px 0 8px; }
        p, li { max-width: 82ch; }
        ul { padding-left: 22px; margin: 6px 0 14px; }
        li { margin: 3px 0; }
        a { color: var(--link); }
        nav a { margin-right: 14px; }
        .question { font-size: 17px; }
        .facts, .hint, figcaption { color: var(--soft); }
        code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.9em; }
        pre { overflow-x: auto; padding: 12px; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; }
        .warnings { margin-top: 24px; padding: 4px 18px; background: var(--warn); border-left: 4px solid var(--warn-line); }
        .warnings h3 { margin-top: 12px; }
        .wide { overflow-x: auto; max-width: 100%; }
        figure { margin: 28px 0; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        figcaption { max-width: 90ch; margin-top: 4px; }
        .picture { max-width: 100%; }
        .is-live .picture { display: none; }
        table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
        th, td { padding: 5px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        thead th { background: var(--raised); vertical-align: bottom; }
        .sortable td { white-space: nowrap; }
        #runs td:last-child { white-space: normal; min-width: 24ch; }
        .number { text-align: right; }
        td small { display: block; color: var(--soft); }
        table.facts { color: inherit; }
        th button { all: unset; cursor: pointer; font-weight: 600; }
        th button:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--link); }
        th[aria-sort=ascending] button::after { content: " \\2191"; }
        th[aria-sort=descending] button::after { content: " \\2193"; }
        tbody tr:hover { background: var(--raised); }
        summary { cursor: pointer; }
        @media print {
          :root { --ink: #000; --soft: #444; --ground: #fff; --raised: #fff; --line: #bbb; --warn: #fff; }
          body { max-width: none; padding: 0; font-size: 11px; }
          nav, .hint { display: none; }
          .wide { overflow: visible; }
          figure, tr, li { break-inside: avoid; }
          h2, h3 { break-after: avoid; }
          .is-live img.picture { display: block; }
          .is-live img.picture + .live { display: none; }
          table { font-size: 8px; }
        }
        """
}
