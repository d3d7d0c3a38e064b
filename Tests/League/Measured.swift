public import Driver
import Foundation
import Workload

/// What a league has measured, as far as it has come: result files by the name of their group, and the lines of the
/// comparisons with programs in C and C++.
public struct Measured: Sendable {
  /// Of each group, such as `drop-in`, the workloads of its files in order of their names.
  public var groups: [String: [WorkloadResult]]
  public var compared: [ComparedLine]
  /// Of the files, in order of their names.
  public var heads: [ResultSet]
  /// What could not be read, or is not complete; a sentence each.
  public var faults: [String]

  public init(
    groups: [String: [WorkloadResult]] = [:], compared: [ComparedLine] = [], heads: [ResultSet] = [],
    faults: [String] = []
  ) {
    self.groups = groups
    self.compared = compared
    self.heads = heads
    self.faults = faults
  }

  /// Reads a folder: `GROUP.jsonl` and `GROUP.PART.jsonl` as `poolbench run --json` writes them, and `compared.tsv` as
  /// `scripts/compare-pools --tsv` does.
  public init(folder: String) {
    self.init()
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted { $0 < $1 }
    for name in names {
      let path = folder + "/" + name
      if name.hasSuffix(".jsonl") {
        do {
          let file = try ResultFile.read(path)
          let group = name.prefix { $0 != "." }
          groups[String(group), default: []] += file.results.workloads
          var head = file.results
          head.workloads = []
          heads.append(head)
          if let damage = file.damage { faults.append("\(name): \(damage)") }
          if !file.isComplete { faults.append("\(name) is not complete") }
        } catch {
          faults.append("\(error)")
        }
      } else if name.hasSuffix(".tsv"), let text = try? String(contentsOfFile: path, encoding: .utf8) {
        for line in text.split(whereSeparator: \.isNewline) {
          guard let line = ComparedLine(line) else {
            faults.append("\(name): '\(line)' is no line of a comparison")
            continue
          }
          compared.append(line)
        }
      }
    }
  }
}

/// A pool against a program in C or C++ that replays the same stream: a line of `scripts/compare-pools --tsv`.
public struct ComparedLine: Equatable, Sendable {
  public var workload: String
  public var subject: String
  public var comparator: String
  /// Time of the subject ÷ time of the comparator, and its 95 % interval.
  public var ratio: Double
  public var interval: ClosedRange<Double>
  public var pairs: Int

  public init(
    workload: String, subject: String, comparator: String, ratio: Double, interval: ClosedRange<Double>, pairs: Int
  ) {
    self.workload = workload
    self.subject = subject
    self.comparator = comparator
    self.ratio = ratio
    self.interval = interval
    self.pairs = pairs
  }

  /// - Returns: nil if it is not of the form `workload subject comparator ratio low high pairs`, by tabulators.
  public init?(_ line: some StringProtocol) {
    let fields = line.components(separatedBy: "\t")
    guard fields.count == 7, let ratio = Double(fields[3]), let low = Double(fields[4]), let high = Double(fields[5]),
      let pairs = Int(fields[6]), low <= high, ratio > 0
    else { return nil }
    self.init(
      workload: fields[0], subject: fields[1], comparator: fields[2], ratio: ratio, interval: low...high, pairs: pairs)
  }
}
