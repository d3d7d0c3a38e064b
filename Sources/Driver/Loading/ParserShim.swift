// Stands in for the parser and the compiled distributions until they are merged; then this file goes.
import Workload

struct ParseResult {
  var description: WorkloadDescription?
  var diagnostics: [Diagnostic]
}

struct Diagnostic {
  var message: String
  func render(fileName: String) -> String { "\(fileName): error: \(message)" }
}

struct HistogramFileError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension WorkloadDescription {
  static func parse(
    _ bytes: [UInt8], fileName: String, overrides: WorkloadOverrides,
    loadHistogram: (String) -> Result<[UInt8], HistogramFileError>
  ) -> ParseResult {
    var values: [String: UInt64] = ["operations": 1000, "size": 64, "lifetime": 0, "threads": 1, "seed": 1]
    var diagnostics: [Diagnostic] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      if words.count == 3, values[String(words[0])] != nil, let value = UInt64(words[2]) {
        values[String(words[0])] = value
      } else {
        diagnostics.append(Diagnostic(message: "'\(line)' is not understood"))
      }
    }
    let threads = overrides.threads ?? Int(values["threads"] ?? 1)
    let objects = ObjectClass(
      name: "all", size: .fixed(values["size"] ?? 64), lifetime: .drawn(.fixed(values["lifetime"] ?? 0)))
    let phase = Phase(
      name: "main", operations: overrides.operations ?? values["operations"] ?? 1, threads: threads,
      mix: [ClassShare(classIndex: 0, weight: 1)])
    let description = WorkloadDescription(
      name: fileName.replacing(".txt", with: ""), seed: overrides.seed ?? values["seed"] ?? 1, threads: threads,
      classes: [objects], phases: [phase])
    return ParseResult(description: diagnostics.isEmpty ? description : nil, diagnostics: diagnostics)
  }
}

extension WorkloadDescription {
  var canonicalText: String { name }
}

extension Distribution {
  func compiled(least: UInt64) throws -> InverseTable {
    InverseTable(ends: [.max], lows: [onlyValue ?? 64], widths: [1])
  }
}

extension InverseTable {
  struct Bar {
    var range: ClosedRange<UInt64>
    var share: Double
  }

  var mean: Double { mean(upTo: .infinity) }
  func percentile(_ share: Double) -> UInt64 { lows[0] }
  func bars(limit: Int) -> [Bar] { [Bar(range: lows[0]...lows[0], share: 1)] }
}
