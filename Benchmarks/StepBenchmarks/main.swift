#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// One piece of work, so many times: `step-benchmarks NAME COUNT`. Everything is made before and by the count alone, so that
// the difference between two counts is the cost of the steps between: in instructions under callgrind, or in
// allocations. `scripts/step-costs` takes both and compares them with Benchmarks/step-budgets.json.

let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[2]), count > 0, let step = Steps.all[arguments[1]] else {
    print(Steps.all.keys.sorted().joined(separator: "\n"))
    exit(arguments.count == 1 ? 0 : 64)
}
step(count)
