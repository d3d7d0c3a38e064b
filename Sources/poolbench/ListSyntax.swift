import Driver
import Workload

/// How lists and amounts are written on the command line.
enum ListSyntax {
  /// Parts between commas that stand in no bracket: `glibc,jemalloc[MALLOC_CONF=narenas:1]`, `1,uniform(1, 5)`.
  static func split(_ text: String) -> [String] {
    var parts: [String] = [""]
    var depth = 0
    for character in text {
      if "[(".contains(character) { depth += 1 }
      if "])".contains(character) { depth -= 1 }
      if character == ",", depth <= 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.map { $0.trimmed }.filter { !$0.isEmpty }
  }

  /// A count with an optional decimal unit: `5000`, `200K`, `10M`, `1.5G`.
  static func count(_ text: String) -> UInt64? {
    scaled(text, ["K": 1e3, "M": 1e6, "G": 1e9])
  }

  /// Bytes with an optional binary unit: `512M`, `4G`.
  static func bytes(_ text: String) -> UInt64? {
    scaled(text, ["K": 0x1p10, "M": 0x1p20, "G": 0x1p30])
  }

  private static func scaled(_ text: String, _ units: [Character: Double]) -> UInt64? {
    var digits = text.replacing("_", with: "")
    var factor = 1.0
    if let last = digits.last, let unit = units[last] {
      factor = unit
      digits.removeLast()
    }
    if factor == 1 { return UInt64(digits) }
    guard let number = Double(digits), number >= 0 else { return nil }
    let value = number * factor
    return value == value.rounded() && value < 0x1p63 ? UInt64(value) : nil
  }

  /// The longest time that makes sense, eleven days: what waits for it counts in 32-bit milliseconds.
  static let longestSeconds = 1_000_000.0

  /// Seconds: `30`, `30s`, `2m`, `500ms`; nil beyond ``longestSeconds``.
  static func duration(_ text: String) -> Duration? {
    for (unit, seconds) in [("ms", 1e-3), ("s", 1), ("m", 60), ("", 1)] where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)), number > 0, number * seconds <= longestSeconds else {
        return nil
      }
      return .seconds(number * seconds)
    }
    return nil
  }
}

extension String {
  /// Without blanks at its ends.
  var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
