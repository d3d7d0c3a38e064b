public import Workload

/// Two sides held against each other: every verdict, with what it rests on.
public struct Comparison: Equatable, Sendable {
  /// Where a side comes from.
  public struct Side: Equatable, Sendable {
    /// As the user named it.
    public var label: String
    public var tool: ToolVersion
    /// ISO 8601, UTC.
    public var date: String

    public init(label: String, tool: ToolVersion, date: String) {
      self.label = label
      self.tool = tool
      self.date = date
    }
  }

  public var base: Side
  public var new: Side
  public var machine: Machine
  /// Whether blocks hold both sides; else each side's figures stand by themselves.
  public var isPaired: Bool
  public var thresholds: Thresholds
  public var workloads: [WorkloadComparison]
  /// What had to be overlooked: differences that `--force` let pass, damage of a file.
  public var warnings: [String]
  /// Tests that the correction of the p values counts.
  public var tests: Int

  /// All cells in order.
  public var cells: [CellComparison] { workloads.flatMap(\.cells) }

  public func count(_ verdict: Verdict) -> Int { cells.count { $0.verdict == verdict } }

  /// Whether any cell got an answer.
  public var decidesSomething: Bool { cells.contains { [.regressed, .improved, .same].contains($0.verdict) } }

  /// The largest of the changes that the undecided cells could have shown.
  public var smallestDetectable: Double? {
    cells.filter { $0.verdict == .inconclusive }.compactMap(\.detectable).max()
  }

  /// Blocks that would decide every undecided cell that any number can decide.
  public var blocksToDecide: Int? {
    cells.filter { $0.verdict == .inconclusive }.compactMap(\.blocksToDecide).max()
  }
}

/// One workload on both sides.
public struct WorkloadComparison: Equatable, Sendable {
  /// With its setting.
  public var name: String
  /// Worst first.
  public var cells: [CellComparison]
  /// NEW ÷ BASE of the harness's own time, where both sides have one: what the machine or the harness itself changed.
  public var control: RatioEstimate?
}

/// One quantity of one subject, or, without a quantity, a subject that could not be compared at all.
public struct CellComparison: Equatable, Sendable {
  public var workload: String
  public var subject: String
  public var quantity: Quantity?
  public var verdict: Verdict
  /// One clause for the person who asks why; empty where the figures say it all.
  public var reason = ""
  /// Medians of the blocks.
  public var base: Double?
  public var new: Double?
  public var baseBlocks = 0
  public var newBlocks = 0
  /// New ÷ base: above 1 is worse.
  public var estimate: RatioEstimate?
  /// Tolerated change as a share.
  public var threshold: Double?
  /// Adjusted p of "worse than the threshold" and of "better than it".
  public var worse: Double?
  public var better: Double?
  /// The smallest slow-down, as a share, that these blocks could have shown.
  public var detectable: Double?
  /// Blocks that would decide it by the spread seen so far.
  public var blocksToDecide: Int?
  /// Of the library, where there is one.
  public var baseVersion = ""
  public var newVersion = ""
  /// Who runs on a side, and how; nil where a side lacks it.
  public var baseWay: Way?
  public var newWay: Way?
  /// Whether it has no verdict for want of blocks, which measuring would cure.
  public var wantsBlocks = false

  /// A subject in the way it serves the workload.
  public struct Way: Equatable, Sendable {
    public var subject: Subject
    public var fit: Fit

    public init(subject: Subject, fit: Fit) {
      self.subject = subject
      self.fit = fit
    }
  }

  /// Whether more blocks, or a calmer machine, might decide it: what `--strict` asks for.
  public var isUndecided: Bool { verdict == .inconclusive || verdict == .noVerdict && wantsBlocks }

  public init(workload: String, subject: String, quantity: Quantity? = nil, verdict: Verdict, reason: String = "") {
    self.workload = workload
    self.subject = subject
    self.quantity = quantity
    self.verdict = verdict
    self.reason = reason
  }

  /// `jemalloc · p99 free`.
  public var name: String { quantity.map { "\(subject) · \($0.name)" } ?? subject }

  /// What was done to the time: `+3.1 %`; nil without an estimate.
  public var change: String? { estimate.map { Self.percent($0.ratio - 1) } }

  /// `+2.4 … +3.9 %`.
  public var interval: String? {
    estimate.map { estimate in
      let low = Self.percent(estimate.interval.lowerBound - 1).dropLast(2)
      return "\(low) … \(Self.percent(estimate.interval.upperBound - 1))"
    }
  }

  /// A share in percent with its sign: `+3.1 %`.
  static func percent(_ share: Double) -> String {
    let text = Units.fixed(share * 100, 1)
    return (text.hasPrefix("-") ? "−" + text.dropFirst() : text == "0.0" ? text : "+" + text) + " %"
  }

  /// One line without a table: `p99 free +12.3 % (+9.8 … +14.1 %), 120 ns → 135 ns`.
  public var sentence: String {
    var text = quantity?.name ?? "all figures"
    if let change, let interval { text += " \(change) (\(interval))" }
    if let quantity, let base, let new { text += ", \(quantity.text(base)) → \(quantity.text(new))" }
    return reason.isEmpty ? text : text + ": " + reason
  }
}
