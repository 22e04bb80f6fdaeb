/// The dashboard's page and its parts: plain HTML, CSS and JavaScript without a build step, in `Page/`, compiled in so
/// that a program is one file and the page works offline.
package struct DashboardFile: Sendable {
    package let name: String
    package let contentType: String
    package let bytes: [UInt8]

    /// - Parameter name: the part's; empty for the page.
    package static func named(_ name: String) -> DashboardFile? {
        all.first { $0.name == name }
    }

    private static let all =
        [
            DashboardFile(name: "", contentType: "text/html; charset=utf-8", bytes: PackageResources.dashboard_html),
            DashboardFile(
                name: "dashboard.css", contentType: "text/css; charset=utf-8", bytes: PackageResources.dashboard_css),
        ]
        + [
            ("charts", PackageResources.charts_js),
            ("dashboard", PackageResources.dashboard_js),
            ("dom", PackageResources.dom_js),
            ("explorer", PackageResources.explorer_js),
            ("members", PackageResources.members_js),
            ("model", PackageResources.model_js),
            ("panels", PackageResources.panels_js),
            ("ring", PackageResources.ring_js),
            ("story", PackageResources.story_js),
        ].map { (name: String, bytes: [UInt8]) in
            DashboardFile(name: "\(name).js", contentType: "text/javascript; charset=utf-8", bytes: bytes)
        }

    /// What goes with every part. The page may load nothing but its own parts and run no script that it holds itself:
    /// keys and values that look like markup stay text even where the page had a mistake. Nodes of the same cluster
    /// serve on ports of their own.
    package static let headers: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' http:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-cache"),
    ]
}
