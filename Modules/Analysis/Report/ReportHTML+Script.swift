extension ReportHTML {
    /// Sorts tables, and draws the plots where the bundle is there; redraws them when the system turns dark or light.
    static let script = #"""
        (function () {
          "use strict";
          function sort(header) {
            var table = header.closest("table"), body = table.tBodies[0], column = header.cellIndex;
            var isUp = header.getAttribute("aria-sort") !== "ascending";
            table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.setAttribute("aria-sort", "none"); });
            header.setAttribute("aria-sort", isUp ? "ascending" : "descending");
            var rows = Array.from(body.rows).map(function (row) {
              var cell = row.cells[column], key = cell.dataset.key;
              return { row: row, key: key === undefined ? cell.textContent : key === "" ? null : Number(key) };
            });
            rows.sort(function (a, b) {
              if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
              var order = typeof a.key === "number" ? a.key - b.key
                : a.key.localeCompare(b.key, "en", { numeric: true });
              return isUp ? order : -order;
            });
            rows.forEach(function (entry) { body.appendChild(entry.row); });
          }
          document.querySelectorAll("table.sortable th button").forEach(function (button) {
            button.addEventListener("click", function () { sort(button.closest("th")); });
          });

          if (!window.vegaEmbed) return;
          var plots = JSON.parse(document.getElementById("plots").textContent);
          var dark = window.matchMedia("(prefers-color-scheme: dark)");
          var ink = "#c9d1dc", faint = "#3a4352";
          var night = {
            title: { color: ink }, style: { "guide-label": { fill: ink }, "guide-title": { fill: ink } },
            axis: { domainColor: faint, gridColor: faint, tickColor: faint }, text: { color: ink },
            header: { labelColor: ink, titleColor: ink }
          };
          function draw(plot) {
            var figure = document.getElementById("plot-" + plot.name);
            if (!figure) return;
            var specification = JSON.parse(JSON.stringify(plot.specification));
            // The bundle's Vega-Lite is newer than the one that this names, which it would warn of.
            delete specification.$schema;
            if (dark.matches) specification.background = "transparent";
            var live = figure.querySelector(".live");
            function fail(error) {
              figure.classList.remove("is-live");
              live.textContent = "This plot could not be drawn: " + error.message;
            }
            window.vegaEmbed(live, specification, {
              mode: "vega-lite", renderer: "svg", config: dark.matches ? night : {}, downloadFileName: plot.name,
              actions: { export: true, source: false, compiled: false, editor: false }
            }).then(function () { figure.classList.add("is-live"); }, fail);
          }
          function drawAll() { plots.forEach(draw); }
          dark.addEventListener("change", drawAll);
          drawAll();
        })();
        """#
}
