package import StatorCore

/// A settings value read from JSON.
package struct ReadSettings<Settings: StrategySettings> {
    /// Fields that were missing or refused have their defaults.
    package var settings: Settings
    /// The fields that JSON set.
    package var given: Set<String> = []
    /// Whether every field that JSON named was taken, so that ``StrategySettings/problems()`` means something.
    package var isSound = true
}

extension ProblemList {
    /// The members of an object, or `nil` where it is missing or, which is a problem, something else.
    package mutating func object(_ json: JSONValue?, at path: String) -> [JSONMember]? {
        switch json {
        case nil: return nil
        case .object(let members): return members
        case .some(let other):
            add(path, "found \(other.finding), expected an object")
            return nil
        }
    }

    /// Complains about members that are not known.
    package mutating func refuseUnknown(_ members: [JSONMember], known: [String], at path: String) {
        for member in members where !known.contains(member.name) {
            add(
                path.field(member.name), "unknown field, known here: \(known.joined(separator: ", "))",
                suggestion: NearestName.suggestion(for: member.name, among: known))
        }
    }

    /// Reads the fields of a settings type, strictly, reporting everything that is wrong with single fields.
    /// - Parameters:
    ///   - required: the fields that have no default.
    ///   - others: names that the object may have besides; someone else reads them.
    package mutating func settings<Settings: StrategySettings>(
        _ type: Settings.Type, from members: [JSONMember], at path: String, required: [String] = [],
        others: [String] = []
    ) -> ReadSettings<Settings> {
        var read = ReadSettings(settings: Settings())
        let fields = Settings.fields
        for field in fields {
            let place = path.field(field.name)
            guard let json = members[field.name] else {
                if required.contains(field.name) { add(place, "is missing, expected \(field.type.expectation)") }
                continue
            }
            do throws(FieldRefusal) {
                field.set(&read.settings, try field.type.value(of: json))
                read.given.insert(field.name)
            } catch {
                read.isSound = false
                add(place, error.message, suggestion: error.suggestion)
            }
        }
        refuseUnknown(members, known: others + fields.map(\.name), at: path)
        return read
    }
}

extension StrategySettings {
    /// Every field in its order, as JSON.
    package var jsonMembers: [JSONMember] {
        Self.fields.map { JSONMember($0.name, $0.get(self).json) }
    }
}
