import ArgumentParser
import Driver
import Workload

/// How a run measures.
struct MeasureOptions: ParsableArguments {
  @Option(
    name: [.customLong("blocks"), .customLong("repetitions")],
    help: ArgumentHelp(
      """
      Exactly so many blocks of every pass, each a run of every subject (default: 3 for latency, 2 for memory, 10 for \
      throughput and up to 40 until its ratios are known to 2 %).
      """, valueName: "n"))
  var blocks: Int?

  @Option(
    help: ArgumentHelp(
      "Time of the whole command after which no block is begun, such as 5m (default: none, but a minute for each "
        + "workload's blocks beyond ten).", valueName: "time"))
  var budget: String?

  @Option(
    help: ArgumentHelp(
      "Seeds that the blocks go through in turn, from the workload's own upwards (default: 1).", valueName: "n"))
  var seeds: Int?

  @Flag(
    name: .customLong("whole-runs"),
    help: "One worker after the other, where those of one lane take turns slice by slice.")
  var runsWhole = false

  @Option(
    help: ArgumentHelp(
      """
      Processors that lanes are pinned to, such as 0,2-3, or auto for all; turns are taken on the last one (default: \
      turns on this program's last processor, other lanes free).
      """, valueName: "list"))
  var pin: String?

  @Option(help: ArgumentHelp("Passes, of throughput, latency and memory (default: all).", valueName: "list"))
  var passes: String?

  @Option(help: ArgumentHelp("The subject that ratios are taken against (default: glibc).", valueName: "subject"))
  var reference: String?

  @Flag(help: "Cells of about 50 ms, one block, no turns, no waits after the drain: a look, not a result.")
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
    for (name, number) in [("--blocks", blocks), ("--seeds", seeds)] {
      if let number, !(1...1000).contains(number) {
        throw ValidationError("\(name) takes a number from 1 to 1000, not \(number)")
      }
    }
    if let budget, ListSyntax.duration(budget) == nil {
      throw ValidationError("--budget takes a time such as 90s or 5m, up to a million seconds, not '\(budget)'")
    }
    _ = try processors()
    if let timeout, ListSyntax.duration(timeout) == nil {
      throw ValidationError("--timeout takes a time such as 30s or 2m, up to a million seconds, not '\(timeout)'")
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

  /// The processors of `--pin`, in the order given; none without it.
  private func processors() throws -> [Int] {
    guard let pin else { return [] }
    let own = ProcessorSet.own?.processors ?? []
    if pin == "auto" { return own }
    guard let asked = ProcessorSet(list: pin)?.processors else {
      throw ValidationError("--pin takes processors such as 0,2-3, or auto, not '\(pin)'")
    }
    if let absent = asked.first(where: { !own.contains($0) }) {
      let list = own.map(String.init).joined(separator: ", ")
      throw ValidationError("--pin: processor \(absent) is not one that may be used here (\(list))")
    }
    return asked
  }

  /// - Throws: `ValidationError` if the reference is no subject.
  func plan(_ chosen: SubjectOptions.Chosen) throws -> RunPlan {
    var subjects = chosen.subjects
    let base: Subject
    if let reference {
      base = try SubjectOptions.subject(
        reference, preloads: Array(chosen.preloads.keys), builds: Array(chosen.builds.keys))
      if !subjects.contains(base) { subjects.insert(base, at: 0) }
    } else {
      base = subjects.contains(Subject(.glibc)) ? Subject(.glibc) : subjects[0]
    }
    let limit = memoryLimit.flatMap(ListSyntax.bytes) ?? UInt64(Double(SystemMemory.available) * Self.memoryShare)
    return RunPlan(
      subjects: subjects, reference: base, passes: try chosenPasses(),
      blocks: BlockPolicy(count: blocks ?? (quick ? 1 : nil), budget: budget.flatMap(ListSyntax.duration)),
      seeds: seeds ?? 1, takesTurns: !runsWhole && !quick, processors: try processors(), nativeOnly: nativeOnly,
      isCold: cold, settles: !doesNotSettle && !quick, timeout: timeout.flatMap(ListSyntax.duration),
      memoryLimit: limit, preloads: chosen.preloads, builds: chosen.builds)
  }
}
