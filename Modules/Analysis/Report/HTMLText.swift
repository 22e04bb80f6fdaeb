/// Text from outside in a page.
enum HTMLText {
    /// Control characters, which HTML forbids, and those that reorder a line are shown as their numbers.
    static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\t": visible.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}"..."\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                visible += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: visible.unicodeScalars.append(scalar)
            }
        }
        return visible
    }

    /// For element content and quoted attributes; ``visible(_:)`` too.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in visible(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// JSON in a script element: no `<` may be left that could end the element or open a comment. In JSON it can only
    /// be in strings, where an escape means the same.
    static func scriptData(_ json: String) -> String {
        var text = ""
        for scalar in json.unicodeScalars {
            switch scalar {
            case "<": text += "\\u003c"
            case ">": text += "\\u003e"
            case "&": text += "\\u0026"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A program in a script element. Only in strings, templates, patterns and comments can it hold what would end the
    /// element, and there a backslash changes nothing.
    static func script(_ program: String) -> String {
        var text = ""
        text.reserveCapacity(program.utf8.count)
        var rest = Substring(program)
        while let place = rest.firstIndex(of: "<") {
            let next = rest.index(after: place)
            text += rest[...place]
            rest = rest[next...]
            let ahead = rest.prefix(7).lowercased()
            if ahead.hasPrefix("/script") || ahead.hasPrefix("!--") { text += "\\" }
        }
        return text + rest
    }

    /// An SVG document as the address of an image: what it holds cannot run, and its names cannot meet another's.
    static func imageAddress(svg: String) -> String {
        var address = "data:image/svg+xml;charset=utf-8,"
        for byte in svg.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "="),
                UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: " "):
                address.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                address += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
        return address
    }
}
