/// A JSON text with its overrides applied, ready to be read: the first step of every configuration.
package struct ConfigurationDocument {
    package private(set) var root: JSONValue
    /// The overrides that could be applied, to tell whose fault a problem is.
    package private(set) var applied: [AppliedOverride] = []
    /// What was wrong with the others.
    package private(set) var problems = ProblemList()

    /// - Parameter overrides: `PATH=VALUE` texts, applied in order.
    /// - Throws: ``ConfigurationError`` where the text is no JSON.
    package init(json: [UInt8], overrides: [String]) throws(ConfigurationError) {
        do throws(JSONSyntaxError) {
            root = try JSONParser.parse(json)
        } catch {
            let place = "line \(error.line), column \(error.column)"
            throw ConfigurationError([ConfigurationProblem(path: place, message: error.message)])
        }
        for text in overrides {
            do throws(FieldRefusal) {
                applied.append(try ConfigurationOverride(parsing: text).apply(to: &root))
            } catch {
                problems.add("--set", error.message)
            }
        }
    }
}
