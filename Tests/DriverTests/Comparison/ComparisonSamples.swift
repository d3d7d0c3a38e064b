import Workload

@testable import Driver

/// Files and answers that tests of comparisons are made of.
enum ComparisonSamples {
  static let subject = Subject(.threadCache)

  /// One cell with a throughput run for each value, in nanoseconds an operation.
  static func cell(
    of subject: Subject = subject, _ values: [Double], turns: Bool = false, seeds: [UInt64] = []
  ) -> CellResult {
    var cell = CellResult(subject: subject, fit: .native, version: "poolbench 0.1.0")
    for (index, value) in values.enumerated() {
      var record = RunRecord()
      record.add(.ops, 1_000_000)
      record.add(.wallNanoseconds, Int((value * 1e6).rounded()))
      record.add(.streamDigest, Samples.digest)
      cell.runs.append(
        RunResult(
          pass: .throughput, repetition: index + 1, seed: seeds.isEmpty ? 7 : seeds[index], tookTurns: turns,
          status: .ok, record: record))
    }
    return cell
  }

  /// One cell with as many runs of a pass as costs, each of ``Samples/record(_:_:cost:repetition:)``.
  static func cell(of subject: Subject = subject, _ pass: Pass, costs: [Double]) -> CellResult {
    var cell = CellResult(subject: subject, fit: .native)
    for (index, cost) in costs.enumerated() {
      cell.runs.append(
        RunResult(
          pass: pass, repetition: index + 1, seed: 7, status: .ok, record: Samples.record(subject, pass, cost: cost)))
    }
    return cell
  }

  static func failed(_ subject: Subject = subject) -> CellResult {
    var cell = CellResult(subject: subject, fit: .native)
    let status = RunStatus(.crashed, detail: "SIGSEGV")
    cell.runs = [RunResult(pass: .throughput, repetition: 1, status: status)]
    return cell
  }

  static func skipped(_ subject: Subject = subject) -> CellResult {
    CellResult(subject: subject, fit: .skipped("it cannot"))
  }

  static func file(_ label: String, _ cells: [CellResult], name: String = "churn") -> ComparedFile {
    var workload = WorkloadResult(
      name: name, summary: nil, text: "size = 64\n", overrides: WorkloadOverrides(), setting: [], lanes: 1, seed: 7,
      cells: cells)
    workload.streamDigests = [7: Samples.digest]
    let results = ResultSet(
      machine: Samples.machine, tool: ToolVersion(version: "0.1.0", commit: "0123456789"),
      date: "2026-01-02T03:04:05Z", arguments: ["run", "churn.txt"], workloads: [workload])
    let subjects = cells.map(\.subject)
    return ComparedFile(
      label: label, results: results, plan: RunPlan(subjects: subjects, reference: subjects.first ?? subject))
  }

  static func estimate(
    _ ratio: Double, _ interval: ClosedRange<Double>, blocks: Int = 10, error: Double = 0.01
  ) -> RatioEstimate {
    RatioEstimate(
      ratio: ratio, interval: interval, wideInterval: interval, standardError: error, blocks: blocks, outliers: 0)
  }

  /// Statistics that always say the same, whatever they are asked; p values are corrected by `adjusted`.
  static func saying(
    _ estimate: RatioEstimate, p: Double = 0.001, adjusted: @escaping @Sendable ([Double]) -> [Double] = { $0 }
  ) -> Inference {
    Inference(
      paired: { _, _ in estimate }, unpaired: { _, _, _ in estimate }, signedRank: { _ in p },
      mannWhitney: { _, _ in p },
      adjusted: adjusted)
  }

  /// What becomes of one cell of ten blocks a side.
  static func verdict(_ inference: Inference, _ thresholds: Thresholds = Thresholds()) throws -> CellComparison {
    let values = [Double](repeating: 10, count: 10)
    var comparer = Comparer(thresholds: thresholds)
    comparer.inference = inference
    let comparison = try comparer.compare(file("old.json", [cell(values)]), file("new.json", [cell(values)]))
    return comparison.cells[0]
  }

  /// Values about `center` that wander by `spread`, the same at every call.
  static func noisy(_ center: Double, spread: Double, count: Int, seed: UInt64 = 1) -> [Double] {
    var random = SplitMix64(state: seed)
    return (0..<count).map { _ in center * (1 + spread * (Double(random.next() >> 11) * 0x1p-53 * 2 - 1)) }
  }
}
