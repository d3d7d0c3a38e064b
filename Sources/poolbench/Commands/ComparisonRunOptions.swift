import ArgumentParser
import Driver
import Workload

/// How `compare --run` measures.
struct ComparisonRunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Blocks of every pass (default: as many as it takes).", valueName: "n"))
  var blocks: Int?

  @Option(help: ArgumentHelp("Time after which no block is begun, such as 5m.", valueName: "time"))
  var budget: String?

  @Option(
    help: ArgumentHelp("Passes, of throughput, latency and memory (default: all that are judged).", valueName: "list"))
  var passes: String?

  @Option(help: ArgumentHelp("Seeds that the blocks go through in turn (default: 1).", valueName: "n"))
  var seeds: Int?

  @Option(
    help: ArgumentHelp("Also writes every run there, for 'poolbench compare --between base,head'.", valueName: "file"))
  var json: String?

  /// The options that were given.
  var used: String {
    [
      (blocks != nil, "--blocks"), (budget != nil, "--budget"), (passes != nil, "--passes"), (seeds != nil, "--seeds"),
      (json != nil, "--json"),
    ].filter(\.0).map(\.1).joined(separator: ", ")
  }

  var isUsed: Bool { !used.isEmpty }

  mutating func validate() throws {
    for (name, number) in [("--blocks", blocks), ("--seeds", seeds)] {
      if let number, !(1...1000).contains(number) {
        throw ValidationError("\(name) takes a number from 1 to 1000, not \(number)")
      }
    }
    if let budget, ListSyntax.duration(budget) == nil {
      throw ValidationError("--budget takes a time such as 30s or 5m, not '\(budget)'")
    }
    if json == "" || json == "-" { throw ValidationError("--json takes a file's name here") }
    _ = try chosenPasses(Thresholds())
  }

  /// The passes that a judged metric comes from, or those that are named.
  func chosenPasses(_ thresholds: Thresholds) throws -> [Pass] {
    let needed = Set(thresholds.quantities.map(\.metric.pass))
    guard let passes else { return [Pass.throughput, .latency, .memory].filter(needed.contains) }
    var list: [Pass] = []
    for name in ListSyntax.split(passes) {
      guard let pass = Pass(rawValue: name), pass != .verification else {
        throw ValidationError("'\(name)' is not a pass to compare (known: throughput, latency, memory)")
      }
      if !list.contains(pass) { list.append(pass) }
    }
    if list.isEmpty { throw ValidationError("--passes names no pass") }
    return list
  }
}
