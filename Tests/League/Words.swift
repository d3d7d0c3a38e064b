import Driver
import Foundation

/// Figures as the tables show them.
enum Words {
  /// Two decimals, where targets lie; three digits above.
  static func number(_ value: Double) -> String {
    value < 9.995 ? Units.fixed(value, 2) : Units.number(value)
  }

  static func ratio(_ ratio: Double, _ interval: ClosedRange<Double>?) -> String {
    guard let interval else { return number(ratio) }
    return "\(number(ratio)) (\(number(interval.lowerBound))–\(number(interval.upperBound)))"
  }

  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  /// A Markdown table; numbers to the right but for the first columns.
  static func table(_ titles: [String], _ rows: [[String]], leftAligned: Int) -> [String] {
    func line(_ fields: [String]) -> String { "| " + fields.joined(separator: " | ") + " |" }
    let rule = titles.indices.map { $0 < leftAligned ? "---" : "---:" }
    return [line(titles), line(rule)] + rows.map(line)
  }
}
