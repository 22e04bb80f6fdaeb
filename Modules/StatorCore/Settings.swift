/// The settings of one strategy or one part of the node: a value with defaults, described field by field.
///
/// The description drives everything: strict decoding, range checks, `--check`, the JSON schema and the documentation.
public protocol StrategySettings: Sendable {
    /// All defaults.
    init()

    /// Every field that JSON may set. A field that is not listed is refused as unknown.
    static var fields: [SettingField<Self>] { get }

    /// What is wrong with the combination of fields, beyond each one's range: one sentence each, empty when fine.
    func problems() -> [SettingProblem]
}

extension StrategySettings {
    public func problems() -> [SettingProblem] { [] }
}

/// A complaint about one field, found when the fields are seen together.
public struct SettingProblem: Hashable, Sendable {
    public let field: String
    public let message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

/// Settings of a strategy that has nothing to set.
public struct NoSettings: StrategySettings, Equatable {
    public init() {}
    public static var fields: [SettingField<NoSettings>] { [] }
}

/// A value as JSON carries it.
public enum SettingValue: Hashable, Sendable {
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case text(String)
}

/// What a field accepts.
public enum SettingType: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case boolean
    case choice([String])
    case text(maximumLength: Int)
}

/// One field of a settings type: its JSON name, what it accepts, what it is for, and how it is read and written.
public struct SettingField<Root: Sendable>: Sendable {
    public let name: String
    public let type: SettingType
    public let help: String
    public let get: @Sendable (Root) -> SettingValue
    public let set: @Sendable (inout Root, SettingValue) -> Void

    /// - Parameter name: camel case; a unit, if any, at its end, as in `timeoutMilliseconds`.
    public static func integer(
        _ name: String, _ path: any WritableKeyPath<Root, Int> & Sendable, _ range: ClosedRange<Int>, _ help: String
    ) -> SettingField {
        SettingField(
            name: name, type: .integer(range), help: help, get: { .integer($0[keyPath: path]) },
            set: { root, value in
                guard case .integer(let integer) = value else { return }
                root[keyPath: path] = integer
            })
    }

    public static func number(
        _ name: String, _ path: any WritableKeyPath<Root, Double> & Sendable, _ range: ClosedRange<Double>,
        _ help: String
    ) -> SettingField {
        SettingField(
            name: name, type: .number(range), help: help, get: { .number($0[keyPath: path]) },
            set: { root, value in
                switch value {
                case .number(let number): root[keyPath: path] = number
                case .integer(let integer): root[keyPath: path] = Double(integer)
                default: break
                }
            })
    }

    public static func boolean(
        _ name: String, _ path: any WritableKeyPath<Root, Bool> & Sendable, _ help: String
    ) -> SettingField {
        SettingField(
            name: name, type: .boolean, help: help, get: { .boolean($0[keyPath: path]) },
            set: { root, value in
                guard case .boolean(let boolean) = value else { return }
                root[keyPath: path] = boolean
            })
    }

    public static func text(
        _ name: String, _ path: any WritableKeyPath<Root, String> & Sendable, maximumLength: Int, _ help: String
    ) -> SettingField {
        SettingField(
            name: name, type: .text(maximumLength: maximumLength), help: help, get: { .text($0[keyPath: path]) },
            set: { root, value in
                guard case .text(let text) = value else { return }
                root[keyPath: path] = text
            })
    }

    /// A field over a string enum: the cases are the choices.
    public static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Root, Choice> & Sendable, _ help: String
    ) -> SettingField where Choice.RawValue == String {
        SettingField(
            name: name, type: .choice(Choice.allCases.map(\.rawValue)), help: help,
            get: { .text($0[keyPath: path].rawValue) },
            set: { root, value in
                guard case .text(let text) = value, let choice = Choice(rawValue: text) else { return }
                root[keyPath: path] = choice
            })
    }

    /// A duration, in JSON a whole number of milliseconds; the name ends in `Milliseconds`.
    public static func milliseconds(
        _ name: String, _ path: any WritableKeyPath<Root, Duration> & Sendable, _ range: ClosedRange<Int>,
        _ help: String
    ) -> SettingField {
        precondition(name.hasSuffix("Milliseconds"), "a duration's JSON name carries its unit: \(name)")
        return SettingField(
            name: name, type: .integer(range), help: help,
            get: { .integer(Int($0[keyPath: path].nanoseconds / 1_000_000)) },
            set: { root, value in
                guard case .integer(let integer) = value else { return }
                root[keyPath: path] = .milliseconds(integer)
            })
    }

    /// A size, in JSON a whole number of bytes; the name ends in `Bytes`.
    public static func bytes(
        _ name: String, _ path: any WritableKeyPath<Root, ByteCount> & Sendable, _ range: ClosedRange<Int>,
        _ help: String
    ) -> SettingField {
        precondition(name.hasSuffix("Bytes"), "a size's JSON name carries its unit: \(name)")
        return SettingField(
            name: name, type: .integer(range), help: help, get: { .integer($0[keyPath: path].bytes) },
            set: { root, value in
                guard case .integer(let integer) = value else { return }
                root[keyPath: path] = ByteCount(integer)
            })
    }
}
