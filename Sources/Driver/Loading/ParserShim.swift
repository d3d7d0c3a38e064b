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
    ParseResult(description: nil, diagnostics: [Diagnostic(message: "there is no parser yet")])
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
