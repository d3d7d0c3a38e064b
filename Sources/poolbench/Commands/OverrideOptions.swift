import ArgumentParser
import Workload

/// What the command line changes in a workload; several values of one make a sweep.
struct OverrideOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Lanes; a list such as 1,2,4,8 makes a scaling table.", valueName: "list"))
  var threads: String?

  @Option(help: ArgumentHelp("Allocations per lane over all phases, such as 200K or 10M.", valueName: "count"))
  var operations: String?

  // Takes what follows, whatever it is, so that `-1` is told as a number out of range and not as a missing value.
  @Option(
    name: .customLong("seed"), parsing: .unconditional,
    help: ArgumentHelp("Seed of every random stream.", valueName: "number"))
  var seedText: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Value of a parameter; a list such as n=1,10,100 makes a table over it.", valueName: "name=list")
  )
  var parameterTexts: [String] = []

  /// One combination of the values, and what tells it from the others.
  struct Combination {
    var overrides: WorkloadOverrides
    var setting: [Parameter]
  }

  mutating func validate() throws { _ = try combinations() }

  /// Every combination of the lists, the first one changing slowest.
  func combinations() throws -> [Combination] {
    var base = WorkloadOverrides(seed: try seed())
    if let operations {
      guard let count = ListSyntax.count(operations), count > 0 else {
        throw ValidationError("--operations takes a count such as 5000, 200K or 10M, not '\(operations)'")
      }
      base.operations = count
    }
    var combinations = [Combination(overrides: base, setting: [])]
    for text in parameterTexts {
      guard let equals = text.firstIndex(of: "=") else {
        throw ValidationError("--set takes NAME=VALUE or NAME=LIST, not '\(text)'")
      }
      let name = String(text[..<equals]).trimmed
      let values = ListSyntax.split(String(text[text.index(after: equals)...]))
      try Self.requireDistinct(values, of: "--set \(name)")
      if combinations[0].overrides.parameters.contains(where: { $0.name == name }) {
        throw ValidationError("--set \(name) is given twice; a list such as \(name)=1,10 makes a table over it")
      }
      if name.isEmpty || values.isEmpty { throw ValidationError("--set takes NAME=VALUE or NAME=LIST, not '\(text)'") }
      combinations = Self.product(combinations, values) { combination, value in
        combination.overrides.parameters.append(Parameter(name: name, value: value))
        if values.count > 1 { combination.setting.append(Parameter(name: name, value: value)) }
      }
    }
    if let threads {
      let values = ListSyntax.split(threads)
      for value in values where !(Int(value).map { (1...1024).contains($0) } ?? false) {
        throw ValidationError("--threads takes numbers from 1 to 1024 such as 1,2,4, not '\(value)'")
      }
      if values.isEmpty { throw ValidationError("--threads names no number") }
      try Self.requireDistinct(values.compactMap { Int($0) }, of: "--threads")
      combinations = Self.product(combinations, values) { combination, value in
        combination.overrides.threads = Int(value)
        if values.count > 1 { combination.setting.append(Parameter(name: "threads", value: value)) }
      }
    }
    return combinations
  }

  private func seed() throws -> UInt64? {
    guard let seedText else { return nil }
    guard let seed = UInt64(seedText) else {
      throw ValidationError("--seed takes a whole number from 0 to \(UInt64.max), not '\(seedText)'")
    }
    return seed
  }

  /// A value that stands twice in a list would make two columns that nothing tells apart.
  private static func requireDistinct<Value: Hashable>(_ values: [Value], of option: String) throws {
    var seen: Set<Value> = []
    for value in values where !seen.insert(value).inserted {
      throw ValidationError("\(option) lists \(value) twice")
    }
  }

  private static func product(
    _ combinations: [Combination], _ values: [String], apply: (inout Combination, String) -> Void
  ) -> [Combination] {
    combinations.flatMap { combination in
      values.map { value in
        var next = combination
        apply(&next, value)
        return next
      }
    }
  }
}
