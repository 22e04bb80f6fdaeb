import Foundation

/// What a check found, at a place that an editor can open.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// A Swift file, its code and its comments told apart.
struct SourceFile {
    /// Relative to the repository's root.
    let path: String
    /// The lines as they are.
    let lines: [String]
    /// The lines with comments and the text of string literals blanked; code within interpolations stays.
    let code: [String]
    /// What each line says in comments.
    let comments: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
        var separator = CodeSeparator()
        separator.read(text)
        code = String(separator.code).components(separatedBy: "\n")
        comments = String(separator.comments).components(separatedBy: "\n")
    }

    /// The module or test target whose folder holds the file: the second part of its path.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    func violation(_ index: Int, _ message: String) -> Violation {
        Violation(path: path, line: index + 1, message: message)
    }
}

/// Splits Swift into code and comments, position by position: each character goes to one, a blank to the other.
private struct CodeSeparator {
    private enum Context: Equatable {
        case code(openParentheses: Int)
        case string(quotes: Int, hashes: Int)
    }

    private(set) var code: [Character] = []
    private(set) var comments: [Character] = []
    private var text: [Character] = []
    private var position = 0
    private var contexts: [Context] = [.code(openParentheses: 0)]

    mutating func read(_ source: String) {
        text = Array(source)
        while position < text.count {
            switch contexts[contexts.count - 1] {
            case .code(let open): readCode(open)
            case .string(let quotes, let hashes): readString(quotes, hashes)
            }
        }
    }

    private func starts(_ prefix: String, at offset: Int = 0) -> Bool {
        var index = position + offset
        for character in prefix {
            if index >= text.count || text[index] != character { return false }
            index += 1
        }
        return true
    }

    private mutating func take(_ count: Int, asCode: Bool, asComment: Bool = false) {
        for character in text[position..<min(text.count, position + count)] {
            let blank: Character = character == "\n" ? "\n" : " "
            code.append(asCode ? character : blank)
            comments.append(asComment ? character : blank)
        }
        position = min(text.count, position + count)
    }

    private mutating func readCode(_ open: Int) {
        if starts("//") {
            let end = text[position...].firstIndex(of: "\n") ?? text.count
            return take(end - position, asCode: false, asComment: true)
        }
        if starts("/*") { return readBlockComment() }
        let hashes = text[position...].prefix { $0 == "#" }.count
        if starts("\"", at: hashes) {
            let quotes = starts("\"\"\"", at: hashes) ? 3 : 1
            contexts.append(.string(quotes: quotes, hashes: hashes))
            return take(hashes + quotes, asCode: true)
        }
        if contexts.count > 1, text[position] == "(" {
            contexts[contexts.count - 1] = .code(openParentheses: open + 1)
        } else if contexts.count > 1, text[position] == ")" {
            if open == 1 {
                contexts.removeLast()
            } else {
                contexts[contexts.count - 1] = .code(openParentheses: open - 1)
            }
        }
        take(1, asCode: true)
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") { depth += 1 } else if starts("*/") { depth -= 1 }
            take(starts("/*") || starts("*/") ? 2 : 1, asCode: false, asComment: true)
        } while depth > 0 && position < text.count
    }

    private mutating func readString(_ quotes: Int, _ hashes: Int) {
        let escape = "\\" + String(repeating: "#", count: hashes)
        let end = String(repeating: "\"", count: quotes) + String(repeating: "#", count: hashes)
        if starts(end) {
            contexts.removeLast()
            return take(end.count, asCode: true)
        }
        if starts(escape + "(") {
            contexts.append(.code(openParentheses: 1))
            take(escape.count, asCode: false)
            return take(1, asCode: true)
        }
        if starts(escape) { return take(escape.count + 1, asCode: false) }
        // A one-line literal that is not closed is a regular expression's quote or our mistake: it ends with its line.
        if quotes == 1, text[position] == "\n" { contexts.removeLast() }
        take(1, asCode: false)
    }
}
