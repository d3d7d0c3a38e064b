import Workload

/// One class of objects: how big, how long alive, how used, with bars.
struct ClassExplanation {
  private let objects: ObjectClass
  private let description: WorkloadDescription

  private static let bars = 12
  private static let barWidth = 24

  init(_ objects: ObjectClass, _ description: WorkloadDescription) {
    self.objects = objects
    self.description = description
  }

  func lines(width: Int, paint: Paint) -> [String] {
    var lines = [paint("objects \(objects.name)", .heading)]
    lines += wrap(use, width: max(16, width - 2)).map { "  " + paint($0, .faint) }
    if let table = try? objects.size.compiled(least: 1) {
      lines += distribution("size", table, width: width, paint: paint) { Units.shortBytes($0) }
    }
    switch objects.lifetime {
    case .drawn(let lifetime):
      if let table = try? lifetime.compiled(least: 0) {
        lines += distribution("lifetime, in allocations of the lane", table, width: width, paint: paint) {
          $0 < 1e6 ? Units.grouped($0) : Units.shortCount($0)
        }
      }
    case .forever: lines.append("  lifetime  until the end")
    case .scope(let scope):
      let name = description.scopes[scope].name
      let length = description.meanAllocations(inScope: scope).mean
      lines.append("  lifetime  with scope \(name), about \(Units.shortCount(length)) allocations long")
    case .fifo(let depth): lines.append("  lifetime  until \(depth) younger ones of the class (fifo)")
    case .lifo(let depth): lines.append("  lifetime  all at once when \(depth) are alive (lifo)")
    }
    return lines
  }

  /// Calls, touch, visits, resizes and who frees.
  private var use: String {
    let weights = objects.calls.reduce(0) { $0 + $1.weight }
    var facts = objects.calls.map { share -> String in
      let name: String =
        switch share.call {
        case .malloc: "malloc"
        case .calloc: "calloc"
        case .aligned(let bytes): "aligned(\(bytes))"
        }
      return objects.calls.count == 1 ? name : "\(name) \(percent(share.weight / weights))"
    }
    facts.append("touch \(objects.touch.rawValue)")
    if objects.access > 0 {
      facts.append("\(Units.short(objects.access)) visits an allocation, \(percent(objects.write)) writing")
    }
    if let resize = objects.resize {
      let times = resize.times == 1 ? "once" : "\(resize.times) times"
      facts.append("\(percent(resize.share)) resized \(times) by \(Units.short(resize.factor))")
    }
    if objects.freedByOther > 0 { facts.append("\(percent(objects.freedByOther)) freed by another lane") }
    return facts.joined(separator: " · ")
  }

  private func percent(_ share: Double) -> String {
    let value = share * 100
    return Units.fixed(value, value == value.rounded() ? 0 : 1) + " %"
  }

  private func distribution(
    _ title: String, _ table: InverseTable, width: Int, paint: Paint, unit: (Double) -> String
  ) -> [String] {
    if let only = table.constant { return ["  \(padded(title, to: 8))  always \(unit(Double(only)))"] }
    let points = [("least", 0.0), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("most", 1.0)]
    let percentiles = points.map { "\($0.0) \(unit(Double(table.percentile($0.1))))" }
    let facts = (["mean \(unit(table.mean))"] + percentiles).joined(separator: " · ")
    var lines = ["  \(title)"] + wrap(facts, width: max(16, width - 4)).map { "    " + $0 }

    let bars = table.bars(limit: Self.bars)
    let most = bars.map(\.share).max() ?? 0
    let labels = bars.map { bar in
      (bar.range.count == 1 ? "" : "≥ ") + unit(Double(bar.range.lowerBound))
    }
    let labelWidth = labels.map(\.count).max() ?? 0
    for (bar, label) in zip(bars, labels) where most > 0 {
      let blank = String(repeating: " ", count: labelWidth - label.count)
      lines.append(
        "    " + paint(blank + label, .faint) + "  "
          + padded(BarChart.bar(bar.share / most, width: Self.barWidth), to: Self.barWidth) + "  "
          + paint(leftPadded(Units.fixed(bar.share * 100, 1) + " %", to: 7), .faint))
    }
    return lines
  }
}

/// Horizontal bars of eighths of a character.
enum BarChart {
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// - Parameter share: 0...1 of `width` characters. What is not 0 shows at least as a hair.
  static func bar(_ share: Double, width: Int) -> String {
    var eighths = Int((max(0, min(1, share)) * Double(width * 8)).rounded())
    if share > 0, eighths == 0 { eighths = 1 }
    return String(repeating: "█", count: eighths / 8) + Self.eighths[eighths % 8]
  }
}

/// Blanks before a text, up to a width.
func leftPadded(_ text: String, to width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
