import Driver
import Foundation
import Workload

/// One ratio of a row: of which workload, and how well it is known.
public struct Cell: Equatable, Sendable {
  /// `larson, 2 threads`.
  public var name: String
  /// Whom the subject is held against.
  public var rival: String
  public var ratio: Double
  /// 95 % interval; of too few blocks their range. Nil where a single block, or no block, tells.
  public var interval: ClosedRange<Double>?
  /// Of the ratio, one a block; empty where it comes from elsewhere.
  public var logarithms: [Double]
  /// Why it is no verdict; nil if it is one.
  public var caveat: String?

  public init(
    name: String, rival: String, ratio: Double, interval: ClosedRange<Double>? = nil, logarithms: [Double] = [],
    caveat: String? = nil
  ) {
    self.name = name
    self.rival = rival
    self.ratio = ratio
    self.interval = interval
    self.logarithms = logarithms
    self.caveat = caveat
  }

  /// From a ratio's logarithms; nil without any.
  init?(name: String, rival: String, logarithms: [Double], caveat: String? = nil) {
    guard let median = Sample(logarithms)?.median else { return nil }
    let estimate = Bootstrap.ratio(paired: logarithms, seed: League.seed)
    self.init(
      name: name, rival: rival, ratio: exp(median), interval: estimate?.interval, logarithms: logarithms,
      caveat: caveat)
  }

  /// `1.21 (1.19–1.24)`.
  public var figures: String { Words.ratio(ratio, interval) }
}

extension WorkloadResult {
  /// Name and, where a row has several settings, lanes: `larson, 2 threads`.
  func title(withLanes: Bool) -> String {
    withLanes ? "\(name), \(lanes) \(lanes == 1 ? "thread" : "threads")" : name
  }

  /// How often the subject is as fast as another one: the other's time ÷ the subject's, one a block.
  func speedLogarithms(of subject: Subject, against other: Subject) -> [Double] {
    timeLogarithms(of: subject, against: other).map { -$0 }
  }

  /// Median time for an operation, in nanoseconds.
  func time(of subject: Subject) -> Double? {
    Sample(cell(subject)?.measured(.throughput).compactMap(\.grossNanoseconds) ?? [])?.median
  }

  /// Median of a figure of the memory pass, in bytes.
  func bytes(_ key: RecordKey, of subject: Subject) -> Double? {
    Sample(cell(subject)?.measured(.memory).compactMap { run in run.record?[key].flatMap { Double($0) } } ?? [])?.median
  }

  /// The subject's bytes ÷ another's, as logarithms, one a block in which both have some.
  func byteLogarithms(_ key: RecordKey, of subject: Subject, against other: Subject) -> [Double] {
    logarithms(.memory, of: subject, against: other) { run in run.record?[key].flatMap { Double($0) } }
  }

  /// A figure of the subject ÷ the same of another, as logarithms, one a block in which both are above 0.
  func logarithms(
    _ pass: Pass, of subject: Subject, against other: Subject, _ figure: (RunResult) -> Double?
  ) -> [Double] {
    guard let own = cell(subject), let base = cell(other) else { return [] }
    return own.measured(pass).compactMap { run in
      guard let twin = base.run(pass, repetition: run.repetition), let mine = figure(run), let theirs = figure(twin),
        mine > 0, theirs > 0
      else { return nil }
      return log(mine / theirs)
    }
  }

  /// Of those that have a figure, the one with the least.
  func least(_ subjects: [Subject], _ figure: (Subject) -> Double?) -> Subject? {
    subjects.filter { figure($0) != nil }.min { (figure($0) ?? .infinity) < (figure($1) ?? .infinity) }
  }
}
