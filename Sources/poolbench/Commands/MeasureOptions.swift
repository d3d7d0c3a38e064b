import ArgumentParser
import Driver
import Workload

/// How a run measures.
struct MeasureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Repetitions of every pass (default: 5 throughput, 3 latency, 2 memory).", valueName: "n"))
  var repetitions: Int?

  @Option(help: ArgumentHelp("Passes, of throughput, latency and memory (default: all).", valueName: "list"))
  var passes: String?

  @Option(help: ArgumentHelp("The subject that ratios are taken against (default: glibc).", valueName: "subject"))
  var reference: String?

  @Flag(help: "Cells of about 50 ms, one repetition, no waits after the drain: a look, not a result.")
  var quick = false

  @Flag(help: "Leaves out subjects that serve a workload only by an adaptation.")
  var nativeOnly = false

  @Flag(help: "Also replays with every object filled and checked.")
  var verify = false

  @Flag(help: "No warm-up replay before the timed one.")
  var cold = false

  @Flag(name: .customLong("no-settle"), help: "No waits of 100 ms and 1 s after the drain.")
  var doesNotSettle = false

  @Option(
    help: ArgumentHelp("Longest time of one worker run, such as 30s or 2m (default: by estimate).", valueName: "time"))
  var timeout: String?

  @Option(
    help: ArgumentHelp(
      "Most resident memory of a worker, such as 4G (default: 80 % of what is free).", valueName: "size"))
  var memoryLimit: String?

  /// Share of the memory that can be had which a worker may take.
  static let memoryShare = 0.8

  mutating func validate() throws {
    if let repetitions, !(1...1000).contains(repetitions) {
      throw ValidationError("--repetitions takes a number from 1 to 1000, not \(repetitions)")
    }
    if let timeout, ListSyntax.duration(timeout) == nil {
      throw ValidationError("--timeout takes a time such as 30s or 2m, not '\(timeout)'")
    }
    if let memoryLimit, ListSyntax.bytes(memoryLimit) == nil {
      throw ValidationError("--memory-limit takes a size such as 512M or 4G, not '\(memoryLimit)'")
    }
    _ = try chosenPasses()
  }

  private func chosenPasses() throws -> [Pass] {
    var list: [Pass] = verify ? [.verification] : []
    guard let passes else { return list + [.throughput, .latency, .memory] }
    for name in ListSyntax.split(passes) {
      guard let pass = Pass(rawValue: name) else {
        let known = Pass.allCases.map(\.rawValue)
        let hint = nearest(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
        throw ValidationError("'\(name)' is not a pass\(hint) (known: \(known.joined(separator: ", ")))")
      }
      if !list.contains(pass) { list.append(pass) }
    }
    if list.isEmpty { throw ValidationError("--passes names no pass") }
    return list
  }

  /// - Throws: `ValidationError` if the reference is no subject.
  func plan(_ chosen: (subjects: [Subject], preloads: [String: String])) throws -> RunPlan {
    var subjects = chosen.subjects
    let base: Subject
    if let reference {
      base = try SubjectOptions.subject(reference, preloads: Array(chosen.preloads.keys))
      if !subjects.contains(base) { subjects.insert(base, at: 0) }
    } else {
      base = subjects.contains(Subject(.glibc)) ? Subject(.glibc) : subjects[0]
    }
    let limit = memoryLimit.flatMap(ListSyntax.bytes) ?? UInt64(Double(SystemMemory.available) * Self.memoryShare)
    return RunPlan(
      subjects: subjects, reference: base, passes: try chosenPasses(),
      blocks: BlockPolicy(count: repetitions ?? (quick ? 1 : nil)),
      nativeOnly: nativeOnly, isCold: cold, settles: !doesNotSettle && !quick,
      timeout: timeout.flatMap(ListSyntax.duration), memoryLimit: limit, preloads: chosen.preloads)
  }
}
